"""A group's commands, each made on first use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol


class Names(Protocol):
    """Names that can be looked up and listed, such as a tuple's or a registry's."""

    def __contains__(self, name: object, /) -> bool: ...

    def __iter__(self) -> Iterator[str]: ...


class LazyCommands(Mapping[str, Any]):
    """A group's commands by name, in click's form.

    Args:
        names: their names, in the order of the help.
        make: makes the command of a name.
    """

    def __init__(self, names: Names, make: Callable[[str], Any]) -> None:
        self._names = names
        self._make = make
        self._made: dict[str, Any] = {}
        self._changes: list[Callable[[Any], None]] = []

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            command = self._make(name)
            for change in self._changes:
                change(command)
            self._made[name] = command
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(list(self._names))

    def change(self, how: Callable[[Any], None]) -> None:
        """Change every command, including those made later."""
        for command in self._made.values():
            how(command)
        self._changes.append(how)
