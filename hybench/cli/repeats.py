"""Options of one value that were given several, of which click would take the last in silence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hybench.errors import UsageError

ONCE = ("--data",)
"""Options whose repeats are refused: another value of these is other work, not a change of mind."""


def refuse_repeats(command: Any, words: Sequence[str]) -> None:
    """See that a command line gives no option of `ONCE` twice that takes one value.

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
                f"{name} is given more than once.", "Name one: hybench takes one here."
            )
