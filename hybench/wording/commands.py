"""Commands that messages name, as a shell takes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from shlex import join

DATA_DIR = Path("data")
"""Where data sets are looked for unless another folder is named."""

RUNS_DIR = Path("runs")
"""Where runs are."""


def command(*words: object, data_dir: Path = DATA_DIR, runs_dir: Path = RUNS_DIR) -> str:
    """A command of hybench: what must be quoted is.

    Args:
        words: after the program's name; an empty one is left out.
        data_dir: of the sets; an option names it where it is not the usual one.
        runs_dir: of the runs; likewise.
    """
    folders = (("--data-dir", data_dir, DATA_DIR), ("--runs-dir", runs_dir, RUNS_DIR))
    options = [word for flag, path, usual in folders if path != usual for word in (flag, path)]
    return join(["hybench", *filter(None, map(str, (*words, *options)))])


def named(folder: Path, usual: Path) -> str:
    """How a command names a run or a set: by its name in the usual folder, else by its path.

    Args:
        folder: of the run or set.
        usual: `RUNS_DIR` or `DATA_DIR`; or the one that the command is told.
    """
    name = folder.name
    return name if folder.parent == usual and name[:1] != "-" else path_word(folder)


def path_word(path: Path) -> str:
    """A path as it can be a command's argument: no option, and not the name of a run or set."""
    text = str(path)
    return text if "/" in text and text[0] != "-" else f"./{text}"


def eval_command(results: str, run: Path | None = None, metric: str = "") -> str:
    """The command that makes results.

    Args:
        results: data set, with ``@split`` if not its own.
        run: the run's folder; None is any.
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
    """The command that adds a metric to the results of runs, a loop of the shell for several."""
    if len(runs) == 1:
        return eval_command(results, runs[0], metric)
    names = join(named(run, RUNS_DIR) for run in runs)
    return (
        f'for run in {names}; do hybench eval "$run" {join(_eval_options(results, metric))}; done'
    )


def folder_word(folder: Path) -> str:
    """A folder of runs as an argument of a command: never an option."""
    return path_word(folder) if str(folder).startswith("-") else str(folder)


def evaluating(run: Path, data: str, data_dir: Path, *words: str) -> str:
    """The command that evaluates a run on a set which is named as a person did.

    Args:
        run: the run's folder.
        data: set, by name or by its folder.
        data_dir: of the sets.
        words: what follows.
    """
    name = named(run, run.parent)
    usual = RUNS_DIR if "/" in name else run.parent  # a path needs no folder of runs
    return command("eval", name, "--data", data, *words, data_dir=data_dir, runs_dir=usual)
