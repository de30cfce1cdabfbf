"""Commands for messages, quoted for a shell."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from shlex import join

DATA_DIR = Path("data")
"""The default folder of data sets."""

RUNS_DIR = Path("runs")
"""The default folder of runs."""


def command(*words: object, data_dir: Path = DATA_DIR, runs_dir: Path = RUNS_DIR) -> str:
    """A command of hybench, quoted for a shell.

    Args:
        words: after the program's name; empty ones are omitted.
        data_dir: the folder of the sets; an option gives it if it is not the default.
        runs_dir: the folder of the runs; likewise.
    """
    folders = (("--data-dir", data_dir, DATA_DIR), ("--runs-dir", runs_dir, RUNS_DIR))
    options = [word for flag, path, usual in folders if path != usual for word in (flag, path)]
    return join(["hybench", *filter(None, map(str, (*words, *options)))])


def named(folder: Path, usual: Path) -> str:
    """How a command names a run or a set: by its name in the usual folder, else by its path.

    Args:
        folder: the folder of the run or set.
        usual: `RUNS_DIR` or `DATA_DIR`; or the folder that the command is given.
    """
    name = folder.name
    return name if folder.parent == usual and name[:1] != "-" else path_word(folder)


def path_word(path: Path) -> str:
    """A path as a command's argument, not to be taken for an option or a name."""
    text = str(path)
    return text if "/" in text and text[0] != "-" else f"./{text}"


def eval_command(results: str, run: Path | None = None, metric: str = "") -> str:
    """The command that makes results.

    Args:
        results: data set, with ``@split`` if not its own.
        run: the run's folder; None for a placeholder.
        metric: to compute; empty for those that the set has.
    """
    of = "RUN" if run is None else named(run, RUNS_DIR)
    return command("eval", of, *_eval_options(results, metric))


def _eval_options(results: str, metric: str) -> list[str]:
    data, _, split = results.partition("@")
    options = ["--data", data]
    options += ["--split", split] if split else []
    return options + (["--metrics", metric] if metric else [])


def eval_each_command(results: str, runs: Sequence[Path], metric: str) -> str:
    """The command that adds a metric to the results of runs; a shell loop for several."""
    if len(runs) == 1:
        return eval_command(results, runs[0], metric)
    names = join(named(run, RUNS_DIR) for run in runs)
    return (
        f'for run in {names}; do hybench eval "$run" {join(_eval_options(results, metric))}; done'
    )


def folder_word(folder: Path) -> str:
    """A folder of runs as a command's argument, not to be taken for an option."""
    return path_word(folder) if str(folder).startswith("-") else str(folder)


def evaluating(run: Path, data: str, data_dir: Path, *words: str) -> str:
    """The command that evaluates a run on a set, which is named as the user named it.

    Args:
        run: the run's folder.
        data: the set, by name or by its folder.
        data_dir: the folder of the sets.
        words: further arguments.
    """
    name = named(run, run.parent)
    usual = RUNS_DIR if "/" in name else run.parent  # a path needs no folder of runs
    return command("eval", name, "--data", data, *words, data_dir=data_dir, runs_dir=usual)
