"""Environment variables that set options: those that set none, and what a value of one broke."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from typing import Any

from hybench.cli.layers import called_command, commands_of, options_of
from hybench.files.locks import UNLOCKED

PREFIX = "HYBENCH_"


def unknown_variables(program: Any) -> list[tuple[str, str]]:
    """Variables that begin as hybench's do and set nothing, each with what to do about it."""
    given = sorted(name for name in os.environ if name.startswith(PREFIX))
    if not given:
        return []
    known = {UNLOCKED, *(name for _, _, name in _variables(program))}
    return [(name, _advice(name, known)) for name in given if name not in known]


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
    """Of every option: the words that call its command, its flag and its variable."""
    for flag, option in options_of(command).items():
        words = "_".join((*path, option.name)).replace("-", "_").upper()
        yield path, f"--{flag}", PREFIX + words
    for name, below in commands_of(command).items():
        yield from _variables(below, (*path, name))


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
