"""The nearest file's settings, below flags and variables: a ``default_map`` of click's."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import typer

from hybench.cli.lazy import LazyCommands
from hybench.cli.state import console
from hybench.config.project_file import Settings, nearest_settings
from hybench.errors import UsageError
from hybench.values.names import spelled

SHARED = ("data-dir", "runs-dir", "device")
"""Options that mean the same in every command, and may stand above the commands' tables."""

_NO_OPTIONS = {("tui", "keys")}
"""Tables that something else reads."""

_WITHOUT = {"-h", "--help", "--version", "--install-completion", "--show-completion"}
"""Arguments with which no command is run, so that no file may stop them."""

Source = Literal["flag", "environment", "file", "default"]
EXPLICIT: tuple[Source, ...] = ("flag", "environment")
"""Layers of this very call, before what the project is used to."""

_SOURCES: dict[str, Source] = {
    "COMMANDLINE": "flag",
    "ENVIRONMENT": "environment",
    "DEFAULT_MAP": "file",
}

_KINDS = {
    str: "text in quotes",
    Path: "a path in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}


class Layer(dict[str, Any]):
    """What the file sets of a command, by parameter; of a group, the layers of its commands.

    Attributes:
        places: where in the file each parameter's value stands.
        flags: the flag of each parameter.
        later: makes the layers of commands that the file says nothing of, when they are called.
        taken: places by flag of the values that click took, because neither a flag nor a variable
            came before them; the same for all layers of a file.
    """

    def __init__(self, taken: dict[str, str] | None = None) -> None:
        super().__init__()
        self.places: dict[str, str] = {}
        self.flags: dict[str, str] = {}
        self.later: dict[str, Callable[[], Layer]] = {}
        self.taken: dict[str, str] = {} if taken is None else taken

    def get(self, name: str, default: Any = None) -> Any:
        """A value, as click asks for it."""
        if name in self.places:
            self.taken[self.flags[name]] = self.places[name]
        if name in self.later:
            self[name] = self.later.pop(name)()
        return super().get(name, default)

    def traced(self, what: str) -> str:
        """What is wrong, and before it where the flag that it names was set, if that is a file."""
        for flag in re.findall(r"--[a-z][a-z0-9-]*", what):
            if flag in self.taken:
                return f"{self.taken[flag]}: {what}"
        return what


def nearest_layer(program: Any) -> Layer:
    """What the file nearest to the working directory sets; nothing where none is needed.

    Raises:
        UsageError: it is not TOML, or something in it is no setting or no value of one.
    """
    given = sys.argv[1:]
    if not given or _WITHOUT & set(given) or "_HYBENCH_COMPLETE" in os.environ:
        return Layer()
    settings = None
    with suppress(FileNotFoundError):  # somebody has deleted the working directory
        settings = nearest_settings(Path.cwd(), console.warn)
    return Layer() if settings is None else _Reader(settings).layer(program, (), settings.values)


def source(context: typer.Context, name: str) -> Source:
    """Which layer gave a parameter its value."""
    found = context.get_parameter_source(name)
    return "default" if found is None else _SOURCES.get(found.name, "default")


def options_of(command: Any) -> dict[str, Any]:
    """The options of a command that can be set, by name as in a file."""
    return {
        flag.removeprefix("--"): item
        for item in command.params
        if item.param_type_name == "option" and not item.is_eager
        for flag in item.opts
        if flag.startswith("--")
    }


def commands_of(command: Any) -> Mapping[str, Any]:
    """The commands of a group, by name; of a command, none."""
    commands: Mapping[str, Any] = getattr(command, "commands", {})
    return commands


def called_command(program: Any, words: Sequence[str]) -> tuple[tuple[str, ...], Any]:
    """The words of a command line that name its command, and that command."""
    path: tuple[str, ...] = ()
    command = program
    for word in words:
        below = commands_of(command)
        if word in below:
            path, command = (*path, word), below[word]
    return path, command


class _Reader:
    """Turns the tables of a file into layers, and refuses what is no setting."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._shared: dict[str, tuple[Any, str]] = {}
        self._taken: dict[str, str] = {}

    def layer(self, command: Any, path: tuple[str, ...], table: Mapping[str, Any]) -> Layer:
        """The layer of a command, and of those below it.

        Args:
            command: a command or a group of click's.
            path: the words that call it.
            table: its table in the file.
        """
        layer = Layer(self._taken)
        commands, options = commands_of(command), options_of(command)
        values, written = self._named(path, table)
        known = [*commands, *options, *(SHARED if not path else ())]
        for name in values:
            if name not in known and (*path, name) not in _NO_OPTIONS:
                raise self._unknown(command, (*path, written[name]), name, known)
            if not path and name in SHARED:
                self._shared[name] = (values[name], self._settings.place(written[name]))
        kinds = get_type_hints(command.callback) if options else {}
        for name, option in options.items():
            if name in values:
                value, place = values[name], self._settings.place(*path, written[name])
            elif name in self._shared:
                value, place = self._shared[name]
            else:
                continue
            layer[option.name] = self._value(value, option, _kind(kinds[option.name]), place)
            layer.places[option.name], layer.flags[option.name] = place, f"--{name}"
        for name in commands:
            inner = values.get(name, {})
            if not isinstance(inner, dict):
                raise UsageError(
                    f"{self._settings.place(*path, written[name])} is {inner!r}.",
                    "It must be a table: the command's options.",
                )
            below = partial(self._layer_below, commands, (*path, name), inner)
            if isinstance(commands, LazyCommands) and not inner:
                layer.later[name] = below
            else:
                layer[name] = below()
        return layer

    def _layer_below(
        self, commands: Mapping[str, Any], path: tuple[str, ...], table: Mapping[str, Any]
    ) -> Layer:
        return self.layer(commands[path[-1]], path, table)

    def _named(
        self, path: tuple[str, ...], table: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """A table's values by the names that flags have, and how the file writes these."""
        written = spelled(table, "-", lambda key: self._settings.place(*path, key))
        return {name: table[key] for name, key in written.items()}, written

    def _value(self, value: Any, option: Any, kind: type, place: str) -> Any:
        """A value of the right type; of a repeatable option, a list; paths from here."""
        values = value if option.multiple and isinstance(value, list) else [value]
        for each in values:
            right = isinstance(each, str) if kind is Path else type(each) is kind
            if not right and not (kind is float and type(each) is int):
                several = ", or a list of such" if option.multiple else ""
                raise UsageError(f"{place} is {value!r}.", f"It must be {_KINDS[kind]}{several}.")
        if kind is Path:
            values = [self._settings.anchored(each) for each in values]
        return values if option.multiple else values[0]

    def _unknown(
        self, command: Any, place: tuple[str, ...], name: str, known: list[str]
    ) -> UsageError:
        from difflib import get_close_matches

        close = get_close_matches(name, known, n=3)
        owners = [owner for owner, names in _below(command, place[:-1]) if name in names]
        if owners:
            tables = [f"[{'.'.join((*self._settings.tables, *owner))}]" for owner in owners]
            do = f"It is an option of single commands: put it into {' or '.join(tables[:3])}."
        elif close:
            do = f"Did you mean {' or '.join(close)}?"
        else:
            do = f"See {' '.join(('hybench', *place[:-1]))} --help."
        return UsageError(f"{self._settings.place(*place)} is no setting.", do)


def _below(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every command below a group: the words that call it, and its options."""
    for name, inner in commands_of(command).items():
        if not commands_of(inner):
            yield (*path, name), options_of(inner)
        yield from _below(inner, (*path, name))


def _kind(hint: Any) -> type:
    """The type of an option's value, or of each of them; of one of several words, text."""
    if get_origin(hint) is Literal:
        return str
    inner = [each for each in get_args(hint) if each is not NoneType]
    kind: type = _kind(inner[0]) if inner else hint
    return kind
