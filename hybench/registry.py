"""Registries of sources, encoders, objectives and metrics, to which other packages can add.

A built-in item is a module of a package of hybench, named by its file (``margin_mse.py`` is
``margin-mse``). An item of another package is an entry point in a group, such as
``hybench.objectives``. Nothing is imported before it is requested.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from hybench.errors import UsageError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

Item = TypeVar("Item")


class Registry(Generic[Item]):
    """Items of one kind, by name.

    Args:
        kind: what an item is called in messages, such as ``objective``.
        package: the package whose modules are the built-in items; modules whose names begin with
            an underscore are not.
        attribute: the name that an item's module binds it to.
        group: the entry points that add items.
        type_: what an item must be.
    """

    def __init__(
        self, kind: str, package: str, attribute: str, group: str, type_: type[Item]
    ) -> None:
        self.kind = kind
        self.group = group
        self._package = package
        self._attribute = attribute
        self._type = type_

    @cached_property
    def built_in(self) -> tuple[str, ...]:
        """Names of the items that come with hybench, sorted."""
        modules = (each.name for each in iter_modules(import_module(self._package).__path__))
        return tuple(sorted(name.replace("_", "-") for name in modules if name[0] != "_"))

    @cached_property
    def _added(self) -> dict[str, EntryPoint]:
        from importlib.metadata import entry_points

        return {entry.name: entry for entry in entry_points(group=self.group)}

    @property
    def added(self) -> tuple[str, ...]:
        """Names of the items that other packages add, sorted."""
        return tuple(sorted(set(self._added) - set(self.built_in)))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all items, those that come with hybench first."""
        return (*self.built_in, *self.added)

    def __contains__(self, name: object) -> bool:
        return name in self.built_in or name in self._added

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def loadable(self) -> dict[str, Item]:
        """All items by name, without those of packages that cannot be imported."""
        items = {}
        for name in self:
            with suppress(UsageError):
                items[name] = self[name]
        return items

    def __getitem__(self, name: str) -> Item:
        """The item of that name.

        Raises:
            UsageError: there is none, or the package that adds it cannot be imported.
        """
        if name in self.built_in:
            module = import_module(f"{self._package}.{name.replace('-', '_')}")
            return cast(Item, getattr(module, self._attribute))
        if name not in self._added:
            raise UsageError(
                f"There is no {self.kind} {name!r}.", f"Choose one of: {' '.join(self.names)}."
            )
        entry = self._added[name]
        of = entry.dist.name if entry.dist is not None else entry.value
        try:
            item = entry.load()
        except Exception as error:  # another package's module may raise anything
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise UsageError(
                f"The {self.kind} {name!r} of the package {of} cannot be loaded: {reason}",
                f"Fix or uninstall {of}.",
            ) from error
        if not isinstance(item, self._type):
            raise UsageError(
                f"The {self.kind} {name!r} of the package {of} is of type {type(item).__name__}.",
                f"Its entry point must name an object of type {self._type.__name__}.",
            )
        return item
