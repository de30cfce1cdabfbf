"""Environment variables that set options: those that set none, and what a value of one broke."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from hybench.cli.layers import called_command, commands_of, options_of
from hybench.cli.lazy import LazyCommands
from hybench.files.locks import UNLOCKED

PREFIX = "HYBENCH_"


def unknown_variables(program: Any) -> list[tuple[str, str]]:
    """Variables that begin as hybench's do and set nothing, each with what to do about it."""
    given = sorted(name for name in os.environ if name.startswith(PREFIX))
    if not given:
        return []
    known = {UNLOCKED}
    unknown = {*given} - known
    for _, _, name in _variables(program):
        if not unknown:  # the rest, which may be costly to look at, changes nothing
            return []
        known.add(name)
        unknown.discard(name)
    return [(name, _advice(name, known)) for name in given if name in unknown]


def traced_to_variable(what: str, program: Any) -> str:
    """What is wrong, and before it the variable that set the flag it names, if one did."""
    called, _ = called_command(program, sys.argv[1:])
    for flag in re.findall(r"--[a-z][a-z0-9-]*", what):
        if any(word == flag or word.startswith(f"{flag}=") for word in sys.argv[1:]):
            continue
        for path, option, name in _variables(program):
            if option == flag and path == called[: len(path)] and name in os.environ:
                return f"{name}: {what}"
    return what


def _variables(
    command: Any, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Of every option: the words that call its command, its flag and its variable.

    Commands that must be made first come last.
    """
    for flag, option in options_of(command).items():
        words = "_".join((*path, option.name)).replace("-", "_").upper()
        yield path, f"--{flag}", PREFIX + words
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
        return (
            f"Say of which command, as {owners[0]} does, or set it for all of them in hybench.toml."
        )
    close = get_close_matches(name, sorted(known), n=1, cutoff=0.8)
    return f"Did you mean {close[0]}?" if close else "See hybench COMMAND --help."
