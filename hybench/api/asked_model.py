"""A model as it is, where a verb takes a run: a directory or hub id that becomes one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from hybench.api.naming import FolderName, RunName, the_folder, the_options, the_run
from hybench.encoders.checkpoint import ADAPTER
from hybench.errors import UsageError
from hybench.runs.models import ModelOptions, check_asked, run_name_of
from hybench.runs.run import CONFIG, MODEL, Run
from hybench.values.checks import flag
from hybench.values.names import check_name, folder_named

_CHECKPOINT_FILES = ("modules.json", "config.json", ADAPTER)
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(@[\w./-]+)?")


@dataclass(frozen=True)
class AskedModel:
    """A model that no run was made of yet.

    Attributes:
        model: a directory, or an id on the hub.
        options: how it is used.
    """

    model: str | Path
    options: ModelOptions


def run_or_model(
    named: RunName, options: ModelOptions | None, runs_dir: FolderName
) -> tuple[Run, AskedModel | None]:
    """The run that is meant, or the one that will be made of the model that is meant.

    A run comes first; then a directory with a checkpoint; then an id on the hub.

    Args:
        named: a run, or a model.
        options: how the model is used; None for its own ways.
        runs_dir: folder of the runs.

    Returns:
        The run, and the model that it has to be made of first; None if the run exists.

    Raises:
        UsageError: there is neither such a run nor such a model; or options of a model are given
            for a run that is of none.
        StateError: there is a run of that name, of another model or with other options.
    """
    options = the_options(options, ModelOptions)
    root = the_folder(runs_dir)
    if not isinstance(named, str | Path):
        return _of_run(the_run(named, root), options), None
    path = the_folder(named) if isinstance(named, Path) else folder_named(named, root)
    if (path / CONFIG).is_file() or not _is_model(named, root):
        return _of_run(the_run(named, root), options), None
    model = the_folder(named) if _is_checkpoint(the_folder(named)) else str(named)
    name = run_name_of(model) if options.name is None else check_name(options.name, "--name")
    run = Run(root / name)
    if run.exists():
        check_asked(run, model, options)
        return run, None
    return run, AskedModel(model, options)


def _of_run(run: Run, options: ModelOptions) -> Run:
    """The run, if the options suit it."""
    if run.kind == MODEL:
        check_asked(run, None, options)
    for name, _ in options.given:
        if run.kind != MODEL:
            raise UsageError(
                f"{flag(name)} is given, and run {run.name} is not of a model as it is.",
                "Omit it: a run is evaluated as it was made.",
            )
    return run


def _is_model(named: str | Path, runs_dir: Path) -> bool:
    """Whether it can only be a model: a directory with a checkpoint, or an id on the hub."""
    if _is_checkpoint(the_folder(named)):
        return True
    return (
        isinstance(named, str)
        and _HUB_ID.fullmatch(named) is not None
        and not Path(named).parent.is_dir()
        and not (runs_dir / named / CONFIG).is_file()
    )


def _is_checkpoint(folder: Path) -> bool:
    return any((folder / name).is_file() for name in _CHECKPOINT_FILES)
