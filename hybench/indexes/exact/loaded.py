"""Vectors where they are multiplied, and memory for their products."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hybench.indexes.exact.keys import Floats


@dataclass(frozen=True)
class Loaded:
    """A block of passages where queries are multiplied with it.

    Attributes:
        vectors: float32 [n, d], an array or a tensor.
        length: the largest length of a vector.
    """

    vectors: Any
    length: np.float32

    @classmethod
    def on(cls, device: str, vectors: Floats) -> Loaded:
        """Load float32 [n, d], n ≥ 1."""
        length = np.sqrt(np.vecdot(vectors, vectors)).max()
        return cls(on_device(vectors, device), length)


def on_device(vectors: Floats, device: str) -> Any:
    """Vectors on the device of the multiplication: an array on ``cpu``, else a tensor."""
    if device == "cpu":
        return vectors
    import torch

    # np.array: torch requires writable memory, which a memory map's is not.
    return torch.from_numpy(np.array(vectors)).to(device)


class ProductMemory:
    """Memory for products, which screens that are used in turn share."""

    def __init__(self) -> None:
        self._memory: Any = None

    def of(self, shape: tuple[int, int], like: Any) -> Any:
        """Memory [q, n] for products of `like`, an array or a tensor."""
        size = shape[0] * shape[1]
        if self._memory is None or len(self._memory) < size:
            on_cpu = isinstance(like, np.ndarray)
            self._memory = np.empty(size, np.float32) if on_cpu else like.new_empty(size)
        return self._memory[:size].reshape(shape)
