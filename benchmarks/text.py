"""Texts of invented words with the frequencies of real ones, the same for the same seed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

_SYLLABLES = [one + other for one in "bdfgklmnprstvz" for other in "aeiou"]
_VOCABULARY = 50_000


def vocabulary() -> list[str]:
    """50,000 different words of two to four syllables, short ones first."""
    words: list[str] = []
    level = list(_SYLLABLES)
    while len(words) < _VOCABULARY:
        level = [word + syllable for word in level for syllable in _SYLLABLES]
        words += level
    return words[:_VOCABULARY]


def texts(count: int, words: int, seed: int) -> Iterator[str]:
    """Yield texts of about `words` words, whose frequencies fall as one over their rank (Zipf)."""
    random = np.random.default_rng(seed)
    known = np.array(vocabulary(), dtype=object)
    ranks = np.arange(1, len(known) + 1)
    cumulative = np.cumsum(1 / ranks)
    for start in range(0, count, 10_000):
        lengths = random.poisson(words - 1, min(10_000, count - start)) + 1
        drawn = np.searchsorted(cumulative, random.random(lengths.sum()) * cumulative[-1])
        ends = np.cumsum(lengths)
        for end, length in zip(ends.tolist(), lengths.tolist(), strict=True):
            yield " ".join(known[drawn[end - length : end]])


def write_set(folder: Path, passages: int, queries: int, words: int = 30) -> None:
    """Write a set as JSON lines: a corpus, queries cut from its passages, qrels, 2,000 pairs."""
    for table in ("corpus", "queries", "qrels"):
        (folder / table).mkdir(parents=True)
    asked = set(range(0, passages, max(1, passages // queries)))
    with (
        (folder / "corpus/en.jsonl").open("w", encoding="utf-8") as corpus,
        (folder / "queries/en.jsonl").open("w", encoding="utf-8") as topics,
        (folder / "qrels/en.tsv").open("w", encoding="utf-8") as qrels,
        (folder / "pairs.jsonl").open("w", encoding="utf-8") as pairs,
    ):
        for number, text in enumerate(texts(passages, words, seed=0)):
            corpus.write(json.dumps({"_id": f"p{number}", "text": text}) + "\n")
            question = " ".join(text.split()[:8])
            if number < 2000:
                pair = {"_id": str(number), "query": {"en": question}, "passage": {"en": text}}
                pairs.write(json.dumps(pair) + "\n")
            if number in asked:
                topics.write(json.dumps({"_id": f"q{number}", "text": question}) + "\n")
                qrels.write(f"q{number} 0 p{number} 1\n")
