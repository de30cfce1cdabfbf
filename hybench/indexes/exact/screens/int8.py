"""Products of 8-bit integers, for processors of the x86 family."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt

from hybench.indexes.exact.keys import Floats, Rows
from hybench.indexes.exact.products import rounding_of_sums
from hybench.indexes.exact.screens.precision import Memory, Precision
from hybench.indexes.exact.screens.rough import Rough

LEVELS = (127, 79)
"""Largest integers that vectors may be rounded to, with VNNI and without.

Without, oneDNN adds 128 to one factor and sums two products in 16 bits, which saturate (its guide,
"Int8 computation"). They do not while 2 · (m + 128) · m ≤ 2¹⁵ - 1, that is for m ≤ 79.
"""

_CACHED = 1024
"""Vectors that are rounded at a time: they fit a core's cache."""

_TINY = np.float32(1e-30)
"""A step that is never zero."""


@cache
def exact_level() -> int | None:
    """The largest integer that this processor multiplies exactly; None for none."""
    import torch

    known: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    if platform.machine() not in ("x86_64", "AMD64") or not known.get("avx2"):
        return None
    onednn: Any = torch.backends.mkldnn
    if not (hasattr(torch, "_int_mm") and onednn.is_available()):
        return None
    return next((level for level in LEVELS if _is_exact(level)), None)


@cache
def multiplies_int8() -> bool:
    """Whether integers are multiplied faster than float32, tried once, in a tenth of a second.

    On an AMD EPYC with AVX2 alone, torch 2.13 takes some twenty times as long for them.
    """
    import torch

    floats = [torch.ones(128, 384), torch.ones(384, 256)]
    integers = [each.to(torch.int8) for each in floats]
    ways: tuple[Callable[[], object], ...] = (
        lambda: torch._int_mm(*integers),
        lambda: torch.mm(*floats),
    )
    rounds = [[_seconds(way) for way in ways] for _ in range(4)]
    ours, theirs = (min(times) for times in zip(*rounds, strict=True))
    return bool(ours < theirs)


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _is_exact(level: int) -> bool:
    """Whether the largest products of integers up to `level`, of either sign, come out right."""
    import torch

    signs = torch.tensor([1, -1], dtype=torch.int8).repeat(32)[:, None]
    vectors = (signs * level).expand(64, 64).contiguous()
    expected = signs.int() * signs.int().T * (level**2 * 64)
    return bool((torch._int_mm(vectors, vectors.T) == expected).all())


@dataclass(frozen=True)
class _Passages:
    """A block of passages, less their mean, in steps that are the same for all of them.

    Attributes:
        vectors: tensor int8 [n, d].
        mean: float32 [d].
        step: what an integer stands for.
        length: the largest length of a vector less the mean.
        lost: the largest length of a rounding error.
    """

    vectors: Any
    mean: Floats
    step: np.float32
    length: np.float32
    lost: np.float32

    @classmethod
    def of(cls, vectors: Floats, level: int) -> _Passages:
        """Round float32 [n, d], n ≥ 1."""
        import torch

        mean = vectors.mean(axis=0)
        centred, memory = np.empty((2, min(_CACHED, len(vectors)), len(mean)), np.float32)
        parts = [vectors[at : at + _CACHED] for at in range(0, len(vectors), _CACHED)]
        longest, largest = np.float32(0), _TINY
        for part in parts:
            rest = np.subtract(part, mean, out=centred[: len(part)])
            longest = max(longest, np.vecdot(rest, rest).max())
            largest = max(largest, rest.max(), -rest.min())
        step, lost = largest / np.float32(level), np.float32(0)
        integers = np.empty(vectors.shape, np.int8)
        for part, target in zip(
            parts, np.split(integers, range(_CACHED, len(vectors), _CACHED)), strict=True
        ):
            rest = np.subtract(part, mean, out=centred[: len(part)])
            rounded = np.divide(rest, step, out=memory[: len(part)])
            target[:] = np.rint(rounded, out=rounded)
            rest -= np.multiply(rounded, step, out=rounded)
            lost = max(lost, np.vecdot(rest, rest).max())
        return cls(torch.from_numpy(integers), mean, step, np.sqrt(longest), np.sqrt(lost))


@dataclass(frozen=True)
class _Queries:
    """Queries, each in steps of its own.

    Attributes:
        exact: float32 [q, d].
        vectors: tensor int8 [q, d].
        steps: float32 [q].
        lengths: float32 [q], lengths of the unrounded vectors.
        lost: float32 [q], lengths of the rounding errors.
    """

    exact: Floats
    vectors: Any
    steps: Floats
    lengths: Floats
    lost: Floats

    @classmethod
    def of(cls, queries: Floats, level: int) -> _Queries:
        """Round float32 [q, d]."""
        import torch

        steps = np.maximum(np.abs(queries).max(axis=1), _TINY) / np.float32(level)
        rounded = np.rint(queries / steps[:, None])
        rest = queries - rounded * steps[:, None]
        integers = torch.from_numpy(rounded.astype(np.int8))
        lengths, lost = (np.sqrt(np.vecdot(each, each)) for each in (queries, rest))
        return cls(queries, integers, steps, lengths, lost)

    def multiply(self, block: _Passages, memory: Memory) -> Rough:
        """The products with a block's vectors."""
        import torch

        out = memory.of(len(self.vectors), len(block.vectors), torch.int32)
        torch._int_mm(self.vectors, block.vectors.T, out=out)
        base = np.vecdot(self.exact, block.mean)
        units = self.steps * np.float64(block.step)
        return _Products(out, self._slack(block), units, base)

    def _slack(self, block: _Passages) -> Floats:
        """Bound of the difference between a score and a value."""
        # With v = mean + u and the rounding errors r: q·v - q·mean - (q - r_q)·(u - r_u)
        # = q·r_u + r_q·(u - r_u), and |x·y| ≤ |x| |y|. The sums of the score and of q·mean are off
        # by d 2⁻²⁴ |q| (|v| + |mean|) at most; centring, the two rests and the value take as much
        # as a few more components (`rounding_of_sums` counts twice what it must).
        sums = rounding_of_sums(block.vectors.shape[1] + 8)
        length = block.length + 2 * np.sqrt(np.vecdot(block.mean, block.mean))
        slack: Floats = self.lengths * (block.lost + sums * length)
        slack += self.lost * (block.length + block.lost)
        return slack


class _Products(Rough):
    """Products of integers."""

    def __init__(
        self, products: Any, slack: Floats, units: npt.NDArray[np.float64], base: Floats
    ) -> None:
        super().__init__(products, slack)
        self._units, self._base = units, base

    def values(self, queries: Rows, products: Floats) -> Floats:
        """See `Rough.values`."""
        values = products * self._units[queries] + self._base[queries]
        return values.astype(np.float32)

    def mask(self, limits: Floats) -> npt.NDArray[np.bool_]:
        """See `Rough.mask`."""
        bounds = np.iinfo(np.int32)
        least = (limits.astype(np.float64) - self._base) / self._units
        least = np.floor(np.clip(least, bounds.min, bounds.max)).astype(np.int32)
        return np.asarray(self._products.numpy() >= least[:, None])


def int8(level: int) -> Precision:
    """Integers up to `level` (`exact_level`)."""
    rounds = partial(_Queries.of, level=level), partial(_Passages.of, level=level)
    return Precision("int8", 0.25 if level == max(LEVELS) else 0.5, *rounds)
