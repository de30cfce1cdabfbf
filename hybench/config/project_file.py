"""What a project sets for every call: ``hybench.toml``, or ``[tool.hybench]``."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hybench.errors import DataError, UsageError
from hybench.files.documents import read_toml
from hybench.values.typed import typed

FILES = {"hybench.toml": (), "pyproject.toml": ("tool", "hybench")}
"""Files that are looked for, and in which of their tables; in one folder the first wins."""


@dataclass(frozen=True)
class Settings:
    """What a file sets.

    Attributes:
        path: the file.
        values: keys and tables, as TOML has them.
        tables: the tables of the file that they stand in, from the outermost.
    """

    path: Path
    values: dict[str, Any]
    tables: tuple[str, ...] = ()

    def place(self, *names: str) -> str:
        """Where a key stands, named by its tables and itself: ``hybench.toml: [train] steps``."""
        tables = ".".join((*self.tables, *names[:-1]))
        return f"{self.path}: {f'[{tables}] ' if tables else ''}{names[-1]}"

    def anchored(self, path: str) -> Path:
        """A path that the file names, which starts at the file's folder, from here."""
        own = Path(os.path.expanduser(path))  # noqa: PTH111 - Path's own fails at ~nobody
        return own if own.is_absolute() else _from_here(self.path.parent / own)


def _unsaid(_: str) -> None:
    """Says nothing."""


def nearest_settings(folder: Path, say: Callable[[str], None] = _unsaid) -> Settings | None:
    """The settings nearest to a folder: its own, else those of the first above it; None: no file.

    A ``pyproject.toml`` without ``[tool.hybench]`` is somebody else's.

    Args:
        folder: to begin at.
        say: is told of a shared file that cannot be read, and so is passed over.

    Raises:
        UsageError: the file is not TOML, or ``tool.hybench`` is no table.
    """
    for place in (folder, *folder.parents):
        for name, tables in FILES.items():
            file = place / name
            # Unlike Path.is_file, it is False of folders that may not be entered.
            if os.path.isfile(file) and (not tables or _may_be_ours(file, say)):  # noqa: PTH113
                settings = _read(_from_here(file), tables)
                if settings is not None:
                    return settings
    return None


def _may_be_ours(file: Path, say: Callable[[str], None]) -> bool:
    """Whether a shared file speaks of hybench at all; a broken one that does not is left alone."""
    try:
        return b"hybench" in file.read_bytes()
    except OSError as error:
        reason = error.strerror or error
        say(f"{_from_here(file)} cannot be read, and is passed over: {reason}.")
        return False


def _read(file: Path, tables: tuple[str, ...]) -> Settings | None:
    try:
        values: Any = read_toml(file)
    except DataError as error:  # what a person configures is usage
        raise UsageError(error.what, error.do) from error
    for at, name in enumerate(tables):
        if name not in values:
            return None
        values = typed(values[name], dict, f"{file}: {'.'.join(tables[: at + 1])}")
    return Settings(file, values, tables)


def _from_here(path: Path) -> Path:
    """A path as a person would write it in the working directory."""
    return Path(os.path.relpath(path))
