"""Selects the named runs that can be compared, with notes on the others."""

from __future__ import annotations

from collections.abc import Sequence

from hybench.comparison.gather import CompareOptions
from hybench.comparison.members import Member
from hybench.comparison.scores import read_info
from hybench.errors import DataError
from hybench.runs.data_choice import choose_data
from hybench.runs.run import TRAIN, Run
from hybench.runs.status import how_to_finish
from hybench.wording.amounts import listed
from hybench.wording.commands import eval_command

_ENOUGH = 2
"""At least so many runs must be left for a damaged one to be skipped."""


def readable_runs(runs: Sequence[Run]) -> tuple[list[Run], list[str]]:
    """The runs whose config can be read, and a note on each of the others.

    Raises:
        DataError: a config is not TOML, and fewer than two others can be read.
    """
    readable: list[Run] = []
    problems: list[DataError] = []
    notes = []
    for run in runs:
        try:
            Member.read(run)
        except DataError as error:
            problems.append(error)
            notes.append(f"Left out {run.name}: {error.what}")
        else:
            readable.append(run)
    if problems and len(readable) < _ENOUGH:
        raise problems[0]
    return readable, notes


def evaluated_runs(runs: Sequence[Run], options: CompareOptions) -> tuple[list[Run], list[str]]:
    """The runs with results on the compared data set, and a note with the names of the others.

    Imported means count as results, and a requested baseline is always kept.

    Raises:
        UsageError: a data set must be chosen.
        StateError: no run has results, or none has those requested.
        DataError: a manifest of results is damaged.
    """
    own = [run for run in runs if not run.means.is_file()]
    if not own:
        return list(runs), []
    key = choose_data(own, options.data)
    missing = [run for run in own if read_info(run, key) is None and run.name != options.baseline]
    if not missing:
        return list(runs), []
    unfinished = [run for run in missing if _is_unfinished(run)]
    notes = []
    if unfinished:
        names = listed([run.name for run in unfinished])
        notes.append(
            f"Left out, as their training is not finished: {names}. {how_to_finish(unfinished[0])}"
        )
    others = [run for run in missing if run not in unfinished]
    if others:
        names = listed([run.name for run in others])
        evaluate = eval_command(key, others[0].path if len(others) == 1 else None)
        notes.append(f"Left out, without results of {key}: {names} ({evaluate}).")
    return [run for run in runs if run not in missing], notes


def _is_unfinished(run: Run) -> bool:
    return run.kind == TRAIN and not run.model.is_dir()
