"""How a run is made of other systems' files, whatever their form: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import hybench
from hybench.config import read_toml
from hybench.errors import StateError
from hybench.events import EventLog
from hybench.runs import Run
from hybench.storage import remove_folder, replacing_file

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
        raise StateError(
            f"Run {run.name} has {what} already.",
            "Give this one another --name, or replace them with --force.",
        )


def start_import(run: Run, form: str) -> Callable[..., None]:
    """Check that a run can be imported into; what comes back makes it one, once all is written.

    Args:
        run: the run.
        form: ``trec`` or ``mteb``.

    Returns:
        Writes config.toml, where it is not there, and logs its arguments as the event ``imported``.

    Raises:
        StateError: a run of that name was made otherwise.
        DataError: its config cannot be read.
    """
    import tomli_w

    config = {"kind": KIND, "format": form}
    there = run.config_file.is_file()
    if there and read_toml(run.config_file) | {"hybench": ""} != config | {"hybench": ""}:
        raise StateError(
            f"Run {run.name} is there and was not imported from {form}.",
            "Give this one another --name.",
        )

    def finish(**told: object) -> None:
        if not there:
            with replacing_file(run.config_file) as temporary:
                text = tomli_w.dumps(config | {"hybench": hybench.__version__})
                temporary.write_text(text, encoding="utf-8")
        EventLog(run.events_file).append("imported", **told)

    return finish
