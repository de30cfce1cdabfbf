"""Numbers, counts and times as text."""

from __future__ import annotations

import math
from collections.abc import Sequence

_MOST_DIGITS = 7
"""Digits before the point above which a number is written with an exponent."""

_MOST_HOURS = 100
"""Longest time that is written in hours; a longer one is written in days."""

_SINGULAR = {"hypotheses": "hypothesis"}
_AFTER_HISS = ("sses", "shes", "ches", "xes")


def number(value: float, decimals: int = 4) -> str:
    """A measured number, short: ``0.2500``, ``1e+33``, ``nan``."""
    if abs(value) < 10**_MOST_DIGITS or not math.isfinite(value):
        return f"{value:.{decimals}f}"
    return f"{value:.3g}"


def signed(value: float, decimals: int = 1) -> str:
    """A difference with its sign, ``+1.2``: what rounds to nothing is ``+0.0``, whichever it is."""
    return f"{value:+z.{decimals}f}"


def count(value: int) -> str:
    """A whole number with thousands separators, ``1,000``; a huge one as ``1e+33``."""
    return f"{value:,}" if abs(value) < 10 ** (2 * _MOST_DIGITS) else f"{value:.3g}"


def counted(value: int, nouns: str) -> str:
    """A count with its noun: ``1 language``, ``1,000 queries``.

    Args:
        value: how many.
        nouns: what they are, in the plural.
    """
    return f"{count(value)} {singular(nouns) if value == 1 else nouns}"


def singular(nouns: str) -> str:
    """The singular of a plural, the last word of `nouns`: queries, searches, cells."""
    before, space, last = nouns.rpartition(" ")
    if last in _SINGULAR:
        last = _SINGULAR[last]
    elif last.endswith("ies"):
        last = last[:-3] + "y"
    else:
        last = last[: -2 if last.endswith(_AFTER_HISS) else -1]
    return before + space + last


def listed(items: Sequence[str], between: str = ", ", most: int = 3) -> str:
    """The items joined; of many, the first ones and how many more there are."""
    if len(items) <= most + 1:
        return between.join(items)
    return f"{between.join(items[:most])} and {len(items) - most} more"


def duration(seconds: float) -> str:
    """A time as people write it: ``12.3 s``, ``4 min 5 s``, ``2 h 30 min``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= _MOST_HOURS:
        return f"{count(hours // 24)} d"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
