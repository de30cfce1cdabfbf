"""Single-value options that were given more than once, where click would take the last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hybench.errors import UsageError

ONCE = ("--data",)
"""Options whose repeats are refused: they determine what is computed."""


def refuse_repeats(command: Any, words: Sequence[str]) -> None:
    """Refuse a command line that gives a single-value option of `ONCE` twice.

    Args:
        command: the one that is called.
        words: the command line without the program's name.

    Raises:
        UsageError: one is.
    """
    single = {
        name for option in command.params if not getattr(option, "multiple", True)
        for name in option.opts
    }  # fmt: skip
    own = words[: words.index("--")] if "--" in words else words
    for name in single & {*ONCE}:
        if sum(word.partition("=")[0] == name for word in own) > 1:
            raise UsageError(
                f"{name} is given more than once.", "Give it once: it takes one value."
            )
