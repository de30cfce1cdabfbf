"""Dataclass fields that are command options, each with its help."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import MISSING, field
from typing import Any

LANGUAGES_FLAGS = ("--languages", "-l")
LANGUAGES_HELP = "Language codes, separated by commas; repeatable."


def option(
    help: str,  # noqa: A002 - what command lines call it
    default: Any = MISSING,
    choices: Iterable[str] = (),
    *,
    flags: tuple[str, ...] = (),
    argument: str = "",
    parse: Callable[[tuple[str, ...]], Any] | None = None,
) -> Any:
    """A dataclass field that is an option of a command.

    Args:
        help: one sentence, which the command's help shows.
        default: the field's default; without one the option must be given.
        choices: the allowed values: a tuple, or a `hybench.registry.Registry`; empty for a free
            value.
        flags: how the option is written, if not ``--`` and the field's name.
        argument: the name, in capitals, of a positional argument.
        parse: makes the field's value from a list of texts; None makes a tuple.
    """
    own = {"choices": choices, "flags": flags, "argument": argument, "parse": parse}
    return field(default=default, metadata={"help": help, **own})


def languages_option(default: tuple[str, ...] | None = None) -> Any:
    """The field of the requested languages, ``--languages`` or ``-l``.

    Args:
        default: the codes without the option; None where the data decides.
    """
    return option(LANGUAGES_HELP, default, flags=LANGUAGES_FLAGS)


def from_dir_option() -> Any:
    """The field of a folder with upstream's files, ``--from``; None downloads them."""
    return option(
        "Folder with upstream's files; without it they are downloaded.", None, flags=("--from",)
    )
