"""Randomness by counter: every draw has a path of its own, and depends on no other draw."""

from __future__ import annotations

import zlib

import numpy as np


def generator(seed: int, *path: int | str) -> np.random.Generator:
    """A counter-based generator (Philox) for one path, independent of all other paths."""
    key = [zlib.crc32(part.encode()) if isinstance(part, str) else part for part in path]
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, *key])))
