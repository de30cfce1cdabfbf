"""Products of bfloat16, for processors that have instructions for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hybench.indexes.exact.keys import Floats, Rows
from hybench.indexes.exact.products import as_column, rounding_of_sums
from hybench.indexes.exact.screens.precision import Memory, Precision
from hybench.indexes.exact.screens.rough import Rough

_CACHED = 1024
"""Vectors that are rounded at a time: they fit a core's cache."""

_ROUNDED = 2.0**-8
"""Half the distance of two neighbours in bfloat16, relative to the smaller one."""


def multiplies_bfloat16() -> bool:
    """Whether the processor is known to have instructions for products of bfloat16."""
    import torch

    # Public, but newer than the oldest supported torch; its predecessor may be gone.
    known: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    checks = {"avx512_bf16": "_is_avx512_bf16_supported", "amx_tile": "_is_amx_tile_supported"}
    return any(known.get(name) or getattr(torch.cpu, ask, bool)() for name, ask in checks.items())


@dataclass(frozen=True)
class _Rounded:
    """Vectors in bfloat16.

    Attributes:
        vectors: tensor [n, d].
        lengths: float32 [n], lengths of the unrounded vectors.
        lost: float32 [n], lengths of the rounding errors.
    """

    vectors: Any
    lengths: Floats
    lost: Floats

    @classmethod
    def of(cls, vectors: Floats) -> _Rounded:
        """Round float32 [n, d]."""
        import torch

        rough = torch.empty(vectors.shape, dtype=torch.bfloat16)
        lengths, lost = np.empty((2, len(vectors)), np.float32)
        # A copy: torch requires writable memory, which a memory map's is not.
        memory = np.empty((min(_CACHED, len(vectors)), vectors.shape[1]), np.float32)
        for start in range(0, len(vectors), _CACHED):
            some = slice(start, start + _CACHED)
            exact = memory[: len(vectors[some])]
            exact[:] = vectors[some]
            lengths[some] = np.sqrt(np.vecdot(exact, exact))
            rough[some] = torch.from_numpy(exact)
            torch.from_numpy(exact).sub_(rough[some])
            lost[some] = np.sqrt(np.vecdot(exact, exact))
        return cls(rough, lengths, lost)

    def multiply(self, block: _Rounded, memory: Memory) -> Rough:
        """The products with a block's vectors."""
        import torch

        out = memory.of(len(self.vectors), len(block.vectors), torch.bfloat16)
        torch.mm(self.vectors, block.vectors.T, out=out)
        return _Products(out, self._slack(block))

    def _slack(self, block: _Rounded) -> Floats:
        """Bound of the difference between a score and a product before that is rounded."""
        length, error = block.lengths.max(), block.lost.max()
        # With the rounding errors r: q·v - (q - r_q)·(v - r_v) = q·r_v + r_q·(v - r_v), and
        # |x·y| ≤ |x| |y|.
        sums = rounding_of_sums(block.vectors.shape[1])
        slack: Floats = self.lengths * (error + sums * length) + self.lost * (length + error)
        return slack


class _Products(Rough):
    """Products that are rounded to bfloat16 themselves."""

    def off(self, queries: Rows, values: Floats) -> Floats:
        """See `Rough.off`."""
        return np.add(self._slack[queries], np.abs(values) * np.float32(_ROUNDED), dtype=np.float32)

    def mask(self, limits: Floats) -> npt.NDArray[np.bool_]:
        """See `Rough.mask`."""
        import torch

        column = as_column(limits, self._products)  # rounded as they were: that keeps ≥
        if (limits > 0).all():
            # Positive numbers have the order of their bits, which numpy compares far faster.
            bits = self._products.view(torch.int16).numpy()
            return np.asarray(bits >= column.view(torch.int16).numpy())
        return np.asarray((self._products >= column).numpy())


BFLOAT16 = Precision("bfloat16", 0.5, _Rounded.of, _Rounded.of)
