"""The global flags, accepted before and after a command's name."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from copy import copy
from functools import partial
from typing import Any

from hybench.cli.layers import commands_of
from hybench.cli.lazy import LazyCommands
from hybench.cli.repeats import refuse_repeats
from hybench.cli.state import console

FLAGS = ("color", "quiet", "verbose", "debug")
"""As `Console.configure` takes them."""


def add_everywhere(program: Any) -> None:
    """Give every command and subcommand of a program the program's own flags.

    They also leave the context of the called command in the list ``context.obj``.
    """
    own = [option for option in program.params if option.name in FLAGS]
    for command in commands_of(program).values():
        _add(own, command)


def _add(flags: Sequence[Any], command: Any) -> None:
    for flag in flags:
        also = copy(flag)
        also.expose_value = False
        also.is_eager = True  # not a setting of the command: neither files nor variables set it
        also.allow_from_autoenv = False
        also.callback = _take
        command.params.append(also)
    commands = commands_of(command)
    if isinstance(commands, LazyCommands):
        commands.change(partial(_add, flags))
        return
    for below in commands.values():
        _add(flags, below)


def _take(context: Any, flag: Any, value: Any) -> None:
    if not context.resilient_parsing and context not in context.obj:  # a command takes these first
        context.obj[:] = [context]
        refuse_repeats(context.command, sys.argv[1:])
    source = context.get_parameter_source(flag.name)
    if source is not None and source.name == "COMMANDLINE":
        now = {name: getattr(console, name) for name in FLAGS}
        console.configure(**{**now, flag.name: value})
