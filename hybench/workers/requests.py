"""What a worker is asked for, and the files that it reads and writes for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

Kind = TypeVar("Kind")
Request = Mapping[str, Any]
"""Values of JSON, with `Reads` and `Writes` among them wherever the worker is given a path."""


@dataclass(frozen=True)
class Reads:
    """Files that a worker reads; it is given the path of their folder.

    Attributes:
        path: the folder, or a single file.
        names: of the files, relative to the folder; empty for a single file.
        called: what a worker with the same folders is given instead; empty for the path.
        once: whether they are of this work alone, so that no other will read them.
    """

    path: Path
    names: tuple[str, ...] = ()
    called: str = ""
    once: bool = False

    @property
    def files(self) -> tuple[Path, ...]:
        """The files."""
        return tuple(self.path / name for name in self.names) or (self.path,)

    def __str__(self) -> str:
        return self.called or str(self.path.absolute())


@dataclass(frozen=True)
class Writes:
    """Files that a worker writes; it is given the path of their folder.

    Attributes:
        path: the folder, or a single file.
        names: of the files, relative to the folder, in the order in which they appear there; empty
            for a single file.
    """

    path: Path
    names: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """The files."""
        return tuple(self.path / name for name in self.names) or (self.path,)

    def __str__(self) -> str:
        return str(self.path.absolute())


def replaced(value: Any, kinds: type | tuple[type, ...], change: Callable[[Any], Any]) -> Any:
    """A request in which all values of some kinds are replaced, at any depth, in their order."""
    if isinstance(value, kinds):
        return change(value)
    if isinstance(value, Mapping):
        return {key: replaced(each, kinds, change) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [replaced(each, kinds, change) for each in value]
    return value


def found(value: Any, kind: type[Kind]) -> list[Kind]:
    """The values of a kind in a request, at any depth, in their order."""
    every: list[Kind] = []
    replaced(value, kind, every.append)
    return every


def plain(request: Request) -> dict[str, Any]:
    """A request as values of JSON, for a worker that has the folders that it names."""
    values: dict[str, Any] = replaced(request, (Reads, Writes), str)
    return values
