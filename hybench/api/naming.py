"""What the public verbs take for runs and data sets: names, paths, or the things themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from hybench.data.dataset import Dataset
from hybench.runs.named import named_runs, open_run
from hybench.runs.run import Run, find_runs
from hybench.values.names import folder_named


class HasRun(Protocol):
    """A result of a verb that made or used a run."""

    @property
    def run(self) -> Run:
        """The run."""


class HasDataset(Protocol):
    """A result of a verb that made or used a data set."""

    @property
    def dataset(self) -> Dataset:
        """The set."""


RunName = str | Path | Run | HasRun
"""A run: by its name in the folder of runs, by a path with a slash, opened, or a verb's result."""

DataName = str | Path | Dataset | HasDataset
"""A data set: by its name in the folder of sets, by a path with a slash, opened, or prepared."""

FolderName = str | Path


def the_run(run: RunName, runs_dir: FolderName) -> Run:
    """The run that is meant.

    Raises:
        UsageError: there is none; runs that may be meant are named.
    """
    if isinstance(run, str):
        return open_run(run, Path(runs_dir))
    return Run.open(_path(run))


def the_dataset(data: DataName, data_dir: FolderName) -> Dataset:
    """The data set that is meant.

    Raises:
        UsageError: there is none.
        DataError: its manifest cannot be read.
    """
    if isinstance(data, str):
        return Dataset.open(folder_named(data, Path(data_dir)))
    if isinstance(data, Path):
        return Dataset.open(data)
    return data if isinstance(data, Dataset) else data.dataset


def the_runs(runs: RunName | Sequence[RunName], runs_dir: FolderName) -> list[Run]:
    """The runs that are meant; a folder of runs means all in it.

    Raises:
        UsageError: one is not there, or a folder holds none.
    """
    each = runs if isinstance(runs, Sequence) and not isinstance(runs, str) else [runs]
    return find_runs(
        [
            path
            for one in each
            for path in (
                named_runs([one], Path(runs_dir)) if isinstance(one, str) else [_path(one)]
            )
        ]
    )


def _path(run: Path | Run | HasRun) -> Path:
    """The folder of a run that is no name."""
    if isinstance(run, Path):
        return run
    return run.path if isinstance(run, Run) else run.run.path
