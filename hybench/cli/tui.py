"""``hybench tui [RUNS]``."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Annotated

import typer

from hybench.cli.options import DataDir, RunsDir, option
from hybench.cli.state import console
from hybench.errors import UsageError
from hybench.runs.named import named_runs
from hybench.wording.commands import DATA_DIR, RUNS_DIR, command, folder_word


def tui(
    runs: Annotated[
        list[str] | None,
        typer.Argument(metavar="RUNS", help="Runs or folders of runs; --runs-dir by default."),
    ] = None,
    demo: Annotated[
        bool, option("--demo", help="Train small runs in the background and show them.")
    ] = False,
    serve: Annotated[
        bool, option("--serve", help="Show it in a browser on this machine instead.")
    ] = False,
    port: Annotated[int, option(help="Port of --serve.")] = 8000,
    ascii_: Annotated[
        bool | None,
        option(
            "--ascii/--no-ascii",
            help="Draw with ASCII characters only; the default where TERM is linux or the encoding "
            "is not UTF-8.",
        ),
    ] = None,
    every: Annotated[float, option(help="Seconds between updates.")] = 1.0,
    tab: Annotated[
        str, option(metavar="NAME", help="The tab that is open first, such as matrix.")
    ] = "",
    filter_: Annotated[
        str, option("--filter", metavar="TEXT", help="Filter the list of runs, as / does.")
    ] = "",
    fresh: Annotated[
        bool, option("--fresh", help="Begin without what was remembered of these folders.")
    ] = False,
    data_dir: DataDir = DATA_DIR,
    runs_dir: RunsDir = RUNS_DIR,
) -> None:
    """Show the dashboard: live runs, scores by language, comparisons."""
    if not 0.2 <= every <= 3600:
        raise UsageError(f"--every is {every:g}.", "It must be at least 0.2 and at most 3600.")
    if serve:
        from hybench.tui.serve import serve as serve_pages

        serve_pages(port, _same_without_serving(), console.talk)
        return
    _check_terminal()
    from hybench.tui.launch import launch

    paths = named_runs(runs, runs_dir)
    shown = paths or [runs_dir]
    plain = _few_signs(os.environ, sys.stderr.encoding) if ascii_ is None else ascii_
    launch(
        shown, data_dir,
        demo=demo, every=every, ascii_only=plain, tab=tab, filter_=filter_, fresh=fresh,
    )  # fmt: skip
    if not demo:
        words = map(folder_word, shown)
        console.talk(f"Next: {command('compare', *words, '--group-seeds')}")


def _few_signs(environment: Mapping[str, str], encoding: str) -> bool:
    """Whether a terminal lacks most characters: the Linux console has at most 512, no braille."""
    if environment.get("TEXTUAL_DRIVER"):
        return False  # a browser shows it
    poor = environment.get("TERM", "") in {"linux", "vt100", "vt220", "ansi", "cons25", "dumb"}
    return poor or encoding.lower().replace("-", "") != "utf8"


def _check_terminal() -> None:
    """Refuse to draw where there is no terminal."""
    # Textual's setting to draw elsewhere, as textual-serve does.
    if os.environ.get("TEXTUAL_DRIVER"):
        return
    # The dashboard draws on stderr, so that stdout stays free.
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None or not stream.isatty():
            raise UsageError(
                f"hybench tui needs a terminal, and {name} is not one.",
                "Use hybench status for live runs, hybench compare for scores.",
            )


def _same_without_serving() -> list[str]:
    """The arguments of this command, without those of --serve."""
    given = sys.argv[1:]
    kept, skip = [], False
    for argument in given:
        if skip:
            skip = False
        elif argument == "--port":
            skip = True
        elif argument != "--serve" and not argument.startswith("--port="):
            kept.append(argument)
    return kept
