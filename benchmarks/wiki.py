"""A synthetic Wikipedia in MIRACL's files: Arabic and English passages of real lengths, topics and
judgements, the same for the same sizes.

Words are invented, with the frequencies of real ones (Zipf), so that a corpus never runs out of
rare words. Lengths are log-normal about MIRACL's own means, with the spread of its Yoruba corpus.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np

from hybench.data.sources.miracl.source import corpus_files, judgement_files

LANGUAGES = ("ar", "en")
_LETTERS = {"ar": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي", "en": "etaoinshrdlcumwfgypbvkjxqz"}
_CHARACTERS = {"ar": 320, "en": 402}
"""Of a passage with its title, on average (MTEB's statistics of MIRACL)."""
_SPREAD = 0.88
"""Standard deviation of the logarithm of a passage's characters, in MIRACL's Yoruba corpus."""
_WORDS = 400_000
_AT_ONCE = 5_000
_ARTICLE = 6
"""Passages of an article, which share its title."""


@lru_cache
def _vocabulary(language: str) -> np.ndarray:
    """Different words, frequent ones shorter, as objects."""
    random = np.random.default_rng([1, len(language), ord(language[0])])
    letters = np.array(list(_LETTERS[language]))
    weights = 1 / np.arange(2, len(letters) + 2)
    weights /= weights.sum()
    words: dict[str, None] = {}
    longest = 3
    while len(words) < _WORDS:
        size = min(_WORDS, 4 * max(50, len(words)))
        lengths = random.integers(max(1, longest - 3), longest + 1, size)
        drawn = random.choice(letters, lengths.sum(), p=weights).tolist()
        at = 0
        for length in lengths.tolist():
            words.setdefault("".join(drawn[at : at + length]))
            at += length
        longest = min(10, longest + 1)
    return np.array(list(words)[:_WORDS], dtype=object)


def _passages(language: str, count: int, file: int) -> Iterator[tuple[str, str, str]]:
    """Yield id, title and text of each passage of a file."""
    random = np.random.default_rng([2, ord(language[0]), file])
    known = _vocabulary(language)
    cumulative = np.cumsum(1 / (np.arange(len(known)) + 2.7))
    letters = np.array([len(word) + 1 for word in known])
    spelt = float((letters * np.diff(cumulative, prepend=0.0)).sum() / cumulative[-1])
    mean = _CHARACTERS[language] / spelt
    for start in range(0, count, _AT_ONCE):
        size = min(_AT_ONCE, count - start)
        drawn = random.lognormal(np.log(mean) - _SPREAD**2 / 2, _SPREAD, size)
        lengths = np.maximum(3, drawn.astype(np.int64))
        words = np.searchsorted(cumulative, random.random(lengths.sum()) * cumulative[-1])
        ends = np.cumsum(lengths).tolist()
        for number, (end, length) in enumerate(zip(ends, lengths.tolist(), strict=True), start):
            spoken = known[words[end - length : end]]
            article, place = divmod(number, _ARTICLE)
            title = " ".join(known[[(article * 7919 + file) % _WORDS]])
            yield f"{file}{article:06d}#{place}", title, " ".join(spoken)


def _write_file(language: str, count: int, file: int, path: Path) -> list[tuple[str, str]]:
    """Write a file of the corpus; ids and questions, cut from a few of its passages."""
    asked = []
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as sink:
        lines = []
        for number, (key, title, text) in enumerate(_passages(language, count, file)):
            record = {"docid": key, "title": title, "text": text}
            lines.append(json.dumps(record, ensure_ascii=False))
            if number % 97 == 0:
                asked.append((key, " ".join(text.split()[:6])))
        sink.write("\n".join(lines) + "\n")
    return asked


def write_wiki(folder: Path, passages: int, queries: int, processes: int = 2) -> None:
    """Write MIRACL's files of both languages, half of the passages each.

    Args:
        folder: to write to.
        passages: of both languages; at least 1,000.
        queries: of the dev split of each language; the train split has twice as many.
        processes: that write files.
    """
    with ProcessPoolExecutor(processes) as pool:
        for language in LANGUAGES:
            paths = [folder / name for name in corpus_files(language)]
            paths[0].parent.mkdir(parents=True)
            count = passages // len(LANGUAGES)
            sizes = [len(part) for part in np.array_split(np.arange(count), len(paths))]
            jobs = [
                pool.submit(_write_file, language, size, file, path)
                for file, (size, path) in enumerate(zip(sizes, paths, strict=True))
            ]
            asked = [each for job in jobs for each in job.result()]
            _write_judgements(folder, language, asked, queries)


def _write_judgements(
    folder: Path, language: str, asked: list[tuple[str, str]], queries: int
) -> None:
    random = np.random.default_rng([3, ord(language[0])])
    chosen = [asked[at] for at in random.permutation(len(asked))[: 3 * queries]]
    third = len(chosen) // 3
    for split, own in (("dev", chosen[:third]), ("train", chosen[third:])):
        topics, qrels = (folder / name for name in judgement_files(language, split))
        for file in (topics, qrels):
            file.parent.mkdir(parents=True, exist_ok=True)
        rows = [(f"{split}-{at}", *each) for at, each in enumerate(own)]
        topics.write_text("".join(f"{q}\t{text}\n" for q, _, text in rows), encoding="utf-8")
        qrels.write_text("".join(f"{q}\tQ0\t{key}\t1\n" for q, key, _ in rows), encoding="utf-8")
