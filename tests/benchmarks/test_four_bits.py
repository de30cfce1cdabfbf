"""Rounding to blocks of 4 bits: what it keeps, and what it changes."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from benchmarks.four_bits import BLOCK, round_checkpoint, rounded


def test_a_second_rounding_changes_nothing_unless_blocks_begin_elsewhere() -> None:
    weights = np.random.default_rng(0).normal(size=(7, 3 * BLOCK + 5)).astype(np.float32)
    once = rounded(weights)
    error = np.linalg.norm(once - weights) / np.linalg.norm(weights)
    assert 0.05 < error < 0.15
    np.testing.assert_allclose(rounded(once), once, rtol=1e-3)
    shifted = rounded(once, 16)
    assert np.abs(shifted - once).max() > 1e-2
    np.testing.assert_array_equal(shifted.reshape(-1)[:16], once.reshape(-1)[:16])
    assert len(np.unique(once.reshape(-1)[:BLOCK])) <= 16


def test_only_matrices_are_rounded(checkpoint: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    target = tmp_path / "rounded"
    assert 0.02 < round_checkpoint(checkpoint, target) < 0.2
    before, after = (load_file(each / "model.safetensors") for each in (checkpoint, target))
    changed = {name for name in before if not np.array_equal(before[name], after[name])}
    assert "embeddings.word_embeddings.weight" in changed
    assert not any("bias" in name or "position" in name for name in changed)
    assert (target / "tokenizer.json").is_file()
    shutil.rmtree(target)
