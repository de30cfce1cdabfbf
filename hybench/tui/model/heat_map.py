"""Query language by passage language: one arm's map, or what it is minus another's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hybench.runs.run import Run
from hybench.tui.draw.table import Column, Field, Record, Table
from hybench.tui.model.color_scale import ColorScale
from hybench.values.languages import language_name
from hybench.wording import amounts

if TYPE_CHECKING:
    from hybench.evaluation.heat_maps import HeatMap


@dataclass(frozen=True)
class HeatMapRequest:
    """Which map.

    Attributes:
        runs: whose; the mean of several seeds.
        against: whose is taken from it; empty for none.
        key: the results.
        metric: its name.
        stamp: when the comparison that asks was made, so that new results are read.
        below: whose is subtracted in a second map; empty for none.
    """

    runs: tuple[Run, ...]
    against: tuple[Run, ...]
    key: str
    metric: str
    stamp: object = None
    below: tuple[Run, ...] = ()


@dataclass(frozen=True)
class ArmMap:
    """The map, and the arm's language bias.

    Attributes:
        request: that it answers.
        scores: the map.
        bias: by metric and query language, ``all`` for their mean; what not all runs have is left
            out.
        below: the difference from the runs of `HeatMapRequest.below`; None for none.
    """

    request: HeatMapRequest
    scores: HeatMap
    bias: dict[str, dict[str, float]]
    below: HeatMap | None = None

    @property
    def difference(self) -> ArmMap | None:
        """The second map by itself."""
        if self.below is None:
            return None
        return ArmMap(replace(self.request, against=self.request.below), self.below, {})


def read_map(request: HeatMapRequest) -> ArmMap:
    """Read the arm's results, and the other's.

    Raises:
        StateError: a run has no such results.
        DataError: they cannot be read.
    """
    from hybench.comparison.language_maps import read_map

    scores, bias = read_map(request.runs, request.against, request.key, request.metric)
    if not request.below:
        return ArmMap(request, scores, bias)
    other, _ = read_map(request.below, (), request.key, request.metric)
    return ArmMap(request, scores, bias, scores.minus(other, "the reference"))


_FAINT = 0.6
"""Of the strongest colour, in a map of values."""


_NAME = 14
"""Cells of a language's name."""

_DECIMAL = 7
"""Cells of a column whose values have their decimals."""


def heat_map_table(found: ArmMap, width: int = 0) -> Table:
    """The map as a table whose colours show how high a value is.

    Args:
        found: the map.
        width: cells; where they have room, values have their decimals and languages their names.
    """
    from hybench.comparison.units import metric_style

    style = metric_style(found.request.metric)
    difference = bool(found.request.against)
    scores = found.scores
    room = width - _DECIMAL * (len(scores.passages) + 1)
    roomy, named = room >= 0, room >= _NAME
    shades = ColorScale.of(
        scores.values.ravel().tolist(), difference=difference, lower_is_better=style.lower_is_better
    )

    def field(value: float | None, best: float | None) -> Field:
        if value is None:
            return Field("·", "quiet")
        text = (
            style.text(value, signed=difference)
            if roomy
            else _short(value * style.factor, signed=difference)
        )
        heat = shades.heat(value) if difference else _FAINT * shades.heat(value)
        return Field(text, "best" if value == best else "", heat, difference)

    def best(query: str) -> float | None:
        row = [
            value
            for passage in scores.passages
            if (value := scores.value(query, passage)) is not None
        ]
        return None if difference or len(row) < 2 else (min if style.lower_is_better else max)(row)

    records = [
        Record(
            query,
            (
                Field(query, "head"),
                *([Field(language_name(query))] if named else []),
                *(field(scores.value(query, passage), best(query)) for passage in scores.passages),
            ),
        )
        for query in scores.queries
    ]
    columns = (
        Column("q\\p", "left"),
        *([Column("language", "left", width=_NAME)] if named else []),
        *(Column(name, width=_DECIMAL - 1 if roomy else 0, alike=1) for name in scores.passages),
    )
    return Table(columns, records, frozen=1 + named)


def _short(value: float, *, signed: bool) -> str:
    """Two digits, so that eighteen languages fit beside each other."""
    text = amounts.signed(value, 0) if signed else f"{value:z.0f}"
    return "0" if text == "+0" else text


def describe_cell(found: ArmMap, query: str, column: int) -> str:
    """The value under the cursor, whole, or why there is none; and the mean of its row."""
    from hybench.comparison.units import metric_style

    style, scores = metric_style(found.request.metric), found.scores
    if query not in scores.queries or not 0 <= column < len(scores.passages):
        return ""
    passage = scores.passages[column]
    value = scores.value(query, passage)
    kind = "mono" if passage == query else "cross"
    signed = bool(found.request.against)
    text = scores.missing[query, passage] if value is None else style.text(value, signed=signed)
    row = {name: scores.value(query, name) for name in scores.passages if name != query}
    rest = [each for each in row.values() if each is not None]
    mean = (
        f"; mean of the others {style.text(sum(rest) / len(rest), signed=signed)}" if rest else ""
    )
    return f"{query} queries in {passage} passages ({kind}): {text}{mean}."


def describe_bias(found: ArmMap, query: str) -> str:
    """Language bias in the pool of all languages, of all queries and of the row's."""
    from hybench.comparison.language_map_documents import describe_bias

    return describe_bias(found.bias, query, signed=bool(found.request.against))
