"""An arm against the baseline: its difference, tests and interval in a row of the table."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from hybench.compare import statistics
from hybench.compare.comparison import Cell, Difference, Row, metric_style
from hybench.compare.pairing import Paired
from hybench.compare.power import detectable_difference, effect_size, needed_queries
from hybench.compare.seeds import (
    SeedChance,
    SeedMeans,
    over_languages,
    seed_chance,
    seed_means,
    with_seeds,
)
from hybench.compare.statistics import ALPHA, FloatArray

_THREADS = min(8, os.cpu_count() or 1)


@dataclass(frozen=True)
class Question:
    """What is asked of the scores, and how hard to look.

    Attributes:
        metric: its name.
        baseline: position of the baseline among the arms; None to compare nothing.
        seeds: of the runs of an arm, in their order, by the position of an arm that was trained.
        margin: differences smaller than this, in the metric's unit, do not matter; 0: unknown.
        draws: sign assignments, and bootstrap resamples.
        seed: of both.
    """

    metric: str
    baseline: int | None
    seeds: Mapping[int, tuple[int, ...]]
    margin: float
    draws: int
    seed: int


@dataclass(frozen=True)
class Drawn:
    """What was drawn for one language.

    Attributes:
        arms: the arms compared with the baseline.
        differences: f64 [queries, arms].
        null: f64 [draws, arms], mean differences under random signs.
        resampled: f64 [draws, arms], mean differences over resampled queries.
        seeds: the means of their runs by trained arm, the baseline included.
        paired: mean differences to the baseline's runs of the same seeds, by arm that has them.
    """

    arms: tuple[int, ...]
    differences: FloatArray
    null: FloatArray
    resampled: FloatArray
    seeds: Mapping[int, SeedMeans]
    paired: Mapping[int, SeedMeans]


def draw_all(paired: Mapping[str, Paired], question: Question) -> dict[str, Drawn]:
    """Draw for every language that has something to compare; what is drawn is each one's own."""
    baseline = question.baseline
    if baseline is None:
        return {}
    languages = [
        language
        for language, scores in paired.items()
        if baseline in scores.arms and len(scores.arms) > 1
    ]
    with ThreadPoolExecutor(_THREADS) as threads:
        drawn = threads.map(
            lambda language: _draw(paired[language], baseline, language, question), languages
        )
        return dict(zip(languages, drawn, strict=True))


def _draw(scores: Paired, baseline: int, language: str, question: Question) -> Drawn:
    at = scores.arms.index(baseline)
    differences = np.delete(scores.values - scores.values[:, [at]], at, axis=1)
    signs = statistics.philox(question.seed, "signs", language)
    queries = statistics.philox(question.seed, "bootstrap", language)
    runs = dict(zip(scores.arms, scores.runs, strict=True))
    return Drawn(
        tuple(arm for arm in scores.arms if arm != baseline),
        differences,
        statistics.sign_flip_means(differences, signs, question.draws),
        statistics.bootstrap_means(differences, queries, question.draws),
        {arm: seed_means(of_arm) for arm, of_arm in runs.items() if arm in question.seeds},
        {
            arm: seed_means(of_arm - runs[baseline])
            for arm, of_arm in runs.items()
            if arm != baseline and _same_seeds(runs, arm, baseline, question)
        },
    )


def _same_seeds(
    runs: Mapping[int, FloatArray], arm: int, baseline: int, question: Question
) -> bool:
    """Whether the runs of both can be paired: a seed gives the same weights and pairs to each."""
    seeds = question.seeds.get(arm, ())
    distinct = len(set(seeds))
    counts = (len(seeds), runs[arm].shape[1], runs[baseline].shape[1])
    same = seeds == question.seeds.get(baseline)
    return same and distinct > 1 and all(count == distinct for count in counts)


def _chances(drawn: Sequence[Drawn], baseline: int | None) -> dict[int, SeedChance | None]:
    """How far seeds alone move the difference of each arm."""
    paired, seeds = (
        {arm: over_languages([means[arm] for means in of_language]) for arm in of_language[0]}
        for of_language in ([each.paired for each in drawn], [each.seeds for each in drawn])
    )
    found = {}
    for arm in drawn[0].arms:
        if arm in paired:
            found[arm] = seed_chance([paired[arm]], list(paired.values()))
        else:
            pair = [seeds[other] for other in (arm, baseline) if other in seeds]
            found[arm] = seed_chance(pair, list(seeds.values()))
    return found


