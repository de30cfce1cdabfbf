"""What the names of files and columns say: languages and split.

Any two or three letters may be a code of ISO 639-3: of those without a script, only languages that
the CLDR names are taken for codes, so that ``ted`` and ``ids`` are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import PurePosixPath

from hybench.data.schema import SPLIT_NAMES
from hybench.values.languages import CODE_PATTERN, read_language

_SPLITS = {**SPLIT_NAMES, "devtest": "test"}
_CODE = re.compile(CODE_PATTERN)
_REGION = re.compile(r"[a-z]{2}")

ENGLISH, OTHER = "english", "non_english"
"""The columns of sentence-transformers' sets; the name of the file or folder has the languages."""


@lru_cache(4096)
def language_named(word: str) -> str | None:
    """The stored code of a language, if a word in a name is one."""
    if not _CODE.fullmatch(word):
        return None
    try:
        code = read_language(word)
    except ValueError:
        return None
    return code if "_" in word or code.partition("-")[0] in _known() else None


@lru_cache(1)
def _known() -> frozenset[str]:
    """The languages that the CLDR has a name for."""
    from babel import Locale

    return frozenset(Locale("en").languages)


def split_named(name: PurePosixPath) -> str | None:
    """The split that a file's name says, or else its folders'; None if none does."""
    for part in _parts(name):
        for word in re.split(r"[._-]", part):
            if word.lower() in _SPLITS:
                return _SPLITS[word.lower()]
    return None


def pair_named(name: PurePosixPath) -> tuple[str, str] | None:
    """The two languages that a file's name says, or else its folders', in their order.

    As in ``TED2020-en-de-train.tsv.gz``, ``GlobalVoices.en-yo.tsv`` or ``en-zh-cn/dev.parquet``.
    """
    for part in _parts(name):
        for words in part.split("."):
            pair = _pair(words.split("-"))
            if pair is not None:
                return pair
    return None


def _parts(name: PurePosixPath) -> Iterator[str]:
    """The name of a file, then those of its folders from the inside out."""
    yield from reversed(name.parts)


def _pair(words: Sequence[str]) -> tuple[str, str] | None:
    """Two languages next to each other; the second may have a region: ``en-pt-br``."""
    for at in range(len(words) - 1):
        first, second = language_named(words[at]), language_named(words[at + 1])
        if first is not None and second is not None:
            region = words[at + 2] if at + 2 < len(words) else ""
            if _REGION.fullmatch(region) and region.upper() in _territories():
                second = read_language(f"{words[at + 1]}-{region}")
            return first, second
    return None


@lru_cache(1)
def _territories() -> frozenset[str]:
    """The regions that the CLDR has a name for."""
    from babel import Locale

    return frozenset(Locale("en").territories)


def column_languages(columns: Sequence[str], pair: tuple[str, str] | None) -> dict[str, str] | None:
    """The languages of the columns that are named by one, by column.

    Args:
        columns: their names.
        pair: the languages in the file's name, for columns that are called english and non_english.

    Returns:
        None if there are fewer than two.
    """
    if {ENGLISH, OTHER} <= {*columns}:
        other = [code for code in pair or () if code != "en"]
        return {ENGLISH: "en", OTHER: other[0]} if pair and len(other) == 1 else None
    found = {column: code for column in columns if (code := language_named(column)) is not None}
    return found if len(found) > 1 else None
