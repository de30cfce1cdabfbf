"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from hybench.errors import UsageError
from hybench.values.names import folder_named
from hybench.values.options import LANGUAGES_FLAGS, LANGUAGES_HELP
from hybench.wording import commands as hints
from hybench.wording.text_table import SUFFIXES

if TYPE_CHECKING:
    from hybench.runs.run import Run


def option(*names: str, **settings: Any) -> Any:
    """A `typer.Option` whose environment variable works but does not clutter the help."""
    return typer.Option(*names, show_envvar=False, **settings)


DataDir = Annotated[Path, option("--data-dir", help="Folder of the prepared data sets.")]
RunsDir = Annotated[Path, option("--runs-dir", help="Folder of the runs.")]
DataSet = Annotated[str, option("--data", help="Data set, by name or by its folder.")]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="Run, by name or by its folder.")]
Device = Annotated[str, option("--device", help="auto, cpu, cuda or cuda:N.")]
DryRun = Annotated[bool, option("--dry-run", help="Say what would be done, and for how long.")]
Force = Annotated[bool, option("--force", help="Do it again over what is there.")]
SheetFormat = Literal["table", "json", "md", "csv"]
Format = Annotated[
    SheetFormat | None, option("--format", help="What to write; else what -o ends in.")
]
Setting = Literal["mono", "cross", "multi"]
Json = Annotated[bool, option("--json", help="Short for --format json.")]
Output = Annotated[
    Path | None, option("--output", "-o", help="Write to this file instead of stdout.")
]
Languages = Annotated[
    list[str] | None,
    option(*LANGUAGES_FLAGS, help=LANGUAGES_HELP),
]

_MEANT = 3
"""Runs at most that a name may mean."""

BM25 = "bm25"
"""The name that stands for the BM25 baseline where a run is asked for."""

DATA_DIR, RUNS_DIR = hints.DATA_DIR, hints.RUNS_DIR


def command(*words: object, data_dir: Path = DATA_DIR, runs_dir: Path = RUNS_DIR) -> str:
    """A command of hybench that works here, with the folders that are not the usual ones."""
    folders = (("--data-dir", data_dir, DATA_DIR), ("--runs-dir", runs_dir, RUNS_DIR))
    told = [word for flag, path, usual in folders if path != usual for word in (flag, path)]
    return hints.command(*words, *told)


def chosen_format(
    asked: str | None, json: bool, output: Path | None, formats: Sequence[str]
) -> str:
    """The format of what a command reports: the one asked for, else that of the file's name.

    Args:
        asked: ``--format``; None where it was not given.
        json: ``--json``.
        output: ``--output``; None or ``-`` is stdout, whose format is ``table``, as that of a pipe
            or device.
        formats: those that the command knows, ``table`` among them.

    Raises:
        UsageError: the name's end says none of them.
    """
    if json or asked is not None:
        return "json" if json else str(asked)
    if output is None or str(output) == "-" or (output.exists() and not output.is_file()):
        return "table"
    known = {suffix: shape for suffix, shape in SUFFIXES.items() if shape in formats}
    suffix = output.suffix.lower()
    if suffix not in known:
        ends = f"ends in {suffix}" if suffix else "has no suffix"
        raise UsageError(
            f"--output {output} {ends}, which says no format that there is here.",
            f"Let it end in {' '.join(known)}, or add --format: {' '.join(formats)}.",
        )
    return known[suffix]


def compare_command(folder: Path, runs: Sequence[Run], *, group_seeds: bool = False) -> str:
    """The command that compares the runs in a folder, with a data set where it takes one.

    Args:
        folder: of the runs.
        runs: all runs in it.
        group_seeds: whether runs that differ only by seed are taken together.
    """
    from hybench.runs.run import list_results, most_common_results

    keys = {key for run in runs for key in list_results(run)}
    data = ("--data", most_common_results(runs)) if len(keys) > 1 else ()
    return hints.command(
        "compare", folder_word(folder), *data, "--group-seeds" if group_seeds else ""
    )


def folder_word(folder: Path) -> str:
    """A folder of runs as an argument of a command: never an option."""
    return hints.path_word(folder) if str(folder).startswith("-") else str(folder)


def evaluating(run: Run, data: str, data_dir: Path, *words: str) -> str:
    """The command that evaluates a run.

    Args:
        run: the run.
        data: set, by name or by its folder.
        data_dir: of the sets.
        words: what follows.
    """
    folder = run.path.parent
    name = hints.named(run.path, folder)
    usual = RUNS_DIR if "/" in name else folder  # a path needs no folder of runs
    return command("eval", name, "--data", data, *words, data_dir=data_dir, runs_dir=usual)


def split_list(values: list[str] | None) -> tuple[str, ...] | None:
    """Values of a repeatable option that also takes commas; None where it was not given."""
    if not values:
        return None
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


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
    from hybench.runs.run import Run

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
    from difflib import get_close_matches

    from hybench.runs.run import CONFIG

    own = {file.parent.name: file.parent for file in runs_dir.glob(f"*/{CONFIG}")}
    last = Path(name).name
    inside = [file.parent for file in runs_dir.glob(f"*/*/{CONFIG}")]
    meant = (
        [below for below in (runs_dir / name,) if below.is_dir()]
        or [path for path in inside if path.name == last]
        or [own[close] for close in get_close_matches(last, own, n=_MEANT)]
    )
    if meant:
        words = " or ".join(quote(hints.path_word(path)) for path in sorted(meant)[:_MEANT])
        raise UsageError(what, f"Did you mean {words}?")