def differences(drawn: Sequence[Drawn], label: str, question: Question) -> dict[int, Difference]:
    """Differences to the baseline by arm, not corrected yet.

    Args:
        drawn: of the row's languages, which all have the same arms.
        label: of the row.
        question: the baseline is not None.
    """
    null = statistics.macro([each.null for each in drawn])
    resampled = statistics.macro([each.resampled for each in drawn])
    chances = _chances(drawn, question.baseline)
    found = {}
    for at, arm in enumerate(drawn[0].arms):
        # Of each arm's own, so that what it is does not depend on the others.
        generator = statistics.philox(question.seed, "seeds", label)
        strata = [each.differences[:, at] for each in drawn]
        means = with_seeds(resampled[:, at], chances[arm], generator)
        found[arm] = _difference(strata, null[:, at], means, chances[arm], question)
    return found


def _difference(
    strata: Sequence[FloatArray],
    null: FloatArray,
    means: FloatArray,
    chance: SeedChance | None,
    question: Question,
) -> Difference:
    """One arm's.

    Args:
        strata: differences by language, each f64 [queries].
        null: f64 [draws], mean differences under random signs.
        means: f64 [resamples], over resampled queries, with the chance of seeds in it.
        chance: of the seeds; None where none is known.
        question: metric and margin.
    """
    tested = statistics.exact_p(strata) or statistics.monte_carlo_p(strata, null)
    low, high = statistics.percentile_interval(means)
    seeds = 0.0 if chance is None else chance.variance
    share = metric_style(question.metric).share
    queries = [len(stratum) for stratum in strata]
    same = low == high == 0 and not any(stratum.any() for stratum in strata)
    return Difference(
        value=float(np.mean([stratum.mean() for stratum in strata])),
        low=low,
        high=high,
        p=tested.p,
        p_error=tested.error,
        exact=tested.exact,
        p_holm=tested.p,
        significant=False,
        detectable=detectable_difference(strata, seeds),
        effect=effect_size(strata),
        p_equivalence=statistics.equivalence_p(means, question.margin, queries, share=share),
        needed=needed_queries(strata, question.margin, seeds),
        p_seeds=None if chance is None else statistics.interval_p(means),
        outcome="identical" if same else "undecided",
    )


def correct(rows: Sequence[Row], metric: str) -> tuple[list[Row], int]:
    """The rows with Holm's correction over all tests in them, and what they come to.

    The tests of a difference, and those of equivalence, are corrected as a family each.

    Returns:
        The rows, and how many differences were tested.
    """
    places = [
        (at, column, cell.difference)
        for at, row in enumerate(rows)
        for column, cell in enumerate(row.cells)
        if cell is not None and cell.difference is not None
    ]
    found = [difference for _, _, difference in places]
    differ = statistics.holm([max(each.p, each.p_seeds or 0.0) for each in found])
    same = statistics.holm([each.p_equivalence for each in found])
    cells = [list(row.cells) for row in rows]
    for (at, column, difference), p, p_same in zip(places, differ, same, strict=True):
        cell = cells[at][column]
        if cell is not None:
            cells[at][column] = _decided(cell, difference, p, p_same, metric)
    corrected = [replace(row, cells=tuple(of)) for row, of in zip(rows, cells, strict=True)]
    return corrected, len(places)


def _decided(
    cell: Cell, difference: Difference, p_holm: float, p_equivalence: float, metric: str
) -> Cell:
    outcome = difference.outcome
    if p_holm <= ALPHA:
        up = (difference.value > 0) != metric_style(metric).lower_is_better
        outcome = "better" if up else "worse"
    elif outcome != "identical" and p_equivalence <= ALPHA:
        outcome = "equivalent"
    decided = replace(
        difference,
        p_holm=p_holm,
        p_equivalence=p_equivalence,
        significant=p_holm <= ALPHA,
        outcome=outcome,
    )
    return replace(cell, difference=decided)
