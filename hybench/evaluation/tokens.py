"""Tokenisation for BM25: words where scripts have spaces, pieces of their runs where not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Literal, get_args

from hybench.errors import UsageError

Tokenisation = Literal["auto", "whitespace"]
TOKENISATIONS: tuple[Tokenisation, ...] = get_args(Tokenisation)

Tokenise = Callable[[str], list[str]]

_SYLLABIC = (
    "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"  # radicals, kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
_ALPHABETIC = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f"  # Myanmar
    "\u1780-\u17ff"  # Khmer
)
"""Characters of scripts without spaces between words, as ranges of a character class."""

_SYLLABIC_SIZE, _ALPHABETIC_SIZE = 2, 3
"""Characters per token. AP of BM25 on XQuAD-R with pairs, threes: zh .795, .691; th .757, .792."""


def whitespace_tokens(text: str) -> list[str]:
    """Lower-cased pieces between white space, punctuation included."""
    return text.lower().split()


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A word; and, in a word, a run of one kind of script, which names the group it matches."""
    # \w lacks combining marks: without them, Indic vowel signs and Yoruba tones split words.
    marks = "".join(
        chr(code) for code in range(0x300, 0x20000) if unicodedata.category(chr(code))[0] == "M"
    )
    letter = rf"[\w{marks}\u200c\u200d]"
    word = re.compile(rf"{letter}+(?:['’]{letter}+)*")
    run = re.compile(
        f"(?P<syllabic>[{_SYLLABIC}]+)|(?P<alphabetic>[{_ALPHABETIC}]+)"
        f"|[^{_SYLLABIC}{_ALPHABETIC}]+"
    )
    return word, run


def auto_tokens(text: str) -> list[str]:
    """Words, NFKC-normalised and case-folded; runs of unspaced scripts in overlapping pieces.

    Han and kana come in pairs, as in Lucene's CJK analyser; Thai, Lao, Khmer and Burmese, whose
    letters are less than syllables, in threes. A shorter run is a token itself. The script decides,
    not the language: a Latin name in a Thai text stays a word. An apostrophe between letters
    belongs to the word.
    """
    words, runs = _patterns()
    tokens: list[str] = []
    for word in words.findall(unicodedata.normalize("NFKC", text).casefold()):
        for run in runs.finditer(word):
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
        UsageError: there is none.
    """
    if name not in TOKENISATIONS:
        raise UsageError(f"--tokens: no {name!r}.", f"Choose from: {' '.join(TOKENISATIONS)}.")
    return whitespace_tokens if name == "whitespace" else auto_tokens
