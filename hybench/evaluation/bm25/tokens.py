"""Tokenisation for BM25: words in scripts with spaces, overlapping pieces in others."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Literal, get_args

from hybench.errors import UsageError
from hybench.evaluation.bm25.typography import FOLDABLE, fold_typography, plain_form
from hybench.values.scripts import ALPHABETIC, SYLLABIC

Tokenisation = Literal["auto", "whitespace"]
TOKENISATIONS: tuple[Tokenisation, ...] = get_args(Tokenisation)

Tokenise = Callable[[str], list[str]]

_SYLLABIC_SIZE, _ALPHABETIC_SIZE = 2, 3
"""Characters per token. AP of BM25 on XQuAD-R with pairs, threes: zh .795, .691; th .757, .792."""


def whitespace_tokens(text: str) -> list[str]:
    """Lower-cased pieces between white space, punctuation included."""
    return text.lower().split()


def _word(last: int) -> re.Pattern[str]:
    """A word whose marks are characters up to code point `last`."""
    # \w lacks combining marks: without them, Indic vowel signs and Yoruba tones split words.
    marks = (code for code in range(0x300, last) if unicodedata.category(chr(code))[0] == "M")
    ranges = []
    for _, run in groupby(enumerate(marks), key=lambda numbered: numbered[1] - numbered[0]):
        codes = [code for _, code in run]
        ranges.append(f"{chr(codes[0])}-{chr(codes[-1])}")
    letter = rf"[\w{''.join(ranges)}]"
    return re.compile(rf"{letter}+(?:['\u200c\u200d]{letter}+)*")


@dataclass(frozen=True)
class _Patterns:
    """The patterns of `auto_tokens`.

    Attributes:
        unusual: a special character, or one that may be written otherwise.
        special: a character of an unspaced script, or one beyond U+FFFF.
        plain: a word of a text without such characters.
        word: a word of any text. It takes twice as long: `re` tries its ranges of marks beyond
            U+FFFF one by one wherever a word ends.
        run: in a word, a run of one kind of script, which names the group it matches.
    """

    unusual: re.Pattern[str]
    special: re.Pattern[str]
    plain: re.Pattern[str]
    word: re.Pattern[str]
    run: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    special = f"{SYLLABIC}{ALPHABETIC}\U00010000-\U0010ffff"
    return _Patterns(
        unusual=re.compile(f"[{special}{FOLDABLE}]"),
        special=re.compile(f"[{special}]"),
        plain=_word(0x10000),
        word=_word(0x20000),
        run=re.compile(
            f"(?P<syllabic>[{SYLLABIC}]+)|(?P<alphabetic>[{ALPHABETIC}]+)"
            f"|[^{SYLLABIC}{ALPHABETIC}]+"
        ),
    )


def auto_tokens(text: str) -> list[str]:
    """Words, NFKC, case and typography folded; runs of unspaced scripts in overlapping pieces.

    Han and kana come in pairs, as in Lucene's CJK analyser; Thai, Lao, Khmer and Burmese, whose
    letters are smaller than syllables, in threes. A shorter run is a token itself. The script
    decides, not the language: a Latin name in a Thai text stays a word. An apostrophe or a
    joiner between letters belongs to the word; `hybench.evaluation.bm25.typography` lists what else
    is folded.
    """
    patterns = _patterns()
    text = plain_form(text)
    if patterns.unusual.search(text) is None:
        return patterns.plain.findall(text)
    text = fold_typography(text, SYLLABIC + ALPHABETIC)
    if patterns.special.search(text) is None:
        return patterns.plain.findall(text)
    tokens: list[str] = []
    for word in patterns.word.findall(text):
        for run in patterns.run.finditer(word):
            piece = run[0]
            if run.lastgroup is None:
                tokens.append(piece)
                continue
            size = _SYLLABIC_SIZE if run.lastgroup == "syllabic" else _ALPHABETIC_SIZE
            last = max(1, len(piece) - size + 1)
            tokens += [piece[place : place + size] for place in range(last)]
    return tokens


def tokeniser(name: str) -> Tokenise:
    """The tokenisation of that name.

    Raises:
        UsageError: the name is unknown.
    """
    if name not in TOKENISATIONS:
        raise UsageError(f"--tokens: no {name!r}.", f"Choose from: {' '.join(TOKENISATIONS)}.")
    return whitespace_tokens if name == "whitespace" else auto_tokens
