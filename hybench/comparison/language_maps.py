"""Query language × passage language: maps of arms, or of their differences from a baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from hybench.comparison.gather import CompareOptions
from hybench.comparison.measured import measured
from hybench.errors import StateError
from hybench.evaluation.heat_maps import HeatMap, heat_map
from hybench.evaluation.results import read_results
from hybench.metrics.bias import bias_table
from hybench.runs.run import Run

Bias = dict[str, dict[str, float]]
"""Language bias by metric and query language, ``all`` for their mean."""


@dataclass(frozen=True)
class LanguageMap:
    """An arm's map, and its language bias.

    Attributes:
        dataset: the set.
        split: of its queries.
        metric: its name.
        arm: the arm.
        seeds: how many runs its values are means over.
        baseline: what is subtracted; empty where nothing is.
        scores: the map.
        bias: what not all runs have is left out.
    """

    dataset: str
    split: str
    metric: str
    arm: str
    seeds: int
    baseline: str
    scores: HeatMap
    bias: Bias


def language_maps(runs: Sequence[Run], options: CompareOptions) -> tuple[LanguageMap, ...]:
    """The map of each arm; of each but the baseline its difference, if ``options.baseline`` is set.

    Args:
        runs: those without results are left out.
        options: of them data, metric, baseline, group_seeds and languages (of queries) count.

    Raises:
        UsageError: a choice in the options does not exist here, or one must be made.
        StateError: no run has the results, or none of them has a value of the metric.
        DataError: a config or results file is not what hybench writes.
    """
    asked = measured(runs, options)
    base = None if options.baseline is None else asked.baseline
    maps = []
    for at, arm in enumerate(asked.arms):
        if at == base and len(asked.arms) > 1:
            continue
        against = () if base is None or at == base else asked.runs(base)
        scores, bias = read_map(asked.runs(at), against, asked.key, asked.metric, options.languages)
        minus = asked.arms[base].label if against and base is not None else ""
        count = len(arm.members)
        maps.append(
            LanguageMap(
                asked.info.dataset,
                asked.info.split,
                asked.metric,
                arm.label,
                count,
                minus,
                scores,
                bias,
            )
        )
    if all(each.scores.is_empty for each in maps):
        raise StateError(
            f"No pair of languages has a value of {asked.metric} in the results of {asked.key}.",
            "Choose another --metric, or evaluate the settings mono or cross.",
        )
    return tuple(maps)


def read_map(
    runs: Sequence[Run],
    against: Sequence[Run],
    key: str,
    metric: str,
    languages: Sequence[str] = (),
) -> tuple[HeatMap, Bias]:
    """Read the map and the bias of an arm, or their differences from another's.

    Args:
        runs: the arm's.
        against: the other's; empty for none.
        key: the results.
        metric: its name.
        languages: of queries; empty for all.

    Raises:
        StateError: a run has no such results.
        DataError: they cannot be read.
    """
    scores, bias = _read(runs, key, metric, languages)
    if not against:
        return scores, bias
    other, other_bias = _read(against, key, metric, languages)
    return scores.minus(other, "the reference"), {
        name: {
            language: value - other_bias[name][language]
            for language, value in by_language.items()
            if language in other_bias.get(name, {})
        }
        for name, by_language in bias.items()
    }


def _read(
    runs: Sequence[Run], key: str, metric: str, languages: Sequence[str]
) -> tuple[HeatMap, Bias]:
    results = [read_results(run, key) for run in runs]
    scores = heat_map([each.values for each in results], metric, languages)
    bias: Bias = {}
    if all("multi" in each.info.settings for each in results):
        tables = [bias_table(each.values, each.relevant().collect()) for each in results]
        means = pl.concat(tables).group_by("query_lang", "metric", maintain_order=True)
        for language, name, value, count in means.agg(
            pl.col("value").mean(), pl.col("value").count().alias("runs")
        ).iter_rows():
            if count == len(runs):
                bias.setdefault(name, {})[language] = value
    return scores, bias
