"""Synthetic vectors that behave like embeddings of texts in nearest-neighbour search."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

DIMENSION = 384
_CLUSTERS = 4096
_BLOCK = 16_384

NOTES = (
    f"Vectors: {_CLUSTERS:,} clusters, sizes falling as a power of their rank, normal noise about",
    "the centres as wide as these lie apart, variances falling as 1/i along randomly turned axes,",
    "length 1. A query is a passage with noise of half its length added.",
)

Floats = npt.NDArray[np.float32]


def _normed(vectors: Floats) -> Floats:
    lengths: Floats = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / lengths


def write_vectors(folder: Path, passages: int, queries: int) -> tuple[Path, Path]:
    """Write ``vectors.npy`` and ``queries.npy``, float32 [n, 384]; the same for the same sizes."""
    random = np.random.default_rng(7)
    turn = np.linalg.qr(random.standard_normal((DIMENSION, DIMENSION)))[0]
    axes = (turn / np.sqrt(np.arange(1, DIMENSION + 1))[:, None]).astype(np.float32)
    centres = random.standard_normal((_CLUSTERS, DIMENSION), dtype=np.float32)
    sizes = np.arange(1, _CLUSTERS + 1) ** -0.7
    cluster = random.choice(_CLUSTERS, passages, p=sizes / sizes.sum())
    vectors = np.empty((passages, DIMENSION), np.float32)
    for start in range(0, passages, _BLOCK):
        block = centres[cluster[start : start + _BLOCK]]
        block += random.standard_normal(block.shape, dtype=np.float32)
        vectors[start : start + _BLOCK] = _normed(block @ axes)
    chosen = vectors[random.integers(0, passages, queries)]
    noise = random.standard_normal(chosen.shape, dtype=np.float32) @ axes
    files = folder / "vectors.npy", folder / "queries.npy"
    np.save(files[0], vectors)
    np.save(files[1], _normed(chosen + _normed(noise) * np.float32(0.5)))
    return files
