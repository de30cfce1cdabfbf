"""The shipped numbers of MIRACL's 18 languages, for sets that are not prepared yet.

Passages and queries are those that MIRACL publishes (arXiv 2210.09984, table 1, and the README of
github.com/project-miracl/miracl), which do not sum up to MTEB's: its samples are passages and
queries together. Characters are those of titles and texts together, as encoders read them (mteb,
``descriptive_stats/Retrieval/MIRACLRetrieval.json``); in Yoruba, the one corpus at hand, they are
the same to the character. Bytes and tokens of XLM-R's tokenizer, which mE5 and BGE-M3 have too,
were measured on the 1,004 sentences of SIB-200 in each language on 2026-11-30.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files

from hybench.errors import UsageError
from hybench.values.languages import MIRACL_LANGUAGES, check_languages

MIRACL = "miracl"
XLM_R = "XLM-R's tokenizer on SIB-200"

SPREAD = 0.88
"""Standard deviation of the logarithm of a passage's characters, measured on MIRACL's Yoruba."""

PACKED = 0.31
"""Bytes of MIRACL's files for a byte of text: gzip, measured on Yoruba."""

STORED = 0.39
"""Bytes of a prepared table of passages for a byte of text, likewise."""


@dataclass(frozen=True)
class KnownLanguage:
    """A language of MIRACL.

    Attributes:
        language: code.
        passages: in the corpus.
        characters: of all of them, titles included.
        train_queries: judged, for training; 0 where there is no such split.
        dev_queries: judged, to evaluate on.
        query_characters: of a dev query, on average.
        bytes_per_character: in UTF-8.
        xlm_roberta: tokens per character.
    """

    language: str
    passages: int
    characters: int
    train_queries: int
    dev_queries: int
    query_characters: float
    bytes_per_character: float
    xlm_roberta: float


@cache
def known_languages() -> dict[str, KnownLanguage]:
    """MIRACL's languages by code."""
    kinds = {"int": int, "float": float, "str": str}
    convert = {item.name: kinds[str(item.type)] for item in fields(KnownLanguage)}
    text = files(__package__).joinpath("miracl.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    found = (
        KnownLanguage(**{name: convert[name](value) for name, value in row.items()}) for row in rows
    )
    return {each.language: each for each in found}


def miracl_languages(name: str) -> tuple[str, ...] | None:
    """The languages of a set of MIRACL by its name, as ``hybench prepare miracl`` names it.

    Args:
        name: ``miracl`` for all 18, or such as ``miracl-sw-yo``.

    Returns:
        Their codes, sorted; None if the name is not one of MIRACL's.

    Raises:
        UsageError: MIRACL has no such language.
    """
    first, *codes = name.split("-")
    if first != MIRACL:
        return None
    if not codes:
        return MIRACL_LANGUAGES
    if unknown := [code for code in codes if code not in MIRACL_LANGUAGES]:
        raise UsageError(
            f"There is no set {name} here, and MIRACL has no language {unknown[0]!r}.",
            f"Its languages: {' '.join(MIRACL_LANGUAGES)}.",
        )
    return check_languages(codes, MIRACL_LANGUAGES, "--data")
