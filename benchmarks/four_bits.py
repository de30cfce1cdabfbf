"""Round a checkpoint's matrices to blocks of 4 bits and back, to see how far that moves its scores.

    python -m benchmarks.four_bits models/all-MiniLM-L6-v2 rounded/all-MiniLM-L6-v2
    python -m benchmarks.four_bits models/multilingual-e5-small again/e5-small --shift 16

Q4_0 (github.com/ggml-org/ggml): 32 weights share a float16 scale, the one of largest size over -8,
and each is a whole number from -8 to 7. Rounding a copy that has been rounded so changes nothing,
unless the blocks begin elsewhere. Position and type embeddings, biases and norms stay as they are.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BLOCK = 32
WEIGHTS = "model.safetensors"
_KEPT = ("position_embeddings", "token_type_embeddings")

Floats = NDArray[np.float32]


def rounded(weights: Floats, shift: int = 0) -> Floats:
    """Weights of any shape after the way to 4 bits and back.

    Args:
        weights: float32.
        shift: weights before the first block, which stay as they are, as do those after the last.
    """
    flat = weights.astype(np.float32).reshape(-1)
    end = shift + (len(flat) - shift) // BLOCK * BLOCK
    blocks = flat[shift:end].reshape(-1, BLOCK)
    extreme = blocks[np.arange(len(blocks)), np.abs(blocks).argmax(axis=1)]
    scale = extreme / -8
    inverse = np.divide(1, scale, out=np.zeros_like(scale), where=scale != 0)
    steps = np.clip(np.floor(blocks * inverse[:, None] + 8.5), 0, 15) - 8
    stored = scale.astype(np.float16).astype(np.float32)
    back = (steps * stored[:, None]).reshape(-1)
    return np.concatenate([flat[:shift], back, flat[end:]], dtype=np.float32).reshape(weights.shape)


def round_checkpoint(source: Path, target: Path, shift: int = 0) -> float:
    """Write a rounded copy of a checkpoint with one file of weights.

    Returns:
        The largest relative error of a matrix.
    """
    from safetensors.numpy import load_file, save_file

    shutil.copytree(source, target, ignore=shutil.ignore_patterns(WEIGHTS))
    tensors = load_file(source / WEIGHTS)
    worst = 0.0
    for name, value in tensors.items():
        if value.ndim == 2 and value.dtype == np.float32 and not any(k in name for k in _KEPT):
            tensors[name] = rounded(value, shift)
            error = np.linalg.norm(tensors[name] - value) / np.linalg.norm(value)
            worst = max(worst, float(error))
    save_file(tensors, target / WEIGHTS, metadata={"format": "pt"})
    return worst


def main() -> None:
    """Round, and print the error."""
    parser = argparse.ArgumentParser(description="Round a checkpoint to 4 bits and back.")
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--shift", type=int, default=0)
    given = parser.parse_args()
    error = round_checkpoint(given.source, given.target, given.shift)
    print(f"{given.target}: relative error of a matrix up to {error:.4f}")


if __name__ == "__main__":
    main()
