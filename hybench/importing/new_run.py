"""How a run is made of other systems' files, whatever their form: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hybench.errors import StateError
from hybench.files.atomic import remove_folder
from hybench.runs.events import EventLog
from hybench.runs.run import Run
from hybench.version import __version__

KIND = "imported"


@contextmanager
def importing(run: Run) -> Iterator[None]:
    """Hold a run while it is imported; one that is new is gone again where that fails.

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
    """Refuse to write over what an earlier import made.

    Raises:
        StateError: the file is there.
    """
    if file.is_file():
        raise replacing(run, what)


def replacing(run: Run, what: str) -> StateError:
    """The error that an import would write over `what`."""
    return StateError(
        f"Run {run.name} has {what} already.",
        "Give this one another --name, or replace them with --force.",
    )


@dataclass(frozen=True)
class Import:
    """A run that is being imported into; `start_import` makes it.

    Attributes:
        run: the run.
        config: what its config.toml is to hold.
    """

    run: Run
    config: dict[str, str]

    def write_config(self) -> None:
        """Write config.toml, which makes it a run, where it is not there."""
        if not self.run.config_file.is_file():
            self.run.write_config(self.config | {"hybench": __version__})

    def log(self, **told: object) -> None:
        """Log the event ``imported``."""
        EventLog(self.run.events_file).append("imported", **told)


def start_import(run: Run, form: str) -> Import:
    """Check that a run can be imported into.

    Args:
        run: the run.
        form: ``trec`` or ``mteb``.

    Raises:
        StateError: a run of that name was made otherwise, or its folder holds something else.
        DataError: its config cannot be read.
    """
    config = {"kind": KIND, "format": form}
    if run.exists() and run.read_config() | {"hybench": ""} != config | {"hybench": ""}:
        raise StateError(
            f"Run {run.name} is there and was not imported from {form}.",
            "Give this one another --name.",
        )
    return Import(run, config)
