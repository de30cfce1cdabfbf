"""What a comparison found: one data set, one setting, one metric, runs beside each other."""

from __future__ import annotations

from dataclasses import dataclass

from hybench.evaluation.bias import RANK_DISTANCE, SAME_LANGUAGE

LANGUAGE, MEAN, LOW = "language", "mean", "low-resource"
"""Kinds of rows."""


@dataclass(frozen=True)
class Difference:
    """An arm minus the baseline on the queries of a row.

    Attributes:
        value: mean difference in the metric's unit.
        low: lower end of the 95 % bootstrap interval (not corrected for multiple comparisons).
        high: upper end of it.
        p: two-sided p of the paired randomisation test.
        p_error: Monte Carlo standard error of `p`; 0 where it is exact.
        exact: whether all sign assignments were enumerated.
        p_holm: `p` after Holm's correction over the whole table.
        significant: whether `p_holm` is at most alpha.
        detectable: smallest difference found with 80 % power here, None with a single query.
    """

    value: float
    low: float
    high: float
    p: float
    p_error: float
    exact: bool
    p_holm: float
    significant: bool
    detectable: float | None


@dataclass(frozen=True)
class Cell:
    """One arm in one row.

    Attributes:
        value: mean over the row's queries; over languages, the mean of the languages' means.
        best: whether no arm of the row is better; ties are all best, a lone arm is not.
        difference: to the baseline; None for the baseline itself, or where it was not run.
    """

    value: float
    best: bool
    difference: Difference | None


@dataclass(frozen=True)
class Row:
    """One language, or a mean over languages.

    Attributes:
        kind: `LANGUAGE`, `MEAN` or `LOW`.
        label: a language code; ``AVG`` or ``LOW``, with ``16/18`` where runs lack languages.
        languages: what the row covers, sorted.
        of: how many languages it would cover had every arm all of them.
        queries: the number of queries in it.
        cells: by column; None where the arm was not run.
    """

    kind: str
    label: str
    languages: tuple[str, ...]
    of: int
    queries: int
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class Column:
    """One arm.

    Attributes:
        label: its name.
        runs: names of its runs.
        seeds: distinct seeds among them, 0 where nothing was trained.
    """

    label: str
    runs: tuple[str, ...]
    seeds: int


@dataclass(frozen=True)
class Record:
    """An arm against the baseline, in languages.

    Attributes:
        wins: significantly better after correction.
        ties: neither.
        losses: significantly worse after correction.
        better: better by the point estimate, whatever its significance.
    """

    wins: int
    ties: int
    losses: int
    better: int


@dataclass(frozen=True)
class Bias:
    """A language-bias metric in the multilingual pool.

    Attributes:
        metric: ``RankDistance`` (lower is better) or ``SameLang@10`` (1 is unbiased).
        languages: query languages averaged over: those that all arms with the metric have.
        values: macro-average by column, None where the arm lacks it.
    """

    metric: str
    languages: tuple[str, ...]
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Comparison:
    """One table.

    Attributes:
        dataset: name of the data set.
        split: its split.
        setting: mono, cross or multi.
        metric: what the values are.
        columns: the arms.
        baseline: position of the baseline among the columns; None without anything to compare.
        baseline_why: how the baseline came to be it.
        rows: languages, then the mean, then the low-resource mean.
        records: win/tie/loss by column; None for the baseline and arms that share no language.
        bias: language bias, in the multilingual setting alone.
        notes: what a reader must know, in plain sentences.
        tests: how many p-values the correction covers.
        draws: sign assignments drawn, and bootstrap resamples.
        seed: of both.
        alpha: level of the tests.
    """

    dataset: str
    split: str
    setting: str
    metric: str
    columns: tuple[Column, ...]
    baseline: int | None
    baseline_why: str
    rows: tuple[Row, ...]
    records: tuple[Record | None, ...]
    bias: tuple[Bias, ...]
    notes: tuple[str, ...]
    tests: int
    draws: int
    seed: int
    alpha: float


@dataclass(frozen=True)
class MetricStyle:
    """How a metric is shown.

    Attributes:
        factor: multiplies values in tables for people.
        decimals: digits after the point there.
        lower_is_better: whether a lower value is the better one.
    """

    factor: float = 100.0
    decimals: int = 1
    lower_is_better: bool = False

    def text(self, value: float, *, signed: bool = False) -> str:
        """A value as tables show it."""
        return f"{value * self.factor:{'+' if signed else ''}.{self.decimals}f}"


BIAS_METRICS = (RANK_DISTANCE, SAME_LANGUAGE)
"""Language-bias metrics that evaluation stores in the multilingual setting."""

_STYLES = {
    RANK_DISTANCE: MetricStyle(1.0, 1, lower_is_better=True),
    SAME_LANGUAGE: MetricStyle(1.0, 2, lower_is_better=True),
}


def metric_style(metric: str) -> MetricStyle:
    """How `metric` is shown: ×100 with one decimal unless it is no share."""
    return _STYLES.get(metric, MetricStyle())
