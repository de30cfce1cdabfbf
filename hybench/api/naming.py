"""What the public verbs take for runs and data sets: names, paths, or the things themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from hybench.data.dataset import Dataset
from hybench.errors import StateError, UsageError
from hybench.runs.named import named_runs, open_run
from hybench.runs.run import Run, find_runs
from hybench.values.names import folder_named

Options = TypeVar("Options")


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


class HasFolder(Protocol):
    """A result of a verb that made a folder of runs."""

    @property
    def folder(self) -> Path:
        """The folder."""


RunName = str | Path | Run | HasRun
"""A run: by its name in the folder of runs, by a path with a slash, opened, or a verb's result."""

RunsName = RunName | HasFolder
"""A run, or a folder of runs: by its path, or what `hybench.study` gave."""

DataName = str | Path | Dataset | HasDataset
"""A data set: by its name in the folder of sets, by a path with a slash, opened, or prepared."""

FolderName = str | Path


def the_folder(folder: FolderName) -> Path:
    """The folder or file that is meant.

    In a text, ``~`` at the beginning is the user's own folder. In a `Path`, as the command line
    gives it, it is a letter: shells have expanded what was to be expanded.

    Raises:
        UsageError: it is not a path.
    """
    if not isinstance(folder, str | Path):
        raise UsageError(f"{folder!r} is not a path.", "Give a text or a pathlib.Path.")
    if isinstance(folder, Path):
        return folder
    return Path(folder).expanduser() if folder.split("/")[0] == "~" else Path(folder)


def the_run(run: RunName, runs_dir: FolderName) -> Run:
    """The run that is meant.

    Raises:
        UsageError: there is none; runs that may be meant are named.
    """
    if isinstance(run, str):
        return open_run(run, the_folder(runs_dir))
    return Run.open(_path(run))


def the_dataset(data: DataName, data_dir: FolderName) -> Dataset:
    """The data set that is meant.

    Raises:
        UsageError: there is none.
        StateError: it was prepared again since it was opened.
        DataError: its manifest cannot be read.
    """
    if isinstance(data, str):
        return Dataset.open(folder_named(data, the_folder(data_dir)))
    if isinstance(data, Path):
        return Dataset.open(the_folder(data))
    opened = data if isinstance(data, Dataset) else getattr(data, "dataset", None)
    if not isinstance(opened, Dataset):
        raise UsageError(
            f"{_shown(data)} is not a data set.",
            "Give a name, a path, a Dataset, or what hybench.prepare returned.",
        )
    if Dataset.open(opened.path).info != opened.info:
        raise StateError(
            f"Data set {opened.name} in {opened.path.parent} has changed since it was opened.",
            "Open it again: call hybench.prepare, or give its name.",
        )
    return opened


def the_runs(runs: RunsName | Sequence[RunsName], runs_dir: FolderName) -> list[Run]:
    """The runs that are meant; a folder of runs means all in it.

    Raises:
        UsageError: one is not there, or a folder holds none.
    """
    each = runs if isinstance(runs, Sequence) and not isinstance(runs, str | bytes) else [runs]
    return find_runs(
        [
            path
            for one in each
            for path in (
                named_runs([one], the_folder(runs_dir)) if isinstance(one, str) else [_path(one)]
            )
        ]
    )


def the_options(options: Options | None, kind: type[Options]) -> Options:
    """The options, or the defaults.

    Raises:
        UsageError: they are those of something else.
    """
    if options is None:
        return kind()
    if not isinstance(options, kind):
        raise UsageError(
            f"{_shown(options)} is not {kind.__name__}.", f"Give hybench.{kind.__name__}(...)."
        )
    return options


def _path(run: Path | Run | HasRun | HasFolder) -> Path:
    """The folder of a run, or of runs, that is not named.

    Raises:
        UsageError: it is something else.
    """
    if isinstance(run, Path):
        return the_folder(run)
    named = run if isinstance(run, Run) else getattr(run, "run", None)
    if isinstance(named, Run):
        return named.path
    folder = getattr(run, "folder", None)
    if isinstance(folder, Path):
        return folder
    raise UsageError(
        f"{_shown(run)} is not a run.",
        "Give a name, a path, a Run, or what hybench.train or hybench.evaluate returned.",
    )


def _shown(value: object) -> str:
    """A value in a message: itself where that is short, else what it is."""
    text = repr(value)
    return text if len(text) <= 80 and "\n" not in text else f"This {type(value).__name__}"
