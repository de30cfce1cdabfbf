"""Which texts count as the same: those that differ only in how they are encoded, cased, spaced."""

from __future__ import annotations

import sys
from functools import cache

import polars as pl


def folded(text: pl.Expr) -> pl.Expr:
    """Texts as they are compared: NFKC, case folded, one space for all white space.

    White space is Unicode's, and the four separators that Python counts beside.
    """
    lower, fold = _unlike_lower()
    plain = text.str.normalize("NFKC").str.to_lowercase().str.replace_many(lower, fold)
    # Case folding takes letters and accents apart that NFKC has as one.
    plain = plain.str.normalize("NFKC")
    # Single blanks are most of the white space, and stay as they are.
    blanks = r"[\s\x1c-\x1f]{2,}|[^\S ]|[\x1c-\x1f]"
    return plain.str.replace_all(blanks, " ").str.strip_chars(" ")


@cache
def _unlike_lower() -> tuple[list[str], list[str]]:
    """Lower-cased characters that case folding changes, and what it makes of them."""
    cased = (chr(code) for code in range(0x80, sys.maxunicode))
    lowered = ((one.lower(), one.casefold()) for one in cased if one.casefold() != one.lower())
    return tuple(map(list, zip(*lowered, strict=True)))  # type: ignore[return-value]
