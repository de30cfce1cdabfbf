"""Folds typographic variants of a word into one token for BM25.

Folded are apostrophes of every shape, which become ``'``; invisible characters, which only mark
where a line may break, the direction of a text or which glyph is meant; tatweel; joiners where no
letters need them; the line below of Yoruba letters, which is their dot below in another typeface;
and other encodings of the same glyphs: the Thai and Lao vowel ae as two e, their vowel am with the
tone in its midst, and the older spelling of the Malayalam chillus and of the Bengali khanda ta,
with a joiner. Differences of spelling are not folded: the joiners within words of the Arabic and
Indic scripts, accents and vowel signs, letters that look alike (Arabic and Persian kaf and yeh).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_APOSTROPHES = (
    "`\u02b9\u02bb-\u02bf\u055a\u05f3\u07f4\u07f5\u2018\u2019\u201b\u2032\u2035\u275b\u275c\ua78c"
)
"""Quotes, primes and letters used as an apostrophe, after NFKC."""

_ON_NOTHING = "\u00b4\u0384\u1fbd\u1fbf\u1ffd\u1ffe"
"""Spacing accents and breathings, also used as one: NFKC would put them on a blank."""

_LINE_BELOW, _DOT_BELOW = "\u0329", "\u0323"

_INVISIBLE = (
    "\u0640\u07fa"  # tatweel, and N'Ko's
    # What Unicode calls Default_Ignorable_Code_Point, but for joiners and the zero-width space.
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
_JOINERS = "\u200c\u200d"
_ZERO_WIDTH_SPACE = "\u200b"

_JOINED = "\u0600-\u1cff\ua840-\uabff\U00010a00-\U00011fff"
"""Characters of scripts that spell with joiners, Arabic to those of India, and some others."""

_OLD_SPELLINGS = {
    "\u0d23\u0d4d\u200d": "\u0d7a", "\u0d28\u0d4d\u200d": "\u0d7b", "\u0d30\u0d4d\u200d": "\u0d7c",
    "\u0d32\u0d4d\u200d": "\u0d7d", "\u0d33\u0d4d\u200d": "\u0d7e", "\u0d15\u0d4d\u200d": "\u0d7f",
    "\u09a4\u09cd\u200d": "\u09ce",
}  # fmt: skip
"""Letters that were spelt with a virama and a joiner before they had a character (Unicode 5.1)."""

_TYPED = (
    ("\u0e40\u0e40", "\u0e41"),
    ("\u0ec0\u0ec0", "\u0ec1"),
    *((f"\u0e4d{tone}\u0e32", f"{tone}\u0e4d\u0e32") for tone in "\u0e48\u0e49\u0e4a\u0e4b"),
    *((f"\u0ecd{tone}\u0eb2", f"{tone}\u0ecd\u0eb2") for tone in "\u0ec8\u0ec9\u0eca\u0ecb"),
)
"""Other encodings of Thai and Lao vowels, after NFKC, and the standard ones."""

FOLDABLE = f"{_APOSTROPHES}{_INVISIBLE}{_JOINERS}{_ZERO_WIDTH_SPACE}"
"""The characters that `fold_typography` looks at, as ranges of a character class."""


@cache
def _patterns(unspaced: str) -> tuple[re.Pattern[str], ...]:
    joiners = f"[{_JOINERS}]+"
    break_ = f"(?<=[{unspaced}]){_ZERO_WIDTH_SPACE}+(?=[{unspaced}])"
    return (
        re.compile(f"[{_APOSTROPHES}]"),
        re.compile(f"[{_INVISIBLE}]+|{break_}"),
        re.compile(f"([{_JOINERS}])[{_JOINERS}]+"),
        re.compile(f"(?<![{_JOINED}]){joiners}|{joiners}(?![{_JOINED}])"),
    )


def plain_form(text: str) -> str:
    """A text in NFKC, case folded; lines below become dots, spacing accents apostrophes."""
    for accent in _ON_NOTHING:
        text = text.replace(accent, "'")
    text = unicodedata.normalize("NFKC", text.replace(_LINE_BELOW, _DOT_BELOW))
    return unicodedata.normalize("NFKC", text.casefold())


def fold_typography(text: str, unspaced: str) -> str:
    """A text in `plain_form`, with one spelling for the variants of each word.

    Args:
        text: the text.
        unspaced: characters of scripts without spaces, as ranges of a character class; between them
            a zero-width space only allows a line break, while elsewhere it separates words.
    """
    apostrophe, invisible, double, stray = _patterns(unspaced)
    text = invisible.sub("", apostrophe.sub("'", text))
    for typed, letters in _TYPED:
        text = text.replace(typed, letters)
    if any(joiner in text for joiner in _JOINERS):
        text = double.sub(r"\1", text)
        for old, letter in _OLD_SPELLINGS.items():
            text = text.replace(old, letter)
        text = stray.sub("", text)
    # Characters that an invisible one kept apart may compose.
    return unicodedata.normalize("NFKC", text)
