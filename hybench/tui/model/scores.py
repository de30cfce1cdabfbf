"""The comparison behind tabs 2 to 5: of which runs, on which set, in which metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.runs.run import Run
from hybench.tui.model.looks import Looks

if TYPE_CHECKING:
    from hybench.comparison.gather import CompareOptions, Gathered
    from hybench.comparison.looks import PlannedRuns
    from hybench.comparison.model import Comparison
    from hybench.evaluation.results import ResultsInfo


@dataclass(frozen=True)
class ComparisonRequest:
    """What to compare; equal requests have equal results.

    Attributes:
        runs: folders, and when their results were written.
        key: the results: data set, with ``@split`` if not its own; empty for those that most have.
        metric: empty for the set's primary one.
        setting: mono, cross or multi; the first that there is where it is not.
        reference: what differences are measured from; empty for `hybench compare`'s choice.
        group_seeds: whether runs that differ only by seed are taken together: chance in training
            is part of a verdict then.
        published: a system of `hybench published` to show; empty for none.
    """

    runs: tuple[tuple[Path, int], ...]
    key: str = ""
    metric: str = ""
    setting: str = "mono"
    reference: str = ""
    group_seeds: bool = True
    published: str = ""


@dataclass(frozen=True)
class Scores:
    """A comparison, and what else could be chosen.

    Attributes:
        request: that it answers.
        key: the results compared.
        keys: all results that any of the runs has.
        metrics: all metrics of these results.
        settings: all settings of them.
        comparison: the table.
        arms: the runs of each column.
        reference: that was asked for, where it is among the arms; empty where it is not.
        skipped: names of runs that could not be read, and why.
        planned: what the studies of these runs have planned for the arms.
        gathered: what was read of the runs; None where it is no longer kept.
    """

    request: ComparisonRequest
    key: str
    keys: tuple[str, ...]
    metrics: tuple[str, ...]
    settings: tuple[str, ...]
    comparison: Comparison
    arms: tuple[tuple[Run, ...], ...]
    reference: str = ""
    skipped: tuple[tuple[str, str], ...] = ()
    planned: tuple[PlannedRuns, ...] = ()
    gathered: Gathered | None = field(default=None, repr=False, compare=False)

    @property
    def options(self) -> CompareOptions:
        """The options of `hybench compare` that give the same tables, for all settings."""
        return _options(self.request, self.key, self.reference)

    @property
    def reference_label(self) -> str | None:
        """The label of the reference; None if there is none."""
        at = self.comparison.baseline
        return None if at is None else self.comparison.columns[at].label


def stamped(paths: Sequence[Path]) -> tuple[tuple[Path, int], ...]:
    """The runs that have results, with when these were written last."""
    found = []
    for path in paths:
        try:
            found.append((path, (path / "results").stat().st_mtime_ns))
        except OSError:
            continue
    return tuple(found)


def compare_runs(request: ComparisonRequest, looks: Looks | None = None) -> Scores:
    """Compare the runs; those whose results cannot be read are left out.

    While the study of the arms lacks seeds of them, nothing is marked.

    Args:
        request: what to compare.
        looks: that there were at studies before they were finished; None: none.

    Raises:
        StateError: no run has results.
        UsageError: what is asked for does not exist here.
        DataError: a config or results file is not what hybench writes.
    """
    from hybench.api.comparing import compare_tables
    from hybench.comparison.arms import make_arms
    from hybench.comparison.looks import planned_runs, withhold_marks
    from hybench.comparison.published_columns import split_imported
    from hybench.comparison.selection import readable_runs
    from hybench.data.schema import SETTINGS
    from hybench.errors import StateError
    from hybench.runs.data_choice import count_results, most_common_data
    from hybench.runs.run import list_results

    runs = [Run(path) for path, _ in request.runs]
    key = most_common_data(runs, request.key)
    having = [run for run in runs if key in list_results(run)]
    having, problems = readable_runs(having)
    found, skipped = _readable(having, key)
    skipped += [("", problem) for problem in problems]
    readable, infos = list(found), list(found.values())
    if not readable:
        raise StateError(
            f"No results of {key} can be read.", " ".join(why for _, why in skipped[:1])
        )
    known = {setting for info in infos for setting in info.settings}
    settings = tuple(setting for setting in SETTINGS if setting in known)
    setting = request.setting if request.setting in known else settings[0]
    arms = make_arms(split_imported(readable)[0], group_seeds=request.group_seeds)
    known_here = any(arm.answers_to(request.reference) for arm in arms)
    reference = request.reference if known_here else ""
    options = replace(_options(request, key, reference), setting=setting)
    (comparison,), gathered = compare_tables(readable, options)
    planned = planned_runs(readable, key)
    comparison = withhold_marks(comparison, planned, (looks or Looks()).look)
    return Scores(
        request,
        key,
        tuple(sorted(count_results(runs))),
        tuple(dict.fromkeys(name for info in infos for name in info.metrics)),
        settings,
        comparison,
        tuple(tuple(member.run for member in arm.members) for arm in arms),
        reference,
        tuple(skipped),
        planned,
        gathered,
    )


def _options(request: ComparisonRequest, key: str, reference: str) -> CompareOptions:
    from hybench.comparison.gather import CompareOptions

    return CompareOptions(
        data=key,
        metric=request.metric or None,
        baseline=reference or None,
        group_seeds=request.group_seeds,
        published=(request.published,) if request.published else (),
    )


def _readable(
    runs: Sequence[Run], key: str
) -> tuple[dict[Run, ResultsInfo], list[tuple[str, str]]]:
    """The manifests of readable results by run; and names of the other runs, and why."""
    from hybench.errors import HybenchError
    from hybench.evaluation.results import ResultsInfo

    fine: dict[Run, ResultsInfo] = {}
    skipped = []
    for run in runs:
        try:
            info = ResultsInfo.read(run.results_info(key))
            info.checked(run.results(key))
            fine[run] = info
        except (HybenchError, OSError) as error:
            skipped.append((run.name, str(error).replace("\n", " ")))
    return fine, skipped
