"""The status of runs as a table or a document, for every front end."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from hybench.runs.status import RunStatus
from hybench.wording.amounts import count, counted, duration, number
from hybench.wording.text_table import NOT_RUN, Entry, Line, Sheet, sheet_markdown

_TONES = {"running": "best", "failed": "worse", "stalled": "worse", "gone": "quiet"}


def status_document(found: Sequence[RunStatus], shape: str) -> str:
    """All runs as ``json``, ``csv`` or ``md``."""
    if shape == "json":
        return json_line(found) + "\n"
    return _csv(found) if shape == "csv" else sheet_markdown(status_sheet(found))


def status_sheet(found: Sequence[RunStatus], happened: Sequence[str] = ()) -> Sheet:
    """A line per run, with the reasons why runs stopped below, and what has happened meanwhile."""
    header = ("run", "state", "step", "steps/s", "left", "loss", "dev score", "last event")
    lines = []
    for one in found:
        state = Entry(one.state, _TONES.get(one.state, ""))
        lines.append(Line((Entry(one.name), state, *map(Entry, status_fields(one)))))
    notes = [f"{one.name}: {one.reason}" for one in found if one.reason]
    notes += [
        f"{one.name}: its log has {counted(one.torn, 'lines')} that cannot be read."
        for one in found
        if one.torn
    ]
    return Sheet("runs", header, 2, tuple(lines), notes=(*notes, *happened))


def status_fields(one: RunStatus) -> Iterator[str]:
    """Steps, rate, time left, loss, score and age, as text."""
    yield NOT_RUN if one.steps is None else f"{count(one.step)}/{count(one.steps)}"
    yield NOT_RUN if one.steps_per_second is None else f"{one.steps_per_second:.3g}"
    yield NOT_RUN if one.seconds_left is None else duration(one.seconds_left)
    yield NOT_RUN if one.loss is None else number(one.loss)
    yield NOT_RUN if one.score is None else number(one.score)
    yield NOT_RUN if one.age is None else f"{duration(one.age)} ago"


def json_line(found: Sequence[RunStatus]) -> str:
    """All runs as JSON in one line."""
    runs = [_plain(one) for one in found]
    return json.dumps({"format": 1, "runs": runs}, ensure_ascii=False, allow_nan=False)


def _plain(one: RunStatus) -> dict[str, Any]:
    """Its fields as JSON values; NaN and infinity are null."""
    value = asdict(one) | {"path": str(one.path)}
    return {
        name: None if isinstance(each, float) and not math.isfinite(each) else each
        for name, each in value.items()
    }


def _csv(found: Sequence[RunStatus]) -> str:
    text = io.StringIO()
    rows = [asdict(one) for one in found]
    for row in rows:
        del row["alarms"]
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
