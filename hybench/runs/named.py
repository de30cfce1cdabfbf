"""Runs by the names that people give them."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from shlex import quote

from hybench.errors import UsageError
from hybench.runs.data_choice import count_results, most_common_data
from hybench.runs.run import CONFIG, Run
from hybench.values.names import folder_named
from hybench.wording.commands import command, folder_word, path_word

_MEANT = 3
"""Runs at most that a name may mean."""


def named_runs(names: list[str] | None, runs_dir: Path) -> list[Path]:
    """The runs, or folders of runs, that are named: paths that are there, else below `runs_dir`.

    Raises:
        UsageError: one is not there, and another is that may be meant.
    """
    paths = []
    for name in names or ():
        here = Path(name) == runs_dir or Path(name).exists()
        path = Path(name) if here else folder_named(name, runs_dir)
        if not path.exists():
            _ask_whether_meant(name, runs_dir, f"No runs in {path}.")
        paths.append(path)
    return paths


def open_run(name: str, runs_dir: Path) -> Run:
    """The run of that name, or in that folder.

    Raises:
        UsageError: there is none; a run that may be meant is named.
    """
    path = folder_named(name, runs_dir)
    try:
        return Run.open(path)
    except UsageError as error:
        _ask_whether_meant(name, runs_dir, error.what)
        raise


def _ask_whether_meant(name: str, runs_dir: Path, what: str) -> None:
    """Name the runs that a name may mean which is none's: below `runs_dir`, or nearly so written.

    Raises:
        UsageError: there are such runs.
    """
    own = {file.parent.name: file.parent for file in runs_dir.glob(f"*/{CONFIG}")}
    last = Path(name).name
    inside = [file.parent for file in runs_dir.glob(f"*/*/{CONFIG}")]
    meant = (
        [below for below in (runs_dir / name,) if below.is_dir()]
        or [path for path in inside if path.name == last]
        or [own[close] for close in get_close_matches(last, own, n=_MEANT)]
    )
    if meant:
        words = " or ".join(quote(path_word(path)) for path in sorted(meant)[:_MEANT])
        raise UsageError(what, f"Did you mean {words}?")


def compare_command(folder: Path, runs: Sequence[Run], *, group_seeds: bool = False) -> str:
    """The command that compares the runs in a folder, with a data set where it takes one.

    Args:
        folder: of the runs.
        runs: all runs in it.
        group_seeds: whether runs that differ only by seed are taken together.
    """
    data = ("--data", most_common_data(runs)) if len(count_results(runs)) > 1 else ()
    return command("compare", folder_word(folder), *data, "--group-seeds" if group_seeds else "")
