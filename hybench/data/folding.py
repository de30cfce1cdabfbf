"""Equality of texts: those that differ only in encoding, case or white space are equal."""

from __future__ import annotations

import sys
from functools import cache

import polars as pl


def folded(text: pl.Expr) -> pl.Expr:
    """Texts in the form that is compared: NFKC, case folded, white space as one space.

    White space is Unicode's, and the four separators that Python adds.
    """
    lower, fold = _unlike_lower()
    plain = text.str.normalize("NFKC").str.to_lowercase().str.replace_many(lower, fold)
    # Case folding decomposes letters with accents that NFKC composes.
    plain = plain.str.normalize("NFKC")
    # Single blanks are most of the white space, and stay unchanged.
    blanks = r"[\s\x1c-\x1f]{2,}|[^\S ]|[\x1c-\x1f]"
    return plain.str.replace_all(blanks, " ").str.strip_chars(" ")


@cache
def _unlike_lower() -> tuple[list[str], list[str]]:
    """Lower-case characters that case folding changes, and their folded forms."""
    cased = (chr(code) for code in range(0x80, sys.maxunicode))
    lowered = ((one.lower(), one.casefold()) for one in cased if one.casefold() != one.lower())
    return tuple(map(list, zip(*lowered, strict=True)))  # type: ignore[return-value]
