"""The nearest file's settings, below flags and variables: a ``default_map`` of click's."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import typer

from hybench.cli.state import console
from hybench.config.project_file import Settings, nearest_settings
from hybench.errors import UsageError
from hybench.values.names import spelled
from hybench.values.typed import typed

SHARED = {"data-dir": Path, "runs-dir": Path, "device": str}
"""Options that mean the same in every command, and may precede the commands' tables."""

_NO_OPTIONS = {("tui", "keys"), ("alerts",)}
"""Tables that are read elsewhere."""

_WITHOUT = {"-h", "--help", "--version", "--install-completion", "--show-completion"}
"""Arguments that run no command; a faulty file must not stop them."""

Source = Literal["flag", "environment", "file", "default"]
EXPLICIT: tuple[Source, ...] = ("flag", "environment")
"""Layers of this call, which take precedence over the project's settings."""

_SOURCES: dict[str, Source] = {
    "COMMANDLINE": "flag",
    "ENVIRONMENT": "environment",
    "DEFAULT_MAP": "file",
}


class Layer(dict[str, Any]):
    """A file's settings for a command, by parameter; for a group, the layers of its commands too.

    Layers without a table in the file are made when click asks for them.

    Args:
        settings: the file.
        command: a command or a group of click's.
        path: the words that call it.
        table: its table in the file.
        shared: values and places of `SHARED`, which precede the tables.

    Attributes:
        places: where in the file each parameter is set.

    Raises:
        UsageError: an entry of the table is not a setting, or not a valid value of one.
    """

    def __init__(
        self,
        settings: Settings,
        command: Any,
        path: tuple[str, ...] = (),
        table: Mapping[str, Any] = MappingProxyType({}),
        shared: Mapping[str, tuple[Any, str]] = MappingProxyType({}),
    ) -> None:
        super().__init__()
        self._settings, self._path = settings, path
        self._commands, options = commands_of(command), options_of(command)
        written = spelled(table, "-", lambda key: settings.place(*path, key))
        entries = {name: (table[key], settings.place(*path, key)) for name, key in written.items()}
        known = [*self._commands, *options, *(() if path else SHARED)]
        for name in entries:
            if name not in known and (*path, name) not in _NO_OPTIONS:
                raise UsageError(
                    f"{entries[name][1]} is not a setting.", self._advice(command, name)
                )
        self._shared = (
            shared if path else {name: entries[name] for name in SHARED if name in entries}
        )
        for name, (value, place) in self._shared.items():
            typed(value, SHARED[name], place)
        self.places: dict[str, str] = {}
        option_entries = {**self._shared, **entries}
        kinds = get_type_hints(command.callback) if options else {}
        for name in options.keys() & option_entries.keys():
            option, (value, place) = options[name], option_entries[name]
            self[option.name] = self._value(value, option, kinds[option.name], place)
            self.places[option.name] = place
        for name in [name for name in self._commands if name in entries]:
            self._add(name, typed(entries[name][0], dict, entries[name][1]))

    def get(self, name: str, default: Any = None) -> Any:
        """A value, or the layer of a command, as click asks for it."""
        if name in self._commands and name not in self:
            self._add(name, {})
        return super().get(name, default)

    def _add(self, name: str, table: Mapping[str, Any]) -> None:
        below = self._commands[name]
        self[name] = Layer(self._settings, below, (*self._path, name), table, self._shared)

    def _value(self, value: Any, option: Any, kind: Any, place: str) -> Any:
        """A value of the right type: a list for a repeatable option, paths relative to the file."""
        if option.multiple:  # one value may be written without brackets
            [several] = [each for each in (kind, *get_args(kind)) if get_origin(each) is list]
            kind = get_args(several)[0] | several
        found = typed(value, kind, place)
        if isinstance(found, Path):
            return self._settings.anchored(value)
        return [found] if option.multiple and not isinstance(found, list) else found

    def _advice(self, command: Any, name: str) -> str:
        from difflib import get_close_matches

        owners = [owner for owner, names in _below(command, self._path) if name in names]
        if owners:
            tables = [f"[{'.'.join((*self._settings.tables, *owner))}]" for owner in owners]
            return f"It is an option of single commands: move it to {' or '.join(tables[:3])}."
        known = [*self._commands, *options_of(command), *(() if self._path else SHARED)]
        close = get_close_matches(name, known, n=3)
        if close:
            return f"Did you mean {' or '.join(close)}?"
        return f"See {' '.join(('hybench', *self._path))} --help."


def nearest_layer(program: Any) -> Layer | None:
    """Settings of the file nearest to the working directory; None without one, or without need.

    Raises:
        UsageError: it is not TOML, or an entry is not a setting or not a valid value of one.
    """
    given = sys.argv[1:]
    if not given or _WITHOUT & set(given) or "_HYBENCH_COMPLETE" in os.environ:
        return None
    settings = None
    with suppress(FileNotFoundError):  # the working directory was deleted
        settings = nearest_settings(Path.cwd(), console.warn)
    return None if settings is None else Layer(settings, program, (), settings.values)


def source(context: typer.Context, name: str) -> Source:
    """Which layer gave a parameter its value."""
    found = context.get_parameter_source(name)
    return "default" if found is None else _SOURCES.get(found.name, "default")


def origin(context: typer.Context, name: str) -> str:
    """Where a parameter's value was set: the layer, or the variable, or the file and the key."""
    layer = source(context, name)
    if layer == "environment":
        return f"{context.auto_envvar_prefix}_{name.upper()}"
    return context.default_map.places[name] if layer == "file" else layer  # type: ignore[union-attr]


def traced(what: str, context: typer.Context | None) -> str:
    """An error message, preceded by where its flag was set if not on the command line."""
    for flag in re.findall(r"--[a-z][a-z0-9-]*", what):
        below: Any = context
        while below is not None:
            option = options_of(below.command).get(flag.removeprefix("--"))
            if option is not None and source(below, option.name) not in {"flag", "default"}:
                return f"{origin(below, option.name)}: {what}"
            below = below.parent
    return what


def options_of(command: Any) -> dict[str, Any]:
    """The options of a command that can be set, by their names in a file."""
    return {
        flag.removeprefix("--"): item
        for item in command.params
        if item.param_type_name == "option" and not item.is_eager
        for flag in item.opts
        if flag.startswith("--")
    }


def commands_of(command: Any) -> Mapping[str, Any]:
    """The commands of a group, by name; empty for a command."""
    commands: Mapping[str, Any] = getattr(command, "commands", {})
    return commands


def _below(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every command below a group: the words that call it, and its options."""
    for name, inner in commands_of(command).items():
        if not commands_of(inner):
            yield (*path, name), options_of(inner)
        yield from _below(inner, (*path, name))
