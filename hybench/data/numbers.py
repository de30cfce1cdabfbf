"""Numbers as text files of the field write them: decimal, in ASCII, without Python's extensions.

Python's ``float`` and ``int`` read ``1_0`` as 10 and the digits of every script; C, and so
trec_eval, stops at the underscore. Neither is what the author meant, so both are refused.
"""

from __future__ import annotations

import re

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?", re.I | re.A)
_INFINITE = re.compile(r"[+-]?inf(?:inity)?", re.I | re.A)
_WHOLE = re.compile(r"([+-]?0*[0-9]{1,10})(?:\.0*)?")


def read_number(text: str) -> float:
    """A number such as ``-1.5``, ``.5``, ``1e-3``; ``inf`` too, but neither ``nan`` nor ``0x1p3``.

    Raises:
        ValueError: it is not one.
    """
    if _DECIMAL.fullmatch(text) or _INFINITE.fullmatch(text):
        return float(text)
    raise ValueError(f"{text[:80]!r} is not a number")


def read_relevance(text: str) -> int:
    """A relevance such as ``1`` or ``1.0``, which must be whole and of 32 bits.

    Raises:
        ValueError: it is not one.
    """
    match = _WHOLE.fullmatch(text)
    relevance = int(match[1]) if match else 2**31
    if not -(2**31) <= relevance < 2**31:
        raise ValueError(f"the relevance {text[:80]!r} is not a whole number")
    return relevance
