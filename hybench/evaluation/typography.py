"""What is written in several ways without being another word, and is one token to BM25.

Folded are apostrophes of every shape, which become ``'``; characters that nobody sees and that
only say where a line may break, in which direction a text runs or which glyph is meant; tatweel;
joiners where no letters need them; and the older spelling of the Malayalam chillus and of the
Bengali khanda ta, with a joiner. Not folded is what spells: the joiners within words of the Arabic
and Indic scripts, accents and vowel signs, letters that look alike.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_APOSTROPHES = "`\u02bb-\u02bd\u055a\u05f3\u2018\u2019\u201b\u2032\ua78c"
"""Quotes, primes and letters that stand for an apostrophe, after NFKC."""

_ACUTES = "\u00b4\u1ffd"
"""Acute accents on nothing, which stand for one too: NFKC would put them on a blank."""

_INVISIBLE = (
    "\u00ad\u034f\u2060-\u2064\ufeff"  # soft hyphen, grapheme joiner, word joiner, byte order mark
    "\u0640\u07fa"  # tatweel, and N'Ko's
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # direction
    "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"  # selectors of glyphs
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
    """A text in NFKC and case folded; acute accents on nothing, put for an apostrophe, are one."""
    for acute in _ACUTES:
        text = text.replace(acute, "'")
    return unicodedata.normalize("NFKC", text).casefold()


def fold_typography(text: str, unspaced: str) -> str:
    """A text in `plain_form`, with one spelling of each word that is written in several.

    Args:
        text: the text.
        unspaced: characters of scripts without spaces, as ranges of a character class; between
            them a zero-width space, which elsewhere parts words, is only where a line may break.
    """
    apostrophe, invisible, double, stray = _patterns(unspaced)
    text = invisible.sub("", apostrophe.sub("'", text))
    if any(joiner in text for joiner in _JOINERS):
        text = double.sub(r"\1", text)
        for old, letter in _OLD_SPELLINGS.items():
            text = text.replace(old, letter)
        text = stray.sub("", text)
    # What an invisible character kept apart may compose.
    return unicodedata.normalize("NFKC", text)
