"""What the public verbs take for runs and data sets: names, paths, or the things themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hybench.data.dataset import Dataset
from hybench.runs.named import named_runs, open_run
from hybench.runs.run import Run, find_runs
from hybench.values.names import folder_named

RunName = str | Path | Run
"""A run: by its name in the folder of runs, by a path with a slash, or opened."""

DataName = str | Path | Dataset
"""A data set: by its name in the folder of sets, by a path with a slash, or opened."""

FolderName = str | Path


def the_run(run: RunName, runs_dir: FolderName) -> Run:
    """The run that is meant.

    Raises:
        UsageError: there is none; runs that may be meant are named.
    """
    if isinstance(run, Run):
        return Run.open(run.path)
    return Run.open(run) if isinstance(run, Path) else open_run(run, Path(runs_dir))


def the_dataset(data: DataName, data_dir: FolderName) -> Dataset:
    """The data set that is meant.

    Raises:
        UsageError: there is none.
        DataError: its manifest cannot be read.
    """
    if isinstance(data, Dataset):
        return data
    return Dataset.open(data if isinstance(data, Path) else folder_named(data, Path(data_dir)))


def the_runs(runs: RunName | Sequence[RunName], runs_dir: FolderName) -> list[Run]:
    """The runs that are meant; a folder of runs means all in it.

    Raises:
        UsageError: one is not there, or a folder holds none.
    """
    each = [runs] if isinstance(runs, str | Path | Run) else list(runs)
    root = Path(runs_dir)
    paths = [
        path
        for one in each
        for path in (
            [one.path]
            if isinstance(one, Run)
            else [one]
            if isinstance(one, Path)
            else named_runs([one], root)
        )
    ]
    return find_runs(paths)
