"""Gathers the input of a comparison: options, the runs' results, and notes on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from hybench.comparison.arms import Arm, make_arms
from hybench.comparison.budgets import read_budget
from hybench.comparison.costs import ArmCost, read_cost
from hybench.comparison.language_groups import Named, check_groups
from hybench.comparison.result_notes import result_notes, trained_notes, weakened
from hybench.comparison.scores import (
    check_comparable,
    check_model,
    read_info,
    read_results,
)
from hybench.comparison.training_marks import Model, model_of
from hybench.comparison.units import BIAS_METRICS, SHARE_MARGIN, metric_style
from hybench.data.schema import SETTINGS
from hybench.errors import UsageError
from hybench.evaluation.results import ResultsInfo
from hybench.runs.data_choice import choose_data
from hybench.runs.events import last_events
from hybench.runs.run import Run
from hybench.statistics.paired_tests import DRAWS, MOST_DRAWS
from hybench.statistics.pairing import Paired
from hybench.values.checks import one_of, within
from hybench.values.languages import stored_codes
from hybench.values.typed import check_types
from hybench.wording.amounts import listed
from hybench.wording.commands import eval_command, eval_each_command

LEAST_POINTS = 0.1
"""The smallest margin of a metric that tables show ×100, with one decimal."""

DIALS = ("alpha", "share", "steps", "examples")
"""Config fields that scores are plotted against."""


@dataclass(frozen=True)
class CompareOptions:
    """What to compare, and with how many draws.

    Attributes:
        data: data set, ``@split`` if not its own (``--data``); None: the one of all runs.
        setting: mono, cross or multi (``--setting``); None: every one with results.
        metric: by its name in ir_measures (``--metric``); None: the data set's primary one.
        baseline: a run or arm (``--baseline``); None: the monolingual (X-X) arm if there is
            exactly one, its first seed if seeds are not grouped, else the first that is not BM25.
        group_seeds: group runs that differ only by seed (``--group-seeds``).
        languages: query languages to keep (``--languages``); empty: all.
        draws: random sign assignments (``--draws``).
        seed: of them (``--seed``).
        delta: differences smaller than this, in the tables' unit, do not matter (``--delta``):
            points of metrics between 0 and 1, which tables show ×100. None: the metric's own
            margin.
        groups: languages by name, which get a row or a curve of their own (``--group``).
        scripts: groups of languages by script too (``--scripts``).
        curve: the dial of curves, of `DIALS` (``--curve``); None: each in which runs differ.
        published: systems whose published means are shown with the runs (``--published``).
    """

    data: str | None = None
    setting: str | None = None
    metric: str | None = None
    baseline: str | None = None
    group_seeds: bool = False
    languages: tuple[str, ...] = ()
    draws: int = DRAWS
    seed: int = 0
    delta: float | None = None
    groups: Named = field(default_factory=dict)
    scripts: bool = False
    curve: str | None = None
    published: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check each value by itself.

        Raises:
            UsageError: naming the flag, the value and what is allowed.
        """
        check_types(self)
        object.__setattr__(self, "languages", stored_codes(self.languages))
        if self.setting is not None:
            one_of("--setting", self.setting, SETTINGS)
        within("--draws", self.draws, 100, MOST_DRAWS)
        within("--seed", self.seed, 0, 2**63 - 1)
        if self.delta is not None and not 0 < self.delta < float("inf"):
            raise UsageError(
                f"--delta is {self.delta:g}.", "It must be above 0, in the unit of the table."
            )
        if self.curve is not None and self.curve not in DIALS:
            raise UsageError(f"--curve is {self.curve!r}.", f"Choose one of: {' '.join(DIALS)}.")

    def margin(self, metric: str) -> float:
        """The margin of equivalence in a metric's unit; 0 if none is defined.

        Raises:
            UsageError: it is out of range for a metric between 0 and 1.
        """
        style = metric_style(metric)
        if self.delta is None:
            return style.margin
        if style.share and not LEAST_POINTS <= self.delta < style.factor:
            raise UsageError(
                f"--delta is {self.delta:g}, in points of {metric} ×{style.factor:g}.",
                f"Choose {LEAST_POINTS:g}, the last digit of the table, or more, below "
                f"{style.factor:g}; {SHARE_MARGIN * style.factor:g} point by default.",
            )
        return self.delta / style.factor


