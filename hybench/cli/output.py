"""Check of the path that a command writes a document to."""

from __future__ import annotations

from pathlib import Path
from shlex import join

from hybench.errors import UsageError


def check_output(path: Path | None) -> None:
    """Refuse a path of ``-o`` that is a folder, or in none; None and ``-`` are stdout.

    Raises:
        UsageError: naming the path and what to do.
    """
    if path is None or str(path) == "-":
        return
    if path.is_dir():
        raise UsageError(f"--output {path} is a folder.", "Name a file in it.")
    if not path.parent.exists():
        raise UsageError(
            f"--output {path}: there is no folder {path.parent}.",
            f"Make it, or name another: {join(['mkdir', '-p', str(path.parent)])}",
        )
