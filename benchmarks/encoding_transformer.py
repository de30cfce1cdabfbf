"""Encoding with a small transformer: `python -m benchmarks.encoding_transformer`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.harness import Check, Options, Report, Side, Work, main, measure, speedup
from benchmarks.multilingual import (
    NOTES,
    SPACED,
    UNSPACED,
    lengths,
    paragraphs,
    spaced_texts,
    unspaced_texts,
)

_LAYERS, _HEADS, _DIMENSION, _LONGEST = 4, 8, 256, 512
_TEXTS = 2_000
_COMPARED = 500
HYBENCH, PEER = "hybench", "sentence-transformers"


def write_model(folder: Path, quick: bool) -> None:
    """Texts whose lengths vary widely, a vocabulary, and a transformer of random weights."""
    random = np.random.default_rng(0)
    count = _TEXTS // 20 if quick else _TEXTS
    spaced = spaced_texts(lengths(count * 3 // 4, 440, 0.7, random), random)
    texts = spaced + unspaced_texts(lengths(count // 4, 240, 0.7, random), random)
    mixed = [texts[row] for row in random.permutation(len(texts))]
    (folder / "texts.json").write_text(json.dumps(mixed), encoding="utf-8")
    learned = paragraphs(SPACED)[:: 20 if quick else 1] + paragraphs(UNSPACED)
    write_transformer(folder, learned, 4_000 if quick else 32_000)


def write_transformer(folder: Path, learned: Iterable[str], vocabulary: int) -> Path:
    """Write a transformer of four layers and random weights; its folder.

    Args:
        folder: to write to.
        learned: texts that its vocabulary is learned from.
        vocabulary: number of tokens.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import XLMRobertaConfig, XLMRobertaModel

    from hybench.encoders.libraries import quiet_libraries
    from hybench.encoders.vocabulary import train_tokenizer, transformers_tokenizer

    quiet_libraries()
    train_tokenizer(learned, vocabulary, folder / "tokenizer.json")
    tokenizer = transformers_tokenizer(folder / "tokenizer.json", _LONGEST)
    config = XLMRobertaConfig(
        vocab_size=len(tokenizer),
        hidden_size=_DIMENSION,
        num_hidden_layers=_LAYERS,
        num_attention_heads=_HEADS,
        intermediate_size=4 * _DIMENSION,
        # Positions are counted from the padding's id.
        max_position_embeddings=_LONGEST + 1 + tokenizer.pad_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    torch.manual_seed(0)
    XLMRobertaModel(config, add_pooling_layer=False).save_pretrained(folder / "bare")
    tokenizer.save_pretrained(folder / "bare")
    modules = [Transformer(str(folder / "bare")), Pooling(_DIMENSION, "mean"), Normalize()]
    SentenceTransformer(modules=modules, device="cpu").save(str(folder / "model"))
    return folder / "model"


def side(folder: Path, program: str) -> Work:
    """All texts to vectors, and the tokens computed for each token of a text."""
    from hybench.encoders.loading import load_encoder

    encoder = load_encoder(folder / "model", "cpu")
    texts = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    computed = np.zeros(2, dtype=np.int64)

    def count(_: object, arguments: tuple[dict[str, Any], ...]) -> None:
        mask = arguments[0]["attention_mask"]
        computed[:] += (mask.numel(), int(mask.sum()))

    encoder.model[0].register_forward_pre_hook(count)

    def work() -> object:
        computed[:] = 0
        if program == HYBENCH:
            vectors = encoder.encode(texts, "passage")
        else:
            vectors = encoder.model.encode_document(texts)
        return vectors[:_COMPARED], int(computed[0]), int(computed[1])

    return work


def benchmark(options: Options) -> Report:
    """Measure both, and the padding."""
    count = _TEXTS // 20 if options.quick else _TEXTS
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_model(folder, options.quick)
        # As the command line sets it; for both alike.
        threads = {"GOMP_SPINCOUNT": "1000"}
        sides = [Side(name, side, (folder, name), environment=threads) for name in (HYBENCH, PEER)]
        timings = measure(sides, options.rounds)
    padding = {name: one.result[1] / one.result[2] for name, one in timings.items()}
    difference = float(np.abs(timings[HYBENCH].result[0] - timings[PEER].result[0]).max())
    tokens = timings[HYBENCH].result[2] / count
    return Report(
        f"Encoding {count:,} texts of {tokens:.0f} tokens on average with a transformer of "
        f"{_LAYERS} layers and {_DIMENSION} dimensions",
        {name: replace(timing, result=None) for name, timing in timings.items()},
        [
            speedup(timings, HYBENCH, PEER, 1.5),
            Check("tokens computed for each of a text: hybench", padding[HYBENCH], "≤", 1.02),
            Check("largest difference of a component", difference, "≤", 1e-3),
        ],
        unit="texts",
        amount=count,
        columns={
            name: {"tokens computed for each of a text": f"{value:.3f}"}
            for name, value in padding.items()
        },
        notes=(
            *NOTES,
            "Lengths are log-normal (σ = .7), cut at 512 tokens; a quarter of the texts are in",
            "Chinese and Thai. The peer is at its defaults: batches of 32, sorted by characters.",
        ),
    )


if __name__ == "__main__":
    main("encoding_transformer", benchmark, ("sentence-transformers", "transformers"), rounds=3)
