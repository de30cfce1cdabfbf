"""Tokenise each distinct word once, if the tokenizer never looks across words.

If a tokenizer splits at white space and punctuation before it merges, the tokens of a text are
those of its words, in order. Whether a tokenizer does so is decided by its components.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hybench.encoders.tokens import Tokens

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# Each of these treats the two sides of a space or mark separately: spaces and marks neither compose
# with anything nor move, and letters change their case one by one.
_WORDWISE_NORMALIZERS = {
    *("NFC", "NFD", "NFKC", "NFKD"),
    *("Lowercase", "StripAccents", "BertNormalizer"),
}
_SPLIT_AT_SPACES = {"WhitespaceSplit", "Whitespace", "BertPreTokenizer"}
# Each of these splits pieces further without looking at their context.
_SPLIT_WORDS = {*_SPLIT_AT_SPACES, "Punctuation", "Digits"}

MARKS = list("!\"#$%&'()*+,-./:;?@[\\]^_`{|}~")
"""ASCII punctuation but for `<`, `=` and `>`: a normaliser may join those with a stroke (U+0338)
into one character. No other of them composes (UAX #15)."""
_SPACED_MARKS = [f" {mark} " for mark in MARKS]

# With more texts, the tokenizer's own records exceed the caches.
_TEXTS_AT_ONCE = 256
# Distinct words per text for the tokenizer: each text costs as much as several words.
_WORDS_AT_ONCE = 512
# In order of preference: few other characters in words normalise to the first ones (to full stops,
# `…` and `．` do).
_ENDS = "^`\\|@{}~_#$&%*+;:/'\"()[],-!?."
# If distinct words have more than this share of the characters, as in scripts without spaces,
# splitting texts costs what it saves.
_MOST_DISTINCT = 0.6


class WordTokenizer:
    """Tokenises the distinct words of a list of texts, and joins them to the texts' tokens.

    Words are the strings between ASCII spaces and punctuation marks, and the marks. Nothing is
    kept between calls: memory grows only with the texts of one call.

    Args:
        tokenizer: one that `is_wordwise`; its length limit and special tokens are not used.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        from tokenizers import AddedToken

        plain, spaced = _model_alone(tokenizer), _model_alone(tokenizer)
        spaced.add_special_tokens([AddedToken(" ", normalized=False)])
        # The end of a word: a mark or, if words contain that too, a space that is a token, which
        # takes half as long again.
        ends = [(plain, mark) for mark in _ENDS if _is_token(mark, plain)][:1]
        self._ways: list[tuple[Tokenizer, str]] = [*ends, (spaced, " ")]
        added = tokenizer.get_added_tokens_decoder().values()
        self._names = [token.content for token in added]

    def tokenize(self, texts: Sequence[str]) -> Tokens | None:
        """Tokens of the texts, or None if it would not be faster.

        For texts `naming_added_tokens` they differ from the tokenizer's.
        """
        import polars as pl

        column = pl.Series(texts, dtype=pl.String)
        split = pl.col("text").str.replace_many(MARKS, _SPACED_MARKS).str.split(" ")
        # Streaming takes all cores for one expression.
        frame = column.to_frame("text").lazy().select(split).collect(engine="streaming")
        words = frame.to_series()
        coded = words.explode().to_arrow().dictionary_encode()
        distinct: list[str] = coded.dictionary.to_pylist()
        characters = int(column.str.len_chars().sum())
        if sum(map(len, distinct)) > _MOST_DISTINCT * characters:
            return None
        tokens = self._of_words(distinct).take(coded.indices.to_numpy())
        begins = np.concatenate([[0], np.cumsum(words.list.len().to_numpy(), dtype=np.int64)])
        return Tokens(tokens.ids, tokens.offsets[begins])

    def naming_added_tokens(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Rows of the texts that spell the name of an added token, such as ``[MASK]``."""
        import polars as pl

        named = pl.Series(texts, dtype=pl.String).str.contains_any(self._names)
        return np.flatnonzero(named.to_numpy())

    def _of_words(self, words: list[str]) -> Tokens:
        starts = range(0, len(words), _WORDS_AT_ONCE)
        left = {start: words[start : start + _WORDS_AT_ONCE] for start in starts}
        done: dict[int, Tokens] = {}
        for tokenizer, end in self._ways:
            tokenised = zip(left, _ended(tokenizer, end, left.values()), strict=True)
            done |= {start: part for start, part in tokenised if len(part) == len(left[start])}
            left = {start: part for start, part in left.items() if start not in done}
        return Tokens.concatenate([done[start] for start in starts])


def _ended(tokenizer: Tokenizer, end: str, parts: Iterable[list[str]]) -> Iterator[Tokens]:
    """For each part, the tokens of its words, with `end` after every word; a word that contains
    `end` counts as several.
    """
    texts = tokens_of(tokenizer, [end.join([*part, ""]) for part in parts])
    for begin, stop in pairwise(texts.offsets.tolist()):
        ids = texts.ids[begin:stop]
        ends = np.flatnonzero(ids == tokenizer.token_to_id(end))
        offsets = np.append(0, ends - np.arange(len(ends)))
        yield Tokens(np.delete(ids, ends), offsets)


def _model_alone(tokenizer: Tokenizer) -> Tokenizer:
    """The tokenizer without added tokens, which gives words the same tokens."""
    from tokenizers import Tokenizer

    alone = Tokenizer(tokenizer.model)
    alone.normalizer = tokenizer.normalizer
    alone.pre_tokenizer = tokenizer.pre_tokenizer
    return alone


def _is_token(text: str, tokenizer: Tokenizer) -> bool:
    return bool(tokenizer.encode(text, add_special_tokens=False).tokens == [text])


def tokens_of(tokenizer: Tokenizer, texts: Sequence[str]) -> Tokens:
    """The tokens of texts by a tokenizer's settings, without special tokens."""
    parts = []
    for start in range(0, len(texts), _TEXTS_AT_ONCE):
        encoded = tokenizer.encode_batch_fast(
            texts[start : start + _TEXTS_AT_ONCE], add_special_tokens=False
        )
        parts.append(Tokens.from_lists([item.ids for item in encoded]))
    return Tokens.concatenate(parts)


def is_wordwise(tokenizer: Tokenizer) -> bool:
    """Whether the tokens of a text are those of its words, by the tokenizer's components."""
    splitters = _flat(tokenizer.pre_tokenizer, "pretokenizers")
    normalizers = _flat(tokenizer.normalizer, "normalizers")
    added = tokenizer.get_added_tokens_decoder().values()
    return (
        bool(splitters)
        and splitters[0]["type"] in _SPLIT_AT_SPACES
        and all(item["type"] in _SPLIT_WORDS for item in splitters)
        and any(_isolates_marks(item) for item in splitters)
        and all(item["type"] in _WORDWISE_NORMALIZERS for item in normalizers)
        # Dropout of merges would be drawn once for all occurrences of a word.
        and not getattr(tokenizer.model, "dropout", None)
        # A name that is matched in normalised text may occur where the raw text differs.
        and not any(token.normalized for token in added)
        and tokenizer.token_to_id(" ") is None
    )


def _flat(component: Any, members: str) -> list[dict[str, Any]]:
    """The components of a normaliser or pre-tokenizer, as in the tokenizer's JSON file."""
    if component is None:
        return []

    def parts(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if item["type"] != "Sequence":
            yield item
        for part in item.get(members, ()):
            yield from parts(part)

    try:
        state = component.__getstate__()
    except Exception:  # noqa: BLE001 - nothing narrower is raised for one written in Python
        return [{"type": "unknown"}]
    return list(parts(json.loads(state)))


def _isolates_marks(splitter: dict[str, Any]) -> bool:
    return bool(
        splitter["type"] == "BertPreTokenizer"
        or (splitter["type"] == "Punctuation" and splitter["behavior"] == "Isolated")
    )
