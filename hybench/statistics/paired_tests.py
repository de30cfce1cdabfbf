"""Paired tests of differences between runs, as pure functions on arrays.

All of them take what each *source query* adds to the difference (`clusters`), never the two runs'
separate scores. The caller passes in a random generator.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

EXACT_UP_TO = 16
"""Most non-zero differences that are enumerated: at most 2^16 sign assignments."""

DRAWS = 10_000
"""Random sign assignments, by default."""

MOST_DRAWS = 1_000_000
"""The most sign assignments that can be requested."""

ALPHA = 0.05
"""Level of every test, and one minus the level of every interval."""

_TIE = 1e-12
"""Two statistics nearer than this, relative to the largest possible one, are equal."""

_BLOCK = 200_000
"""Numbers in a block of draws: 1.6 MB of f64 fit the processor's cache."""

_ONE_THREAD = 262_144
"""Multiplications up to which OpenBLAS uses one thread."""


@dataclass(frozen=True, slots=True)
class PValue:
    """A two-sided p-value.

    Attributes:
        p: in (0, 1].
        error: its Monte Carlo standard error, 0 if all assignments were enumerated.
        assignments: sign assignments evaluated.
        exact: whether those were all of them.
    """

    p: float
    error: float
    assignments: int
    exact: bool

    @property
    def floor(self) -> bool:
        """Whether no drawn assignment reached the difference: p may be smaller."""
        return not self.exact and self.p <= 1 / (self.assignments + 1)


def philox(seed: int, *names: str) -> np.random.Generator:
    """A counter-based generator for each (seed, names), independent of other draws."""
    words = [len(names)] + [word for name in names for word in (len(name), *name.encode("utf-8"))]
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, *words])))


def _blocks(draws: int, width: int) -> Iterator[slice]:
    step = max(1, _BLOCK // max(1, width))
    for start in range(0, draws, step):
        yield slice(start, min(start + step, draws))


def _products(left: FloatArray, right: FloatArray) -> FloatArray:
    """left @ right, in pieces that BLAS computes in one thread.

    For so little work, synchronising threads would take longer than the work.
    """
    products = np.empty((len(left), right.shape[1]))
    step = max(1, _ONE_THREAD // max(1, right.size))
    for start in range(0, len(left), step):
        np.matmul(left[start : start + step], right, out=products[start : start + step])
    return products


def sign_flip_sums(
    parts: FloatArray, generator: np.random.Generator, draws: int = DRAWS
) -> FloatArray:
    """Sums of what sources add, under random signs.

    Args:
        parts: f64 [sources, columns]. All columns get the same signs, which keeps each one's test
            valid, shares the work, and allows differences of columns later.
        generator: source of the signs.
        draws: sign assignments.

    Returns:
        f64 [draws, columns].
    """
    sources, columns = parts.shape
    sums = np.empty((draws, columns))
    # sum(sign * d) with sign = 2 * bit - 1 is 2 * (bits @ d) - sum(d).
    total = parts.sum(axis=0)
    for block in _blocks(draws, sources):
        rows = block.stop - block.start
        packed = generator.integers(0, 256, size=(rows, -(-sources // 8)), dtype=np.uint8)
        bits = np.unpackbits(packed, axis=1, count=sources).astype(np.float64)
        sums[block] = 2 * _products(bits, parts) - total
    return sums


def exact_p(parts: FloatArray) -> PValue | None:
    """Two-sided paired randomisation test by all sign assignments.

    The statistic is the sum of the parts; a sign is flipped for each source. Parts of zero have no
    sign, so they change neither statistic nor distribution.

    Args:
        parts: f64 [sources], what each adds to the difference.

    Returns:
        The p-value, or None where more than `EXACT_UP_TO` parts are not zero.
    """
    own = parts[parts != 0]
    if len(own) > EXACT_UP_TO:
        return None
    sums = np.zeros(1)
    for part in own:
        sums = np.concatenate([sums + part, sums - part])
    hits = np.count_nonzero(np.abs(sums) >= _threshold(parts))
    return PValue(hits / len(sums), 0.0, len(sums), exact=True)


def _threshold(parts: FloatArray) -> float:
    return abs(float(parts.sum())) - _TIE * float(np.abs(parts).sum())


def monte_carlo_p(parts: FloatArray, null: FloatArray) -> PValue:
    """Two-sided paired randomisation test from a drawn null distribution.

    p = (hits + 1) / (draws + 1), so that the test holds its level at any number of draws
    (Phipson and Smyth 2010, doi 10.2202/1544-6115.1585).

    Args:
        parts: f64 [sources], what each adds to the difference.
        null: f64 [draws], the sum of those parts under random signs.
    """
    draws = len(null)
    hits = int(np.count_nonzero(np.abs(null) >= _threshold(parts)))
    p = (hits + 1) / (draws + 1)
    return PValue(p, float(np.sqrt(p * (1 - p) / draws)), draws, exact=False)


def randomisation_test(
    parts: FloatArray, generator: np.random.Generator, draws: int = DRAWS
) -> PValue:
    """Two-sided paired randomisation test: enumerated if feasible, else drawn.

    Args:
        parts: f64 [sources], what each adds to the difference.
        generator: source of the signs.
        draws: sign assignments if they are drawn.
    """
    exact = exact_p(parts)
    if exact is not None:
        return exact
    return monte_carlo_p(parts, sign_flip_sums(parts[:, None], generator, draws)[:, 0])


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction (Scand. J. Statistics 6, 1979), in the order given.

    An adjusted value is at most alpha exactly where Holm's procedure rejects at alpha.
    """
    values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    factors = np.arange(len(values), 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(values[order] * factors))
    return [float(value) for value in adjusted]
