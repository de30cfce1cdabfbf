"""Products of float32: for processors that multiply nothing else fast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hybench.indexes.exact.keys import Floats
from hybench.indexes.exact.products import rounding_of_sums
from hybench.indexes.exact.screens.precision import Memory, Precision
from hybench.indexes.exact.screens.rough import Rough


@dataclass(frozen=True)
class _Whole:
    """Vectors as they are.

    Attributes:
        vectors: tensor [n, d].
        lengths: float32 [n].
    """

    vectors: Any
    lengths: Floats

    @classmethod
    def of(cls, vectors: Floats) -> _Whole:
        """Take float32 [n, d]."""
        import torch

        # A copy: torch requires writable memory, which a memory map's is not.
        exact = np.array(vectors)
        return cls(torch.from_numpy(exact), np.sqrt(np.vecdot(exact, exact)))

    def multiply(self, block: _Whole, memory: Memory) -> Rough:
        """The products with a block's vectors."""
        import torch

        out = memory.of(len(self.vectors), len(block.vectors), torch.float32)
        torch.mm(self.vectors, block.vectors.T, out=out)
        sums = rounding_of_sums(block.vectors.shape[1])
        return Rough(out, self.lengths * (sums * block.lengths.max()))


FLOAT32 = Precision("float32", 1, _Whole.of, _Whole.of)
