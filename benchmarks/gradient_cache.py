"""A batch of thousands: embedded whole, and in chunks with its gradient cached.

``tiny`` with the contrastive loss; the chunks' gradient is compared with the whole batch's.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.harness import Check, Options, Report, Side, Work, main, measure, memory_share

_DIMENSION = 256
_VOCABULARY = 2000
_LONGEST = 64
_CHUNK = 64


def _prepare(pairs: int, chunk: int) -> Work:
    """The gradient of one batch of `pairs`, `chunk` pairs at a time; 0: all at once."""
    import torch

    from hybench.encoders.encoder import Encoder
    from hybench.encoders.kinds.tiny import tiny_model
    from hybench.encoders.tokens import Tokens
    from hybench.encoders.vocabulary import train_tokenizer
    from hybench.training.contrastive import contrastive
    from hybench.training.gradient_cache import embed_in_chunks

    random = np.random.default_rng(0)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "tokenizer.json"
        # Twice: what is seen once is never merged into a token.
        train_tokenizer([" ".join(map(str, range(_VOCABULARY)))] * 2, _VOCABULARY, path)
        model = tiny_model(path, _DIMENSION, _LONGEST, seed=0)
    encoder = Encoder(model)

    def texts(shortest: int, longest: int) -> Tokens:
        offsets = np.concatenate([[0], random.integers(shortest, longest + 1, pairs).cumsum()])
        return Tokens(random.integers(len(model.tokenizer), size=offsets[-1]), offsets)

    queries, passages = texts(5, 15), texts(15, _LONGEST)
    model.eval()  # without dropout both have the same gradient

    def work() -> list[float]:
        model.zero_grad(set_to_none=True)
        if chunk:
            vectors = embed_in_chunks(encoder.embed_both, queries, passages, chunk)
        else:
            vectors = encoder.embed_both(queries, passages)
        contrastive(*vectors, 0.1).backward()  # type: ignore[no-untyped-call]
        gradient = torch.cat([w.grad.flatten() for w in model.parameters() if w.grad is not None])
        generator = torch.Generator().manual_seed(0)
        chosen = torch.randint(len(gradient), (10_000,), generator=generator)
        return [float(value) for value in gradient[chosen]]

    return work


def benchmark(options: Options) -> Report:
    """Time and memory of both ways."""
    pairs = 256 if options.quick else 2048
    whole, chunks = "the whole batch", f"chunks of {_CHUNK}"
    settings = {"GOMP_SPINCOUNT": "1000"}  # as the command line sets it
    sides = [
        Side(whole, _prepare, (pairs, 0), environment=settings),
        Side(chunks, _prepare, (pairs, _CHUNK), environment=settings),
    ]
    timings = measure(sides, options.rounds)
    expected, found = (np.array(timings[name].result) for name in (whole, chunks))
    difference = float(np.linalg.norm(found - expected) / np.linalg.norm(expected))
    ratio = timings[chunks].median / timings[whole].median
    return Report(
        f"Gradient of a batch of {pairs:,} pairs, tiny, dimension {_DIMENSION}",
        {name: replace(timing, result=None) for name, timing in timings.items()},
        [
            memory_share(timings, chunks, whole, 0.33),
            Check(f"time: {chunks} ÷ {whole}", ratio, "≤", 1.5),
            Check("relative difference of the gradients", difference, "≤", 1e-5),
        ],
        unit="pairs",
        amount=pairs,
    )


if __name__ == "__main__":
    main("gradient_cache", benchmark, rounds=3)
