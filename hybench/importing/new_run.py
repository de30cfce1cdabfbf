"""Makes a run from other systems' files, atomically."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hybench.errors import StateError
from hybench.files.atomic import remove_folder
from hybench.runs.events import EventLog
from hybench.runs.run import IMPORTED, Run
from hybench.version import __version__


@contextmanager
def importing(run: Run) -> Iterator[None]:
    """Lock a run while it is imported; a new run is removed again if that fails.

    Raises:
        StateError: another process holds it, or its folder cannot be written.
    """
    new = not run.path.exists()
    with run.lock():
        try:
            yield
        except BaseException:
            if new:
                remove_folder(run.path)
            raise


def refuse_replacing(run: Run, file: Path, what: str) -> None:
    """Refuse to overwrite an earlier import.

    Raises:
        StateError: the file exists.
    """
    if file.is_file():
        raise replacing(run, what)


def replacing(run: Run, what: str) -> StateError:
    """The error that an import would overwrite `what`."""
    return StateError(
        f"Run {run.name} has {what} already.",
        "Give this one another --name, or replace them with --force.",
    )


@dataclass(frozen=True)
class Import:
    """A run that receives an import; made by `start_import`.

    Attributes:
        run: the run.
        config: the contents of its config.toml.
    """

    run: Run
    config: dict[str, str]

    def write_config(self) -> None:
        """Write config.toml, which makes the folder a run, unless it exists."""
        if not self.run.config_file.is_file():
            self.run.write_config(self.config | {"hybench": __version__})

    def log(self, **fields: object) -> None:
        """Log the event ``imported``."""
        EventLog(self.run.events_file).append("imported", **fields)


def start_import(run: Run, form: str) -> Import:
    """Check that a run can be imported into.

    Args:
        run: the run.
        form: ``trec`` or ``mteb``.

    Raises:
        StateError: a run of that name was made otherwise, or its folder holds something else.
        DataError: its config cannot be read.
    """
    config = {"kind": IMPORTED, "format": form}
    if run.exists() and run.read_config() | {"hybench": ""} != config | {"hybench": ""}:
        raise StateError(
            f"Run {run.name} exists and was not imported from {form}.",
            "Give this one another --name.",
        )
    return Import(run, config)
