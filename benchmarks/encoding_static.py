"""Encoding with static embeddings: `python -m benchmarks.encoding_static`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import Check, Options, Report, Side, Timing, Work, main, measure, speedup
from benchmarks.multilingual import (
    NOTES,
    SPACED,
    UNSPACED,
    lengths,
    paragraphs,
    spaced_texts,
    unspaced_texts,
)

_DIMENSION, _LONGEST = 256, 256
_COMPARED = 500
HYBENCH = "hybench"
TOKENIZER = "the tokenizer alone, on distinct words"
WORD = re.compile(r"[^\s!-/:-@\[-`{-~]+|[!-/:-@\[-`{-~]")
"""Pieces between white space and ASCII punctuation, or a mark of the latter."""

PEERS = {"sentence-transformers": 32, "the same, batch 4096": 4096}

LIMITED = ("passages", "queries")
"""Kinds of text for which each distinct word is tokenised once."""


@dataclass(frozen=True)
class Kind:
    """A setting: `count` texts of `characters` on average, and the bars against both peers."""

    count: int
    characters: int
    make: Callable[[NDArray[np.int64], np.random.Generator], list[str]]
    bars: tuple[float, float]


KINDS = {
    "passages": Kind(10_000, 440, spaced_texts, (4, 2)),
    "queries": Kind(50_000, 45, spaced_texts, (4, 2)),
    "passages in Chinese and Thai": Kind(10_000, 330, unspaced_texts, (1.25, 1.25)),
}


def write_texts(folder: Path, quick: bool) -> None:
    """The texts, and a vocabulary learned from all languages."""
    from hybench.encoders.vocabulary import train_tokenizer

    random = np.random.default_rng(0)
    for name, kind in KINDS.items():
        count = kind.count // 20 if quick else kind.count
        texts = kind.make(lengths(count, kind.characters, 0.4, random), random)
        (folder / f"{name}.json").write_text(json.dumps(texts), encoding="utf-8")
    learned = paragraphs(SPACED)[:: 20 if quick else 1] + paragraphs(UNSPACED)
    train_tokenizer(learned, 4_000 if quick else 32_000, folder / "tokenizer.json")


def side(folder: Path, name: str, batch: int | None) -> Work:
    """All texts of a kind to vectors: by hybench, or in batches by sentence-transformers."""
    from hybench.encoders.encoder import Encoder
    from hybench.encoders.kinds.static import static_model

    model = static_model(folder / "tokenizer.json", _DIMENSION, _LONGEST, seed=0)
    texts = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    if batch is None:
        encoder = Encoder(model)
        tokens = len(encoder.tokenize(texts, "passage").ids) / len(texts)
        return lambda: (encoder.encode(texts, "passage")[:_COMPARED], tokens)
    return lambda: (model.encode_document(texts, batch_size=batch)[:_COMPARED], None)


def tokenizer_side(folder: Path, name: str) -> Work:
    """The library's tokenizer alone, on the distinct words of all texts, each once."""
    from tokenizers import Tokenizer

    texts = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    words = sorted({word for text in texts for word in WORD.findall(text)})
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    # Many in a text, as hybench gives them to it, and as many texts at once.
    joined = [" ".join(words[start : start + 512]) for start in range(0, len(words), 512)]
    groups = [joined[start : start + 256] for start in range(0, len(joined), 256)]

    def tokenize() -> tuple[None, int]:
        for group in groups:
            tokenizer.encode_batch_fast(group, add_special_tokens=False)
        return None, len(words)

    return tokenize


def benchmark(options: Options) -> Report:
    """Measure every kind of text with every program."""
    # As the command line sets it; for all of them alike.
    threads = {"GOMP_SPINCOUNT": "1000"}
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_texts(folder, options.quick)
        programs = [
            Side(f"{program}: {name}", side, (folder, name, batch), environment=threads)
            for name in KINDS
            for program, batch in ({HYBENCH: None} | PEERS).items()
        ]
        alone = [
            Side(f"{TOKENIZER}: {name}", tokenizer_side, (folder, name), environment=threads)
            for name in LIMITED
        ]
        timings = measure([*programs, *alone], options.rounds)
    checks: list[Check] = []
    columns: dict[str, dict[str, str]] = {}
    for name, kind in KINDS.items():
        ours = f"{HYBENCH}: {name}"
        checks += [
            speedup(timings, ours, f"{program}: {name}", bar)
            for program, bar in zip(PEERS, kind.bars, strict=True)
        ]
        checks.append(
            largest_difference(timings, ours, [f"{program}: {name}" for program in PEERS])
        )
        count = kind.count // 20 if options.quick else kind.count
        for program in (HYBENCH, *PEERS):
            rate = count / timings[f"{program}: {name}"].median
            columns[f"{program}: {name}"] = {"texts/s": f"{rate:,.0f}"}
        columns[ours]["tokens a text"] = f"{timings[ours].result[1]:.0f}"
    shares = []
    for name in LIMITED:
        own = timings[f"{TOKENIZER}: {name}"]
        shares.append(f"{own.median / timings[f'{HYBENCH}: {name}'].median:.2f} on the {name}")
        columns[f"{TOKENIZER}: {name}"] = {"words": f"{own.result[1]:,}"}
    return Report(
        f"Encoding with static embeddings of {_DIMENSION} dimensions",
        {key: replace(timing, result=None) for key, timing in timings.items()},
        checks,
        notes=(
            *NOTES,
            "The vocabulary of 32,000 tokens is learned from all of it.",
            "hybench keeps no words from one run to the next.",
            (
                "The limit is the library's tokenizer. Alone, on every distinct word once, it "
                f"takes this share of hybench's time: {', '.join(shares)}; finding the words takes "
                "most of the rest."
            ),
        ),
        columns=columns,
    )


def largest_difference(timings: dict[str, Timing], ours: str, peers: list[str]) -> Check:
    """Largest difference of a component of the first vectors to the peers'."""
    vectors = timings[ours].result[0]
    found = max(float(np.abs(vectors - timings[peer].result[0]).max()) for peer in peers)
    return Check(f"largest difference of a component: {ours}", found, "≤", 1e-3)


if __name__ == "__main__":
    main("encoding_static", benchmark, ("sentence-transformers", "tokenizers"))
