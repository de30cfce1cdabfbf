"""A batch of thousands: embedded whole, and in chunks with its gradient cached.

``tiny`` with the contrastive loss; the chunks' gradient is compared with the whole batch's. The
forward pass alone says what no way of embedding chunks twice can be below.
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


def _prepare(pairs: int, chunk: int | None) -> Work:
    """The gradient of one batch of `pairs`, `chunk` pairs at a time; 0: all at once; None: no
    gradient, the vectors alone.
    """
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

    def forward() -> None:
        with torch.no_grad():
            encoder.embed_both(queries, passages)

    def work() -> list[float]:
        model.zero_grad(set_to_none=True)
        if chunk:
            embed = encoder.embed_both
            vectors = embed_in_chunks(embed, queries, passages, chunk, keep_last=True)
        else:
            vectors = encoder.embed_both(queries, passages)
        contrastive(*vectors, 0.1).backward()  # type: ignore[no-untyped-call]
        gradient = torch.cat([w.grad.flatten() for w in model.parameters() if w.grad is not None])
        generator = torch.Generator().manual_seed(0)
        chosen = torch.randint(len(gradient), (10_000,), generator=generator)
        return [float(value) for value in gradient[chosen]]

    return forward if chunk is None else work


def benchmark(options: Options) -> Report:
    """Time and memory of both ways."""
    pairs = 256 if options.quick else 2048
    whole, chunks = "the whole batch", f"chunks of {_CHUNK}"
    forward = "its vectors alone, without a gradient"
    settings = {"GOMP_SPINCOUNT": "1000"}  # as the command line sets it
    sides = [
        Side(whole, _prepare, (pairs, 0), environment=settings),
        Side(chunks, _prepare, (pairs, _CHUNK), environment=settings),
        Side(forward, _prepare, (pairs, None), environment=settings),
    ]
    timings = measure(sides, options.rounds)
    expected, found = (np.array(timings[name].result) for name in (whole, chunks))
    difference = float(np.linalg.norm(found - expected) / np.linalg.norm(expected))
    ratio = timings[chunks].median / timings[whole].median
    share = timings[forward].median / timings[whole].median
    return Report(
        f"Gradient of a batch of {pairs:,} pairs, tiny, dimension {_DIMENSION}",
        {name: replace(timing, result=None) for name, timing in timings.items()},
        [
            memory_share(timings, chunks, whole, 0.33),
            Check(f"time: {chunks} ÷ {whole}", ratio, "≤", 1.35),
            Check("relative difference of the gradients", difference, "≤", 1e-5),
        ],
        unit="pairs",
        amount=pairs,
        notes=(
            (
                f"The forward pass takes {share:.2f} of the whole batch's time. All chunks but the "
                "last, whose activations are kept, are embedded twice: they take at least "
                f"{1 + share:.2f} times the whole batch's time, less what the last one saves."
            ),
        ),
    )


if __name__ == "__main__":
    main("gradient_cache", benchmark, rounds=3)
