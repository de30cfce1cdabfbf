"""Curves as documents and sheets: the dial in rows, the arms in columns.

**json**: ``{"format": 1, "curves": [...]}``, each with the fields of `Curve`. **csv**: one line per
point with the columns of `CSV_COLUMNS`, runs separated by spaces. **md**: the sheets that the
terminal shows. In json and csv numbers are in the metric's own unit, not ×100.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict

from hybench.comparison.curve_lines import dial_text
from hybench.comparison.curves import Curve, Point
from hybench.comparison.units import MetricStyle, metric_style
from hybench.errors import UsageError
from hybench.wording.text_table import NOT_RUN, Entry, Line, Sheet, sheet_markdown

JSON_FORMAT = 1

CSV_COLUMNS = (
    "dataset", "split", "setting", "metric", "languages", "dial", "arm", "x", "value", "low",
    "high", "seeds", "runs",
)  # fmt: skip
"""``languages`` is the label of the picture, ``x`` the value of the dial."""


def curve_sheets(curves: Sequence[Curve]) -> tuple[Sheet, ...]:
    """A sheet per picture; how to read them, and notes, follow the last."""
    notes = tuple(dict.fromkeys(note for curve in curves for note in curve.notes))
    return tuple(
        _sheet(curve, notes if at == len(curves) - 1 else None) for at, curve in enumerate(curves)
    )


def _sheet(curve: Curve, notes: tuple[str, ...] | None) -> Sheet:
    style = metric_style(curve.metric)
    points = {(line.arm, point.x): point for line in curve.lines for point in line.points}
    lines = [
        Line(
            (
                Entry(dial_text(curve.field, x)),
                *(_entry(points.get((line.arm, x)), style) for line in curve.lines),
            )
        )
        for x in sorted({x for _, x in points})
    ]
    factor = f" ×{style.factor:g}" if style.factor != 1 else ""
    title = (
        f"{curve.dataset} ({curve.split}) · {curve.setting} · {curve.metric}{factor} · "
        f"{curve.label} by {curve.field}"
    )
    caption = ""
    if notes is not None:
        lower = "Lower is better. " if style.lower_is_better else ""
        caption = f"{lower}In brackets the 95 % interval, over source queries and seeds."
    header = (curve.field, *(line.arm for line in curve.lines))
    return Sheet(title, header, 1, tuple(lines), caption, notes or ())


def _entry(point: Point | None, style: MetricStyle) -> Entry:
    if point is None:
        return Entry(NOT_RUN, "quiet")
    return Entry(f"{style.text(point.value)} [{style.text(point.low)}, {style.text(point.high)}]")


def _json(curves: Sequence[Curve]) -> str:
    value = {"format": JSON_FORMAT, "curves": [asdict(curve) for curve in curves]}
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _csv(curves: Sequence[Curve]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for curve in curves:
        place = (curve.dataset, curve.split, curve.setting, curve.metric, curve.label, curve.field)
        writer.writerows(
            (*place, line.arm, each.x, each.value, each.low, each.high, each.seeds,
             " ".join(each.runs))
            for line in curve.lines
            for each in line.points
        )  # fmt: skip
    return text.getvalue()


def _markdown(curves: Sequence[Curve]) -> str:
    return "\n".join(sheet_markdown(sheet) for sheet in curve_sheets(curves))


CURVE_FORMATS: dict[str, Callable[[Sequence[Curve]], str]] = {
    "json": _json,
    "md": _markdown,
    "csv": _csv,
}
"""The formats of curves."""


def render_curves(curves: Sequence[Curve], name: str) -> str:
    """The curves in the format `name`.

    Raises:
        UsageError: there is no such format.
    """
    if name not in CURVE_FORMATS:
        formats = " ".join(CURVE_FORMATS)
        raise UsageError(
            f"There are no curves in the format {name!r}.",
            f"With --curve choose --format: table {formats} html.",
        )
    return CURVE_FORMATS[name](curves)
