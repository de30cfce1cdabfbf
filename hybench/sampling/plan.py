"""The plan of a training: which stream each batch comes from, and as which of its batches."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hybench.sampling.randomness import generator
from hybench.sampling.streams import Stream

_BLOCK = 4096
"""Batches whose kinds are drawn together, for speed; changing it changes the batches of a seed."""


class Plan:
    """Streams of batches, drawn in blocks, one after the other.

    Args:
        seed: of the training.
        streams: the streams of the batches from a number on, from uniform draws float64 [m, 3].
    """

    def __init__(
        self, seed: int, streams: Callable[[int, NDArray[np.float64]], list[Stream]]
    ) -> None:
        self._seed = seed
        self._streams = streams
        self._blocks: list[tuple[list[Stream], NDArray[np.int64]]] = []
        self._drawn: list[dict[Stream, int]] = [{}]

    def batch(self, number: int) -> tuple[Stream, int]:
        """The stream of a batch, and how many batches the stream gave before it."""
        block, place = divmod(number, _BLOCK)
        while len(self._blocks) <= block:
            self._blocks.append(self._draw(len(self._blocks)))
        streams, before = self._blocks[block]
        return streams[place], int(before[place])

    def forget(self, number: int) -> None:
        """Draw the batches from a number on again, when they are asked for."""
        kept = number // _BLOCK
        del self._blocks[kept:], self._drawn[kept + 1 :]

    def _draw(self, block: int) -> tuple[list[Stream], NDArray[np.int64]]:
        draws = generator(self._seed, "plan", block).random((_BLOCK, 3))
        streams = self._streams(block * _BLOCK, draws)
        before = np.empty(_BLOCK, dtype=np.int64)
        drawn = dict(self._drawn[block])
        for position, stream in enumerate(streams):
            before[position] = drawn.get(stream, 0)
            drawn[stream] = int(before[position]) + 1
        self._drawn.append(drawn)
        return streams, before
