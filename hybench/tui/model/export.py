"""The export: the file that `hybench compare` would write, and the command that would."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hybench.errors import UsageError
from hybench.wording.commands import command
from hybench.wording.text_table import SUFFIXES

if TYPE_CHECKING:
    from hybench.tui.model.scores import Scores


def export_command(scores: Scores, path: Path) -> str:
    """The command that writes what `export` writes."""
    request = scores.request
    runs = [run.path for runs in scores.arms for run in runs]
    options = ["--data", scores.key, "--metric", scores.comparison.metric]
    options += ["--baseline", scores.reference] if scores.reference else []
    options += ["--group-seeds"] if request.group_seeds else []
    options += ["--published", request.published] if request.published else []
    return command("compare", *runs, *options, "--format", _shape(path), "-o", path)


def _shape(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(
            f"{path} has no known ending.", f"End it with one of: {' '.join(SUFFIXES)}."
        )
    return SUFFIXES[suffix]


def export(scores: Scores, path: Path) -> None:
    """Write all tables to a file; its ending says as what.

    Raises:
        UsageError: the ending is not known, there is no such folder, or the extra ``report`` is not
            installed.
        StateError: the file cannot be written.
    """
    from hybench.files.atomic import writing_to
    from hybench.report.export import export_of

    shape = _shape(path)
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}.", "Name one that is there.")
    runs = [run for runs in scores.arms for run in runs]
    text = export_of(runs, scores.options, shape).document(shape)
    with writing_to(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
