"""Real text of many languages: NTREX-128, XQuAD-R and MIRACL's Yoruba corpus."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"
SPACED = {
    "ntrex": ("arb", "ben", "deu", "eng", "hin", "rus", "spa", "swa", "tel", "yor"),
    "xquad-r": ("ar", "de", "en", "es", "hi", "ru"),
}
UNSPACED = {"ntrex": ("tha", "zho-CN"), "xquad-r": ("th", "zh")}
# Characters that stay together where texts of scripts without spaces are made longer.
_TOGETHER = 12
NOTES = (
    "Texts in scripts with spaces are cut from NTREX-128 (ten languages), XQuAD-R (six) and",
    "MIRACL's Yoruba corpus, none of it twice, and mixed. Those in Chinese and Thai are put",
    f"together from pieces of {_TOGETHER} characters of NTREX-128 and XQuAD-R, drawn at random, so",
    "that whole runs hardly come back.",
)
_YORUBA_PASSAGES = 20_000


def paragraphs(languages: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Texts of some languages in the order of their sources, each language's together."""
    if not FOLDER.is_dir():
        raise SystemExit(f"This needs NTREX-128, XQuAD-R and MIRACL-yo in {FOLDER}.")
    texts: list[str] = []
    for language in languages["ntrex"]:
        (file,) = (FOLDER / "ntrex/NTREX-128").glob(f"newstest2019-*.{language}.txt")
        texts += file.read_text(encoding="utf-8").splitlines()
    for language in languages["xquad-r"]:
        articles = json.loads((FOLDER / f"xquad-r/{language}.json").read_text(encoding="utf-8"))
        texts += [part["context"] for item in articles["data"] for part in item["paragraphs"]]
    if "yor" in languages["ntrex"]:
        texts += _yoruba()
    return texts


def _yoruba() -> Iterator[str]:
    path = FOLDER / "miracl/miracl-corpus-v1.0-yo/docs-0.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for _, line in zip(range(_YORUBA_PASSAGES), lines, strict=False):
            yield json.loads(line)["text"]


def lengths(
    count: int, mean: float, spread: float, random: np.random.Generator
) -> NDArray[np.int64]:
    """Log-normal lengths whose logarithms have the standard deviation `spread`."""
    drawn = random.lognormal(0, spread, count)
    drawn *= mean / drawn.mean()
    return np.asarray(np.maximum(1, drawn), dtype=np.int64)


def spaced_texts(characters: NDArray[np.int64], random: np.random.Generator) -> list[str]:
    """Texts in scripts with spaces, each of at least so many characters, none used twice.

    They are cut from the paragraphs one after the other, at spaces, and shuffled.
    """
    words = iter(" ".join(paragraphs(SPACED)).split(" "))
    texts = []
    for least in characters.tolist():
        text: list[str] = []
        length = 0
        while length < least:
            word = next(words)
            text.append(word)
            length += len(word) + 1
        texts.append(" ".join(text))
    return [texts[row] for row in random.permutation(len(texts))]


def unspaced_texts(characters: NDArray[np.int64], random: np.random.Generator) -> list[str]:
    """Texts in Chinese and Thai, each of so many characters.

    There is too little text for as many as are wanted: they are put together from pieces of twelve
    characters, drawn at random, so that whole runs hardly come back.
    """
    pools = [
        " ".join(paragraphs({kind: (codes[language],) for kind, codes in UNSPACED.items()}))
        for language in range(2)
    ]
    texts = []
    for number, length in enumerate(characters.tolist()):
        pool = pools[number % 2]
        starts = random.integers(0, len(pool) - _TOGETHER, -(-length // _TOGETHER))
        texts.append("".join(pool[start : start + _TOGETHER] for start in starts.tolist())[:length])
    return texts
