"""Exports: what can be written to a file, and the command of hybench that writes the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.errors import UsageError
from hybench.tui.model.curve_files import SHAPES, CurveChoice, curve_command, curve_document
from hybench.wording.commands import command, folder_word

if TYPE_CHECKING:
    from hybench.tui.model.scores import Scores


@dataclass(frozen=True)
class Outlet:
    """What can be written.

    Attributes:
        name: of the file that is proposed.
        endings: that a file's name may have; each is a format.
        write: writes the file; returns the command that writes the same.
    """

    name: str
    endings: tuple[str, ...]
    write: Callable[[Path], str]

    def check(self, path: Path) -> None:
        """Refuse a file of another ending, or in a folder that is not there.

        Raises:
            UsageError: it is such a file.
        """
        if path.suffix.lower() not in self.endings:
            raise UsageError(
                f"{path} has no known ending.", f"End it with one of: {' '.join(self.endings)}."
            )
        if not path.parent.is_dir():
            raise UsageError(f"There is no folder {path.parent}.", "Name an existing folder.")


def comparison_outlet(scores: Scores) -> Outlet:
    """All tables of a comparison."""

    def write(path: Path) -> str:
        export(scores, path)
        return export_command(scores, path)

    return Outlet("compare.md", (".md", ".csv", ".json", ".tex", ".html"), write)


def status_outlet(paths: Sequence[Path]) -> Outlet:
    """The state of runs."""

    def write(path: Path) -> str:
        from hybench.runs.status import StatusBoard
        from hybench.runs.status_document import status_document

        shape = path.suffix.lower().removeprefix(".")
        write_text(path, status_document(StatusBoard(paths).look(), shape))
        return command("status", *map(folder_word, paths), "-o", path)

    return Outlet("runs.csv", (".csv", ".md", ".json"), write)


def curve_outlet(choice: CurveChoice, name: str) -> Outlet:
    """The curves of a chart."""

    def write(path: Path) -> str:
        write_text(path, curve_document(choice, path.suffix.lower().removeprefix(".")))
        return curve_command(choice, path)

    return Outlet(f"{name}.svg", tuple(f".{shape}" for shape in SHAPES), write)


def write_text(path: Path, text: str) -> None:
    """Write a file whole, or not at all.

    Raises:
        StateError: it cannot be written.
    """
    from hybench.files.atomic import writing_to

    with writing_to(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def export_command(scores: Scores, path: Path) -> str:
    """The command that writes what `export` writes."""
    from hybench.report.export import format_of

    request = scores.request
    runs = [run.path for runs in scores.arms for run in runs]
    options = ["--data", scores.key, "--metric", scores.comparison.metric]
    options += ["--baseline", scores.reference] if scores.reference else []
    options += ["--group-seeds"] if request.group_seeds else []
    options += ["--published", request.published] if request.published else []
    return command("compare", *runs, *options, "--format", format_of(path), "-o", path)


def export(scores: Scores, path: Path) -> None:
    """Write all tables to a file; its ending says as what.

    Raises:
        UsageError: the ending is not known, there is no such folder, or the extra ``report`` is not
            installed.
        StateError: the file cannot be written.
    """
    from functools import partial

    from hybench.report.export import compared, document, format_of, write_document

    format_of(path)  # a mistake is told before the runs are compared
    runs = [run for runs in scores.arms for run in runs]
    write_document(partial(document, compared(runs, scores.options)), path)
