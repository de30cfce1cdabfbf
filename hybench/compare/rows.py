"""The rows of a table: means, differences to the baseline, tests, intervals, best markers."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from hybench.compare import statistics
from hybench.compare.comparison import (
    LANGUAGE,
    LOW,
    MEAN,
    Cell,
    Difference,
    MetricStyle,
    Record,
    Row,
    metric_style,
)
from hybench.compare.pairing import Paired
from hybench.compare.statistics import ALPHA, FloatArray
from hybench.languages import LOW_RESOURCE

_TIE = 1e-12
"""Means nearer than this, relative to the larger, are equal: what is left is rounding."""

_THREADS = min(8, os.cpu_count() or 1)


@dataclass(frozen=True)
class Sampling:
    """Draws of signs and of bootstrap resamples, and the seed of both."""

    draws: int
    seed: int


@dataclass(frozen=True)
class _Drawn:
    """What was drawn for one language.

    Attributes:
        arms: the arms compared with the baseline.
        differences: f64 [queries, arms].
        null: f64 [draws, arms], mean differences under random signs.
        resampled: f64 [draws, arms], mean differences over resampled queries.
    """

    arms: tuple[int, ...]
    differences: FloatArray
    null: FloatArray
    resampled: FloatArray


def build_rows(
    paired: Mapping[str, Paired],
    columns: int,
    baseline: int | None,
    metric: str,
    sampling: Sampling,
) -> tuple[tuple[Row, ...], int, list[str]]:
    """Rows by language, their mean, and the mean of the low-resource ones.

    Means over languages take the languages that all arms have, so that they can be compared.

    Args:
        paired: scores by language.
        columns: number of arms.
        baseline: position of the baseline, None to compare nothing.
        metric: name of the metric.
        sampling: draws and seed.

    Returns:
        The rows, the number of tests that were corrected for, and notes.
    """
    style = metric_style(metric)
    drawn = {} if baseline is None else _draw_all(paired, baseline, sampling)
    present = {arm for scores in paired.values() for arm in scores.arms}
    shared = [name for name, scores in paired.items() if present <= set(scores.arms)]
    groups = [(LANGUAGE, language, [language], 1) for language in paired]
    if len(paired) > 1 and shared:
        groups.append((MEAN, _covers("AVG", shared, list(paired)), shared, len(paired)))
    low = [language for language in paired if language in LOW_RESOURCE]
    low_shared = [language for language in low if language in shared]
    if len(low) > 1 and len(low) < len(paired) and low_shared:
        groups.append((LOW, _covers("LOW", low_shared, low), low_shared, len(low)))
    rows = [
        Row(
            kind,
            label,
            tuple(languages),
            of,
            sum(len(paired[language].queries) for language in languages),
            _cells(
                [paired[language] for language in languages],
                [drawn[language] for language in languages if language in drawn],
                columns,
                style,
            ),
        )
        for kind, label, languages, of in groups
    ]
    corrected, tests = _correct(rows)
    return tuple(corrected), tests, _notes(len(paired), shared, tests, sampling)


def _covers(label: str, shared: Sequence[str], of: Sequence[str]) -> str:
    return label if len(shared) == len(of) else f"{label} {len(shared)}/{len(of)}"


def _notes(languages: int, shared: Sequence[str], tests: int, sampling: Sampling) -> list[str]:
    notes = []
    if languages > 1 and not shared:
        notes.append("No language was run by all: there is no average to compare.")
    elif len(shared) < languages:
        notes.append(
            f"AVG takes the {len(shared)} of {languages} languages that all runs here have."
        )
    if tests > ALPHA * (sampling.draws + 1):
        notes.append(
            f"With {tests} tests and {sampling.draws} draws no drawn p can stay below {ALPHA} "
            "after correction: raise --draws."
        )
    return notes


def _draw_all(paired: Mapping[str, Paired], baseline: int, sampling: Sampling) -> dict[str, _Drawn]:
    """Draw for every language that has something to compare; what is drawn is each one's own."""
    languages = [
        language
        for language, scores in paired.items()
        if baseline in scores.arms and len(scores.arms) > 1
    ]
    with ThreadPoolExecutor(_THREADS) as threads:
        drawn = threads.map(
            lambda language: _draw(paired[language], baseline, language, sampling), languages
        )
        return dict(zip(languages, drawn, strict=True))


