"""Find runs by name, and suggest the names of similar ones."""

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
"""Most runs that are suggested for a name."""


def named_runs(names: list[str] | None, runs_dir: Path) -> list[Path]:
    """The paths of named runs or folders of runs: as given if they exist, else in `runs_dir`.

    Raises:
        UsageError: one does not exist, but a similar one does.
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
    """The run with a name, or in a folder.

    Raises:
        UsageError: there is none; the message suggests a similar one.
    """
    path = folder_named(name, runs_dir)
    try:
        return Run.open(path)
    except UsageError as error:
        _ask_whether_meant(name, runs_dir, error.what)
        raise


def _ask_whether_meant(name: str, runs_dir: Path, what: str) -> None:
    """Suggest runs for a name that does not exist: in `runs_dir`, or with a similar name.

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
    """The command that compares the runs in a folder, with a data set if one is needed.

    Args:
        folder: the folder of the runs.
        runs: all runs in it.
        group_seeds: whether runs that differ only by seed are grouped.
    """
    data = ("--data", most_common_data(runs)) if len(count_results(runs)) > 1 else ()
    return command("compare", folder_word(folder), *data, "--group-seeds" if group_seeds else "")
