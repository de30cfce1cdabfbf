"""Heat maps of query language by passage language, as tables whose cells carry their numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hybench.comparison.model import Comparison
from hybench.comparison.scores import read_results
from hybench.comparison.units import MetricStyle, metric_style
from hybench.evaluation.heat_maps import FloatArray, HeatMap, heat_map
from hybench.evaluation.results import ResultsInfo
from hybench.report.provenance import ArmFacts
from hybench.report.view import minus
from hybench.runs.run import Run, list_results

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

STEPS = 21
"""Number of colours of a scale; odd, so that a difference of zero has the middle one."""

_CONTRAST_INK = ("#000000", "#ffffff")


@dataclass(frozen=True)
class Square:
    """One cell of a heat map: its text and the number of its colour, None if it is empty."""

    text: str
    step: int | None


@dataclass(frozen=True)
class DrawnMap:
    """One arm's map, ready to draw.

    Attributes:
        title: of the map.
        caption: its scale, its runs, and why cells are empty.
        languages: of the passages, by column.
        rows: query language and its cells.
        scale: ``sequential`` or ``diverging``.
    """

    title: str
    caption: str
    languages: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Square, ...]], ...]
    scale: str


@dataclass(frozen=True)
class MapPair:
    """An arm's map, and its difference to the baseline's; None for the baseline itself."""

    arm: DrawnMap
    difference: DrawnMap | None


def map_pairs(comparison: Comparison, arms: Sequence[ArmFacts]) -> tuple[MapPair, ...]:
    """The maps of a cross-lingual comparison, with the monolingual scores on the diagonal.

    Args:
        comparison: any; those of other settings have no maps.
        arms: the arms of the report, its own among them.

    Raises:
        DataError: a results file is not in hybench's form.
    """
    if comparison.setting != "cross":
        return ()
    by_column = {(arm.label, _names(arm)): arm for arm in arms}
    chosen = [by_column[column.label, column.runs] for column in comparison.columns]
    found = [_heat_map(arm, comparison) for arm in chosen]
    known = [each for each in found if not each.is_empty]
    if not known:
        return ()
    style = metric_style(comparison.metric)
    base = None if comparison.baseline is None else found[comparison.baseline]
    against = comparison.columns[comparison.baseline or 0].label
    low = min(float(np.nanmin(each.values)) for each in known)
    high = max(float(np.nanmax(each.values)) for each in known)
    gaps = [None if base is None or each is base else each.minus(base, against) for each in found]
    changes = [None if gap is None or gap.is_empty else gap for gap in gaps]
    reach = max(
        (float(np.nanmax(np.abs(gap.values))) for gap in changes if gap is not None), default=0
    )
    pairs = []
    for arm, shown, change in zip(chosen, found, changes, strict=True):
        if not shown.is_empty:
            drawn = _sequential(arm, shown, (low, high), comparison.metric)
            gap = None if change is None else _diverging(arm, against, change, reach, style)
            pairs.append(MapPair(drawn, gap))
    return tuple(pairs)


def _names(arm: ArmFacts) -> tuple[str, ...]:
    return tuple(facts.run.name for facts in arm.runs)


def _key(run: Run, comparison: Comparison) -> str | None:
    for key in list_results(run):
        info = ResultsInfo.read(run.results_info(key))
        if (info.dataset, info.split) == (comparison.dataset, comparison.split):
            return key
    return None


def _heat_map(arm: ArmFacts, comparison: Comparison) -> HeatMap:
    """The arm's map, of the comparison's query languages."""
    keys = [_key(facts.run, comparison) for facts in arm.runs]
    results = [
        None if key is None else read_results(facts.run, key, {comparison.metric})
        for facts, key in zip(arm.runs, keys, strict=True)
    ]
    languages = {language for row in comparison.rows for language in row.languages}
    return heat_map(results, comparison.metric, languages)


def _sequential(arm: ArmFacts, scores: HeatMap, ends: tuple[float, float], metric: str) -> DrawnMap:
    style = metric_style(metric)
    low, high = ends
    scaled = (scores.values - low) / ((high - low) or 1.0)
    caption = f"{minus(style.text(low))} (dark) to {minus(style.text(high))} (light)"
    return _map(f"{arm.label}: {metric}", f"{caption}. Runs: {arm.names}.", scores, scaled, style)


def _diverging(
    arm: ArmFacts, against: str, gap: HeatMap, reach: float, style: MetricStyle
) -> DrawnMap:
    sign = -1.0 if style.lower_is_better else 1.0
    scaled = 0.5 + sign * gap.values / (2 * reach or 1.0)
    caption = f"Blue: {arm.label} better; orange: worse; up to ±{style.text(reach)}."
    title = f"{arm.label} minus {against}"
    return _map(title, caption, gap, scaled, style, signed=True)


def _map(
    title: str,
    caption: str,
    scores: HeatMap,
    scaled: FloatArray,
    style: MetricStyle,
    *,
    signed: bool = False,
) -> DrawnMap:
    rows = []
    for query, values, places in zip(scores.queries, scores.values, scaled, strict=True):
        squares = [
            Square("", None)
            if np.isnan(value)
            else Square(_short(value * style.factor, signed), round(float(place) * (STEPS - 1)))
            for value, place in zip(values, places, strict=True)
        ]
        rows.append((query, tuple(squares)))
    scale = "diverging" if signed else "sequential"
    if scores.missing:
        caption += f" Empty: {'; '.join(sorted(set(scores.missing.values())))}."
    return DrawnMap(title, caption, scores.passages, tuple(rows), scale)


def _short(value: float, signed: bool) -> str:
    """Two digits, so that eighteen languages fit side by side."""
    sign = "+" if signed else ""
    text = f"{value:{sign}.0f}" if abs(value) >= 9.95 else f"{value:{sign}.1f}"
    return "0" if text.strip("+-") == "0.0" else minus(text)


def scale_rules() -> str:
    """Style rules of the colours: `.sequential` in cividis, `.diverging` from orange to blue.

    The text of a cell is black or white, whichever has more contrast: at least 4.58 to 1.
    """
    from matplotlib import colormaps
    from matplotlib.colors import LinearSegmentedColormap

    light = LinearSegmentedColormap.from_list("light", ["#d9690f", "#fdfdfc", "#2b7bc4"])
    dark = LinearSegmentedColormap.from_list("dark", ["#e8852f", "#1d2026", "#4f9ee3"])
    rules = [
        *_rules("sequential", colormaps["cividis"]),
        *_rules("diverging", light),
        "@media (prefers-color-scheme: dark) {",
        *_rules("diverging", dark),
        "}",
    ]
    return "\n".join(rules)


def _rules(scale: str, colors: Colormap) -> Iterator[str]:
    from matplotlib.colors import to_hex

    for step in range(STEPS):
        paper = to_hex(colors(step / (STEPS - 1)))
        ink = max(_CONTRAST_INK, key=lambda ink: contrast(ink, paper))
        yield f".{scale} .s{step} {{ background: {paper}; color: {ink}; }}"


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (#rrggbb), 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
