"""The model of a comparison: runs on one data set, in one setting, by one metric."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from hybench.comparison.budgets import Budget
from hybench.comparison.costs import ArmCost
from hybench.comparison.units import SHARE_MARGIN
from hybench.origins.seen import Status

LANGUAGE, MEAN, LOW, GROUP = "language", "mean", "low-resource", "group"
"""Kinds of rows."""

Outcome = Literal["better", "worse", "equivalent", "identical", "undecided", "too-few"]
"""The outcome of a difference: ``equivalent`` is smaller than the margin, ``identical`` the same
score for every query of the row, ``too-few`` means that fewer than six source queries differ, too
few for any test, and ``undecided`` is none of these."""


Way = Literal["mono", "cross", "hybrid", "distill", "hybrid+distill", ""]
"""How an arm was trained: monolingual (X-X), cross-lingual (X-Y) or hybrid batches, distillation,
or both at once; empty if nothing was trained."""


@dataclass(frozen=True)
class Difference:
    """An arm minus the baseline on the queries of a row.

    Attributes:
        value: mean difference in the metric's unit.
        low: lower end of the 95 % interval, over source queries and, with several seeds, over seeds
            too (not corrected for multiple comparisons); None if too few sources differ, or all by
            the same amount.
        high: upper end of it.
        p: two-sided p of the paired randomisation test.
        p_error: Monte Carlo standard error of `p`; 0 if it is exact.
        exact: whether all sign assignments were enumerated.
        p_holm: the larger of `p` and `p_seeds` after Holm's correction over the whole table.
        significant: whether `p_holm` is at most alpha.
        detectable: smallest difference found with 80 % power here, before correction; None if there
            is no interval.
        effect: mean over the standard deviation of the sources' differences (Cohen's d_z); None if
            they do not vary.
        p_equivalence: larger p of two one-sided tests against the margin (TOST), after Holm's
            correction over the table.
        outcome: of the numbers above, at the table's alpha and margin.
        needed: source queries with which a difference as large as the margin would be found with
            80 % power, at this spread; None if it is unknown, or if no number of queries suffices
            because the seeds vary too much.
        p_seeds: two-sided p that the interval gives, over queries and seeds; None if no arm of the
            row has several seeds.
        differing: source queries in which the two arms differ.
        floor: whether `p_holm` is the smallest value possible with these draws and tests.
    """

    value: float
    low: float | None
    high: float | None
    p: float
    p_error: float
    exact: bool
    p_holm: float
    significant: bool
    detectable: float | None
    effect: float | None = None
    p_equivalence: float = 1.0
    outcome: Outcome = "undecided"
    needed: int | None = None
    p_seeds: float | None = None
    differing: int = 0
    floor: bool = False

    def turned(self) -> Difference:
        """The other arm minus this one."""
        turned: dict[Outcome, Outcome] = {"better": "worse", "worse": "better"}
        return replace(
            self,
            value=-self.value,
            low=None if self.high is None else -self.high,
            high=None if self.low is None else -self.low,
            effect=None if self.effect is None else -self.effect,
            outcome=turned.get(self.outcome, self.outcome),
        )


@dataclass(frozen=True)
class Cell:
    """One arm in one row.

    Attributes:
        value: mean over the row's queries; over languages, the mean of the languages' means.
        best: whether no arm of the row is better; ties are all best, a lone arm is not.
        difference: to the baseline; None for the baseline itself, or if it was not run.
        letters: in a row of averages, two trained arms share one if they are not significantly
            different.
        seen: whether the arm was trained on the set's training data in any language of the row.
    """

    value: float
    best: bool
    difference: Difference | None
    letters: str = ""
    seen: Status = "no"


@dataclass(frozen=True)
class Row:
    """One language, or a mean over languages.

    Attributes:
        kind: `LANGUAGE`, `MEAN`, `LOW` or `GROUP`.
        label: a language code; ``AVG``, ``LOW`` or a group's name, with ``16/18`` if runs lack
            languages.
        languages: what the row covers, sorted.
        of: number of languages if every arm had all of them.
        queries: the number of queries in it, translations of one query counted each.
        sources: source queries, in which translations of one query are one: the unit of chance.
        asked: queries that any run has; `queries` are those that all runs have.
        cells: by column; None if the arm was not run.
    """

    kind: str
    label: str
    languages: tuple[str, ...]
    of: int
    queries: int
    sources: int
    asked: int
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class Column:
    """One arm.

    Attributes:
        label: its name.
        runs: names of its runs.
        seeds: distinct seeds among them, 0 if nothing was trained.
        way: how it was trained.
        weakened: the caveats on all statements about it, in a few words each.
        is_model: whether anything was ever trained for it; BM25 is none.
        origin: the checkpoints that it comes from, by name; teachers' included.
    """

    label: str
    runs: tuple[str, ...]
    seeds: int
    way: Way = ""
    weakened: tuple[str, ...] = ()
    is_model: bool = True
    origin: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pair:
    """A pair of arms in a row of averages.

    Attributes:
        row: position of the row.
        first: column of an arm.
        second: column of the other.
        difference: the first minus the second, corrected over all pairs of the table.
    """

    row: int
    first: int
    second: int
    difference: Difference


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
        metric: of `hybench.metrics.bias.OF_QUERIES`: ``RankDistance`` (lower is better),
            ``SameLang@10`` (1 is unbiased) and so on.
        languages: query languages averaged over: those that all arms with the metric have.
        values: macro-average by column, None if the arm lacks it.
    """

    metric: str
    languages: tuple[str, ...]
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class PublishedColumn:
    """Published scores: only means, so nothing can be tested against them.

    Attributes:
        label: the system.
        values: mean by row of the comparison, None if it was not published, or if an average would
            cover other languages than the row's.
        sources: of the values, each once.
    """

    label: str
    values: tuple[float | None, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """One table.

    Attributes:
        dataset: name of the data set.
        split: its split.
        setting: mono, cross or multi.
        metric: of the values.
        columns: the arms.
        baseline: position of the baseline among the columns; None without anything to compare.
        baseline_why: why it is the baseline.
        rows: languages, then the mean, then the low-resource mean, then other groups.
        pairs: every trained arm against every other on the averages, a family of their own.
        records: win/tie/loss by column; None for the baseline and arms that share no language.
        bias: language bias, only in the multilingual setting.
        notes: caveats, in plain sentences.
        tests: how many p-values the correction covers.
        draws: sign assignments drawn.
        seed: of them.
        alpha: level of the tests.
        margin: differences smaller than this, in the metric's unit, do not matter: ``--delta``,
            which is given in the tables' unit, over the metric's factor; 0 if none is defined.
        published: columns of published scores, after the arms.
        budgets: of the arms' training, by column; None if unknown.
        gains: trained arms against the models that they began with, on the averages, a family of
            their own; the second of a pair is the model.
        costs: of the arms, by column.
        unfinished: that seeds of its arms are still missing, in a sentence; then nothing in it is
            marked (`hybench.comparison.looks`). Empty where none are, or nobody asked.
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
    margin: float = SHARE_MARGIN
    published: tuple[PublishedColumn, ...] = ()
    pairs: tuple[Pair, ...] = ()
    budgets: tuple[Budget | None, ...] = ()
    gains: tuple[Pair, ...] = ()
    costs: tuple[ArmCost, ...] = ()
    unfinished: str = ""

    @property
    def parallel(self) -> bool:
        """Whether any row holds translations of one query."""
        return any(row.sources < row.queries for row in self.rows)
