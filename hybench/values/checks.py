"""Checks of option and config values, with their errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from hybench.errors import UsageError


def flag(name: str) -> str:
    """The command-line option of a field."""
    return "--" + name.replace("_", "-")


def one_of(option: str, value: str, allowed: Iterable[str]) -> None:
    """Refuse a value that is not allowed.

    Raises:
        UsageError: naming the option and its values.
    """
    if value not in allowed:
        raise UsageError(f"{option} is {value!r}.", f"Choose one of: {' '.join(allowed)}.")


def within(option: str, value: float, low: float, high: float = float("inf")) -> None:
    """Refuse a number out of range, or NaN.

    Raises:
        UsageError: naming the option and the range.
    """
    if not low <= value <= high:  # NaN fails this too
        upper = "" if high == float("inf") else f" and at most {high:,}"
        raise UsageError(f"{option} is {value}.", f"It must be at least {low:g}{upper}.")


def once(option: str, values: Sequence[str]) -> None:
    """Refuse a list that names something twice.

    Raises:
        UsageError: naming the option and the value.
    """
    for value, count in Counter(values).items():
        if count > 1:
            raise UsageError(f"{option} names {value} twice.", "Give each name once.")
