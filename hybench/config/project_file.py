"""The settings of a project: ``hybench.toml``, or ``[tool.hybench]``."""

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
"""Files with settings, and the tables that hold them; in one folder the first file wins."""


@dataclass(frozen=True)
class Settings:
    """The settings in a file.

    Attributes:
        path: the file.
        values: keys and tables, as in TOML.
        tables: the enclosing tables of the file, outermost first.
    """

    path: Path
    values: dict[str, Any]
    tables: tuple[str, ...] = ()

    def place(self, *names: str) -> str:
        """The place of a key, for messages: ``hybench.toml: [train] steps``."""
        tables = ".".join((*self.tables, *names[:-1]))
        return f"{self.path}: {f'[{tables}] ' if tables else ''}{names[-1]}"

    def anchored(self, path: str) -> Path:
        """A path in the file, relative to the file's folder, as seen from here."""
        own = Path(os.path.expanduser(path))  # noqa: PTH111 - Path's own fails at ~nobody
        return own if own.is_absolute() else _from_here(self.path.parent / own)


def _ignore(_: str) -> None:
    """Discard a warning."""


def nearest_settings(folder: Path, warn: Callable[[str], None] = _ignore) -> Settings | None:
    """The settings of a folder, or of the nearest folder above it; None if there is no file.

    A ``pyproject.toml`` without ``[tool.hybench]`` does not count.

    Args:
        folder: where the search starts.
        warn: receives a warning about a shared file that cannot be read and is ignored.

    Raises:
        UsageError: the file is not TOML, or ``tool.hybench`` is not a table.
    """
    for place in (folder, *folder.parents):
        for name, tables in FILES.items():
            file = place / name
            # Unlike Path.is_file, it is False in folders that may not be entered.
            if os.path.isfile(file) and (not tables or _may_be_ours(file, warn)):  # noqa: PTH113
                settings = _read(_from_here(file), tables)
                if settings is not None:
                    return settings
    return None


def _may_be_ours(file: Path, warn: Callable[[str], None]) -> bool:
    """Whether a shared file mentions hybench; a broken one that does not is ignored."""
    try:
        return b"hybench" in file.read_bytes()
    except OSError as error:
        reason = error.strerror or error
        warn(f"{_from_here(file)} cannot be read and is ignored: {reason}.")
        return False


def _read(file: Path, tables: tuple[str, ...]) -> Settings | None:
    try:
        values: Any = read_toml(file)
    except DataError as error:  # a wrong configuration is a usage error
        raise UsageError(error.what, error.do) from error
    for at, name in enumerate(tables):
        if name not in values:
            return None
        values = typed(values[name], dict, f"{file}: {'.'.join(tables[: at + 1])}")
    return Settings(file, values, tables)


def _from_here(path: Path) -> Path:
    """A path as a person would write it in the working directory."""
    return Path(os.path.relpath(path))
