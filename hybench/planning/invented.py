"""Invented texts of a language, for calibrations where no set is at hand.

Words are made of the letters that the language's names of countries have (CLDR), as often as these
have them; words have the frequencies of real ones (Zipf), so that rare words never run out. In
scripts without spaces, none are written.
"""

from __future__ import annotations

import numpy as np

from hybench.planning.known import SPREAD
from hybench.values.languages import WITHOUT_SPACES

_WORDS = 50_000
_LETTERS = (2, 9)
"""Fewest and most letters of a word."""
_FLATNESS = 2.7
"""Added to a word's rank (Mandelbrot)."""


def invented_texts(language: str, count: int, characters: float) -> list[str]:
    """Texts of log-normal lengths, the same for the same arguments.

    Args:
        language: code of a language that the CLDR has.
        count: how many.
        characters: of a text, on average.
    """
    random = np.random.default_rng([count, *language.encode()])
    words = _words(language, random)
    cumulative = np.cumsum(1 / (np.arange(len(words)) + _FLATNESS))
    share = np.diff(cumulative, prepend=0.0) / cumulative[-1]
    space = "" if language in WITHOUT_SPACES else " "
    spelt = float((share * np.array([len(word) + len(space) for word in words])).sum())
    middle = np.log(characters / spelt) - SPREAD**2 / 2
    lengths = np.maximum(1, random.lognormal(middle, SPREAD, count)).astype(np.int64)
    drawn = np.searchsorted(cumulative, random.random(lengths.sum()) * cumulative[-1])
    ends = np.cumsum(lengths).tolist()
    return [
        space.join(words[drawn[end - length : end]])
        for end, length in zip(ends, lengths.tolist(), strict=True)
    ]


def _words(
    language: str, random: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Different words, as objects."""
    letters = np.array(_letters(language))
    lengths = random.integers(*_LETTERS, 2 * _WORDS)
    drawn = letters[random.integers(0, len(letters), lengths.sum())].tolist()
    words: dict[str, None] = {}
    at = 0
    for length in lengths.tolist():
        words["".join(drawn[at : at + length])] = None
        at += length
    return np.array([*words][:_WORDS], dtype=object)


def _letters(language: str) -> list[str]:
    """All letters of the names of countries, one after the other."""
    from babel import Locale

    names = Locale.parse(language.replace("-", "_")).territories.values()
    return [letter for name in names for letter in name.lower() if not letter.isspace()]