def _draw(scores: Paired, baseline: int, language: str, sampling: Sampling) -> _Drawn:
    at = scores.arms.index(baseline)
    differences = np.delete(scores.values - scores.values[:, [at]], at, axis=1)
    signs = statistics.philox(sampling.seed, "signs", language)
    queries = statistics.philox(sampling.seed, "bootstrap", language)
    return _Drawn(
        tuple(arm for arm in scores.arms if arm != baseline),
        differences,
        statistics.sign_flip_means(differences, signs, sampling.draws),
        statistics.bootstrap_means(differences, queries, sampling.draws),
    )


def _cells(
    scores: Sequence[Paired], drawn: Sequence[_Drawn], columns: int, style: MetricStyle
) -> tuple[Cell | None, ...]:
    """Cells of one row: of one language, or of languages that all have the same arms."""
    means = [each.means() for each in scores]
    values = {arm: float(np.mean([mean[arm] for mean in means])) for arm in scores[0].arms}
    compared = _differences(drawn) if len(drawn) == len(scores) else {}
    best = (min if style.lower_is_better else max)(values.values())
    return tuple(
        Cell(values[arm], len(values) > 1 and _equal(values[arm], best), compared.get(arm))
        if arm in values
        else None
        for arm in range(columns)
    )


def _equal(left: float, right: float) -> bool:
    return abs(left - right) <= _TIE * max(abs(left), abs(right))


def _differences(drawn: Sequence[_Drawn]) -> dict[int, Difference]:
    null = statistics.macro([each.null for each in drawn])
    resampled = statistics.macro([each.resampled for each in drawn])
    found = {}
    for at, arm in enumerate(drawn[0].arms):
        strata = [each.differences[:, at] for each in drawn]
        tested = statistics.exact_p(strata) or statistics.monte_carlo_p(strata, null[:, at])
        low, high = statistics.percentile_interval(resampled[:, at])
        found[arm] = Difference(
            value=float(np.mean([stratum.mean() for stratum in strata])),
            low=low,
            high=high,
            p=tested.p,
            p_error=tested.error,
            exact=tested.exact,
            p_holm=tested.p,
            significant=False,
            detectable=statistics.detectable_difference(strata),
        )
    return found


def _correct(rows: Sequence[Row]) -> tuple[list[Row], int]:
    """The rows with Holm's correction over every p-value in them, and how many there are."""
    places = [
        (at, column, cell.difference)
        for at, row in enumerate(rows)
        for column, cell in enumerate(row.cells)
        if cell is not None and cell.difference is not None
    ]
    cells = [list(row.cells) for row in rows]
    adjusted = statistics.holm([difference.p for _, _, difference in places])
    for (at, column, difference), p in zip(places, adjusted, strict=True):
        cell = cells[at][column]
        if cell is not None:
            tested = replace(difference, p_holm=p, significant=p <= ALPHA)
            cells[at][column] = replace(cell, difference=tested)
    corrected = [replace(row, cells=tuple(of)) for row, of in zip(rows, cells, strict=True)]
    return corrected, len(places)


def count_records(
    rows: Sequence[Row], columns: int, baseline: int | None, metric: str
) -> tuple[Record | None, ...]:
    """Win/tie/loss of every arm against the baseline over the languages that both have."""
    sign = -1 if metric_style(metric).lower_is_better else 1
    records: list[Record | None] = []
    for column in range(columns):
        cells = [row.cells[column] for row in rows if row.kind == LANGUAGE]
        found = [cell.difference for cell in cells if cell is not None and cell.difference]
        if column == baseline or not found:
            records.append(None)
            continue
        wins = sum(each.significant and sign * each.value > 0 for each in found)
        losses = sum(each.significant and sign * each.value < 0 for each in found)
        better = sum(sign * each.value > 0 for each in found)
        records.append(Record(wins, len(found) - wins - losses, losses, better))
    return tuple(records)
