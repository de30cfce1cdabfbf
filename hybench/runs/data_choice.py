"""The choice of the results to compare, given or by default."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hybench.errors import StateError, UsageError
from hybench.runs.run import Run, list_results
from hybench.wording.commands import eval_command


def count_results(runs: Sequence[Run]) -> Counter[str]:
    """How many runs have results of each name: data set, with ``@split`` if not its own."""
    return Counter(key for run in runs for key in list_results(run))


def most_common_data(runs: Sequence[Run], data: str = "") -> str:
    """The results to show first: those requested if a run has them, else those that most runs have;
    of several such, the first by name.

    Raises:
        StateError: no run has results.
    """
    counts = count_results(runs)
    if data in counts:
        return data
    if not counts:
        raise _no_results(runs, None)
    return min(counts, key=lambda key: (-counts[key], key))


def choose_data(runs: Sequence[Run], data: str | None) -> str:
    """The results to compare: those requested, else the only ones that all runs with results have.

    Raises:
        UsageError: several are possible, or none is common to the runs.
        StateError: no run has results, or none has those requested.
    """
    counts = count_results(runs)
    every = sorted(counts)
    if not every or (data is not None and data not in every):
        raise _no_results(runs, data)
    if data is not None:
        return data
    most = sum(bool(list_results(run)) for run in runs)
    common = [key for key in every if counts[key] == most]
    if len(common) == 1:
        return common[0]
    if common:
        raise UsageError(
            f"The runs have {len(common)} data sets in common.",
            f"Choose one: --data {' | '.join(common)}.",
        )
    raise UsageError("The runs have no data set in common.", f"Choose --data: {' | '.join(every)}.")


def _no_results(runs: Sequence[Run], data: str | None) -> StateError:
    known = sorted(count_results(runs))
    alone = len(runs) == 1
    which = f"Run {runs[0].name} has no" if alone else f"None of the {len(runs)} runs has"
    command = eval_command(data or "SET", runs[0].path if alone else None)
    there = f" There are results of: {' '.join(known)}." if known else ""
    return StateError(
        f"{which} results{f' of {data}' if data else ''}.",
        f"Evaluate {'it' if alone else 'them'}: {command}.{there}",
    )
