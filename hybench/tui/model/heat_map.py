"""Query language by passage language: one arm's map, or what it is minus another's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hybench.runs.run import Run
from hybench.tui.draw.table import Column, Field, Record, Table
from hybench.tui.model.color_scale import ColorScale

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class HeatMapRequest:
    """Which map.

    Attributes:
        runs: whose; the mean of several seeds.
        against: whose is taken from it; empty for none.
        key: the results.
        metric: its name.
        stamp: when the comparison that asks was made, so that new results are read.
    """

    runs: tuple[Run, ...]
    against: tuple[Run, ...]
    key: str
    metric: str
    stamp: object = None


@dataclass(frozen=True)
class ArmMap:
    """The map, and the arm's language bias.

    Attributes:
        request: that it answers.
        values: query_lang, then a column by passage language, null where not evaluated.
        bias: by metric and query language, ``all`` for their mean; empty where multi was not
            evaluated.
    """

    request: HeatMapRequest
    values: pl.DataFrame
    bias: dict[str, dict[str, float]]


def read_map(request: HeatMapRequest) -> ArmMap:
    """Read the arm's results, and the other's.

    Raises:
        StateError: a run has no such results.
        DataError: they cannot be read.
    """
    values, bias = _of(request.runs, request)
    if request.against:
        other, other_bias = _of(request.against, request)
        values = _minus(values, other)
        bias = {
            metric: {
                language: value - other_bias[metric][language]
                for language, value in by_language.items()
                if language in other_bias.get(metric, {})
            }
            for metric, by_language in bias.items()
        }
    return ArmMap(request, values, bias)


def _of(
    runs: Sequence[Run], request: HeatMapRequest
) -> tuple[pl.DataFrame, dict[str, dict[str, float]]]:
    import polars as pl

    from hybench.evaluation.means import language_matrix
    from hybench.evaluation.results import read_results
    from hybench.metrics.bias import bias_table

    maps, biases = [], []
    for run in runs:
        results = read_results(run, request.key)
        maps.append(language_matrix(results.values, request.metric))
        if "multi" in results.info.settings:
            biases.append(bias_table(results.values, results.relevant().collect()))
    values = pl.concat(maps, how="diagonal").group_by("query_lang", maintain_order=True).mean()
    found: dict[str, dict[str, float]] = {}
    if biases:
        keys = ("query_lang", "metric")
        mean = pl.concat(biases).group_by(keys, maintain_order=True).mean()
        for language, metric, value in mean.select(*keys, "value").iter_rows():
            found.setdefault(metric, {})[language] = value
    return values, found


def _minus(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """The difference on the languages that both have."""
    import polars as pl

    both = [name for name in left.columns[1:] if name in right.columns]
    joined = left.join(right, on="query_lang", suffix=" of the other").sort("query_lang")
    return joined.select(
        "query_lang", *(pl.col(name) - pl.col(f"{name} of the other") for name in both)
    )


def heat_map_table(found: ArmMap) -> Table:
    """The map as a table whose papers show how high a value is."""
    from hybench.comparison.units import metric_style

    style = metric_style(found.request.metric)
    difference = bool(found.request.against)
    languages = found.values.columns[1:]
    flat = [value for row in found.values.drop("query_lang").iter_rows() for value in row]
    shades = ColorScale.of(
        (value for value in flat if value is not None),
        difference=difference,
        lower_is_better=style.lower_is_better,
    )

    def field(value: float | None) -> Field:
        if value is None or math.isnan(value):
            return Field("·", "quiet")
        text = _short(value * style.factor, signed=difference)
        return Field(text, "", shades.heat(value), difference)

    records = [
        Record(row[0], (Field(row[0], "head"), *map(field, row[1:])))
        for row in found.values.iter_rows()
    ]
    columns = (Column("q\\p", "left"), *(Column(name) for name in languages))
    return Table(columns, records)


def _short(value: float, *, signed: bool) -> str:
    """Two digits, so that eighteen languages fit beside each other."""
    text = f"{value:+.0f}" if signed else f"{value:.0f}"
    return "0" if text in {"+0", "-0"} else text


def describe_cell(found: ArmMap, query: str, column: int) -> str:
    """The value under the cursor, whole, and the bias of its row."""
    import polars as pl

    from hybench.comparison.units import metric_style

    style = metric_style(found.request.metric)
    languages = found.values.columns[1:]
    rows = found.values.filter(pl.col("query_lang") == query)
    if rows.is_empty() or not 0 <= column < len(languages):
        return ""
    value = rows[languages[column]][0]
    kind = "mono" if languages[column] == query else "cross"
    signed = bool(found.request.against)
    text = "not evaluated" if value is None else style.text(value, signed=signed)
    rest = [
        each
        for name, each in zip(languages, rows.drop("query_lang").row(0), strict=True)
        if name != query and each is not None
    ]
    mean = (
        f"; mean of the others {style.text(sum(rest) / len(rest), signed=signed)}" if rest else ""
    )
    return f"{query} queries in {languages[column]} passages ({kind}): {text}{mean}."


def describe_bias(found: ArmMap, query: str) -> str:
    """Language bias in the pool of all languages, of all queries and of the row's."""
    if not found.bias:
        return "No language bias: the multi setting was not evaluated."
    signed = "+" if found.request.against else ""
    parts = []
    for metric, values in found.bias.items():
        here = f" ({query} {values[query]:{signed}.2f})" if query in values else ""
        parts.append(f"{metric} {values.get('all', float('nan')):{signed}.2f}{here}")
    fair = "" if signed else "; SameLang 1 is fair, the others: lower is less biased"
    return f"Bias: {', '.join(parts)}{fair}."
