"""Environment variables that begin with HYBENCH_ and set no option."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from hybench.cli.layers import commands_of, options_of
from hybench.cli.lazy import LazyCommands
from hybench.files.locks import UNLOCKED
from hybench.runs.energy import WATTS_VARIABLE

PREFIX = "HYBENCH_"


def unknown_variables(program: Any) -> list[tuple[str, str]]:
    """Variables that begin with HYBENCH_ and set nothing, each with what to do about it."""
    given = sorted(name for name in os.environ if name.startswith(PREFIX))
    if not given:
        return []
    known = {UNLOCKED, WATTS_VARIABLE}
    unknown = {*given} - known
    for name in _variables(program):
        if not unknown:  # the remaining commands, which may be slow to load, change nothing
            return []
        known.add(name)
        unknown.discard(name)
    return [(name, _advice(name, known)) for name in given if name in unknown]


def _variables(command: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """The variable of every option; those of commands that are made when asked for come last."""
    for option in options_of(command).values():
        yield PREFIX + "_".join((*path, option.name)).replace("-", "_").upper()
    commands = commands_of(command)
    for name in sorted(commands, key=lambda name: _has_lazy_commands(commands, name)):
        yield from _variables(commands[name], (*path, name))


def _has_lazy_commands(commands: Mapping[str, Any], name: str) -> bool:
    """Whether a command of a group is a group whose commands are made when asked for."""
    return not isinstance(commands, LazyCommands) and isinstance(
        commands_of(commands[name]), LazyCommands
    )


def _advice(name: str, known: set[str]) -> str:
    from difflib import get_close_matches

    option = name.removeprefix(PREFIX)
    owners = sorted(each for each in known if each.endswith(f"_{option}"))
    if owners:
        return f"Name the command, as in {owners[0]}, or set it for all commands in hybench.toml."
    close = get_close_matches(name, sorted(known), n=1, cutoff=0.8)
    return f"Did you mean {close[0]}?" if close else "See hybench COMMAND --help."
