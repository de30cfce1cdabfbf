"""The export: the file that `hybench compare` would write, and the command that would."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hybench.wording.commands import command

if TYPE_CHECKING:
    from hybench.tui.model.scores import Scores


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