@dataclass(frozen=True)
class Gathered:
    """Runs, their arms and results.

    Attributes:
        key: the results compared: data set, with ``@split`` if not its own.
        arms: the columns.
        runs: the runs, in the order given.
        arm_of_run: position of the arm by position of the run.
        results: frame of `read_results` by run; None if it has none.
        infos: manifest by run; None if it has none.
        metric: the metric to report.
        notes: caveats on the results.
        weakened: by arm, the caveats on all statements about it.
        models: by arm, what is known of its training; None for BM25.
        costs: by arm.
        paired: what was paired of it, by setting and metric.
    """

    key: str
    arms: tuple[Arm, ...]
    runs: tuple[Run, ...]
    arm_of_run: dict[int, int]
    results: tuple[pl.DataFrame | None, ...]
    infos: tuple[ResultsInfo | None, ...]
    metric: str
    notes: tuple[str, ...]
    weakened: tuple[tuple[str, ...], ...]
    models: tuple[Model | None, ...] = ()
    costs: tuple[ArmCost, ...] = ()
    paired: dict[tuple[str, str], tuple[dict[str, Paired], list[str]]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @property
    def names(self) -> list[str]:
        """Names of the runs."""
        return [run.name for run in self.runs]

    @property
    def info(self) -> ResultsInfo:
        """A manifest that is valid for all: that of the first run with results."""
        return next(info for info in self.infos if info is not None)

    @property
    def pools(self) -> dict[str, int]:
        """Passages by corpus language, of all runs."""
        return {name: size for info in self.infos if info for name, size in info.pools.items()}

    @property
    def metrics(self) -> list[str]:
        """Metrics of any run, in the manifests' order."""
        every = [info.metrics for info in self.infos if info is not None]
        return list(dict.fromkeys(name for metrics in every for name in metrics))


def gather(runs: Sequence[Run], options: CompareOptions) -> Gathered:
    """Read the configs and results of the runs.

    Raises:
        UsageError: no run, or a data set must be chosen.
        StateError: no run has the results, or they were made on different texts.
        DataError: a config or results file is not what hybench writes.
    """
    if not runs:
        raise UsageError("No run to compare.", "Name at least one: hybench compare RUN…")
    key = choose_data(runs, options.data)
    infos = tuple(read_info(run, key) for run in runs)
    found = [(run.name, info) for run, info in zip(runs, infos, strict=True) if info is not None]
    check_comparable(found)
    for run, info in zip(runs, infos, strict=True):
        if info is not None:
            check_model(run, key, info)
    check_groups(options.groups, {code for _, info in found for code in info.query_languages})
    metric = options.metric or found[0][1].metrics[0]
    results = tuple(
        read_results(run, key, {metric, *BIAS_METRICS}) if info else None
        for run, info in zip(runs, infos, strict=True)
    )
    arms = tuple(map(_with_budget, make_arms(runs, group_seeds=options.group_seeds)))
    place = {member.run.path: at for at, arm in enumerate(arms) for member in arm.members}
    arm_of_run = {at: place[run.path] for at, run in enumerate(runs)}
    missing = [run.name for run, info in zip(runs, infos, strict=True) if info is None]
    notes = [*result_notes(found), *trained_notes(found, options.languages)]
    unsaid = [
        run.name
        for at, run in enumerate(runs)
        if arms[arm_of_run[at]].budget is None and run.model_files.is_file() and not _has_ended(run)
    ]
    if unsaid:
        notes.append(
            f"The log of {listed(unsaid)} lacks the end of the training: its examples are not "
            "known."
        )
    if missing:
        names = ", ".join(missing)
        notes.insert(0, f"Without results of {key}: {names} ({eval_command(key)}).")
    notes += _lacking_notes(runs, infos, key, metric)
    found_of = [
        [infos[run] for run, of in arm_of_run.items() if of == at] for at in range(len(arms))
    ]
    each_run = [
        [runs[run] for run, of in arm_of_run.items() if of == at] for at in range(len(arms))
    ]
    return Gathered(
        key,
        arms,
        tuple(runs),
        arm_of_run,
        results,
        infos,
        metric,
        tuple(notes),
        weakened=tuple(weakened(each, options.languages) for each in found_of),
        models=tuple(
            model_of(arm.label, of, each)
            for arm, of, each in zip(arms, each_run, found_of, strict=True)
        ),
        costs=tuple(map(read_cost, each_run, found_of)),
    )


def _lacking_notes(
    runs: Sequence[Run], infos: Sequence[ResultsInfo | None], key: str, metric: str
) -> list[str]:
    """A note on results that lack the metric, if others have it, with the command that adds it."""
    having = [info is not None and metric in info.metrics for info in infos]
    lacking = [run for run, info, has in zip(runs, infos, having, strict=True) if info and not has]
    if not any(having) or not lacking:
        return []
    names = listed([run.name for run in lacking])
    add = eval_each_command(key, [run.path for run in lacking], metric)
    return [f"Without {metric}: {names} ({add})."]


def _has_ended(run: Run) -> bool:
    """Whether a run's log has the end of its training."""
    return "done" in last_events(run.events_file, ("done",))


def _with_budget(arm: Arm) -> Arm:
    """The arm with its budget, from its logs."""
    if not arm.trained:
        return arm
    return replace(arm, budget=read_budget([member.run.events_file for member in arm.members]))
