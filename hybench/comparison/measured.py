"""What is asked of runs with results: the arms, on which results, in which setting and metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hybench.comparison.arms import Arm, make_arms
from hybench.comparison.gather import CompareOptions
from hybench.comparison.published_columns import split_imported
from hybench.comparison.scores import read_info
from hybench.comparison.selection import evaluated_runs
from hybench.comparison.table import find_baseline
from hybench.errors import UsageError
from hybench.evaluation.results import ResultsInfo
from hybench.runs.data_choice import choose_data
from hybench.runs.run import Run
from hybench.values.checks import one_of


@dataclass(frozen=True)
class Measured:
    """Arms with values per query, and what is asked of them.

    Attributes:
        key: the results: data set, with ``@split`` if not its own.
        info: of the first run's.
        metric: its name.
        setting: mono, cross or multi: the one asked for, or the first that there is.
        arms: in the order of their first runs.
        baseline: the position of the arm that differences are measured from; None for one arm.
        notes: a sentence on each run that is left out.
    """

    key: str
    info: ResultsInfo
    metric: str
    setting: str
    arms: tuple[Arm, ...]
    baseline: int | None
    notes: tuple[str, ...] = ()

    def runs(self, at: int) -> tuple[Run, ...]:
        """The runs of an arm."""
        return tuple(member.run for member in self.arms[at].members)


def measured(runs: Sequence[Run], options: CompareOptions) -> Measured:
    """The arms of the runs with results; imported means, which have no values per query, are left
    out.

    Raises:
        UsageError: a choice in the options does not exist here, or one must be made.
        StateError: no run has the results.
        DataError: a config or a manifest is not what hybench writes.
    """
    found, notes = evaluated_runs(runs, options)
    found = split_imported(found)[0]
    key = choose_data(found, options.data)
    infos = [info for run in found if (info := read_info(run, key)) is not None]
    metrics = tuple(dict.fromkeys(name for info in infos for name in info.metrics))
    settings = tuple(dict.fromkeys(name for info in infos for name in info.settings))
    if options.metric is not None:
        one_of("--metric", options.metric, metrics)
    if options.setting is not None:
        one_of("--setting", options.setting, settings)
    arms = make_arms(found, group_seeds=options.group_seeds)
    if not settings:
        raise UsageError(f"The results of {key} have no setting.", "Evaluate the runs again.")
    return Measured(
        key,
        infos[0],
        options.metric or metrics[0],
        options.setting or settings[0],
        arms,
        find_baseline(arms, set(range(len(arms))), options.baseline)[0],
        tuple(notes),
    )
