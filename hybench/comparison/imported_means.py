"""Tables of imported runs alone: their means, without tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hybench.comparison.gather import CompareOptions
from hybench.errors import UsageError
from hybench.importing.published import (
    Published,
    find_system,
    mteb_metric,
    published_table,
    read_means,
)
from hybench.runs.run import Run


def means_alone(runs: Sequence[Run], options: CompareOptions) -> tuple[Published, ...] | None:
    """The means of runs that all have only means, and the requested published ones.

    Args:
        runs: the runs.
        options: without a metric, the first one of each set is used.

    Returns:
        The rows, at least one; None if a run has other results, or there is no run.

    Raises:
        UsageError: the runs have none of what was requested.
        DataError: a file of means is damaged.
    """
    found = [read_means(run) for run in runs]
    imported = [row for rows in found if rows is not None for row in rows]
    if None in found or not imported:
        return None
    table = published_table()
    systems = [find_system(name, table) for name in options.published]
    first: dict[str, str] = {}
    for row in imported:
        first.setdefault(row.dataset, row.metric)
    metric = options.metric and (mteb_metric(options.metric) or options.metric)
    kept = [
        replace(row, values=values)
        for row in (*imported, *(row for row in table if row.system in systems))
        if row.metric.casefold() == (metric or first.get(row.dataset, "")).casefold()
        and row.dataset in first
        and options.data in {None, row.dataset, f"{row.dataset}@{row.split}"}
        and options.setting in {None, row.setting}
        and (values := _of(row, options.languages))
    ]
    if not kept:
        sets = dict.fromkeys(f"{row.dataset}@{row.split} {row.metric}" for row in imported)
        raise UsageError(
            "These runs have only imported means, and none of those requested.",
            f"They have: {', '.join(sets)}; languages "
            f"{' '.join(sorted({code for row in imported for code in row.languages}))}.",
        )
    return tuple(kept)


def _of(row: Published, languages: Sequence[str]) -> dict[str, float]:
    return {code: row.values[code] for code in row.values if code in (languages or row.values)}
