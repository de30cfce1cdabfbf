"""Merges against plain loops over single weights."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from hybench.derived import MERGES, Weights
from hybench.derived.options import Settings

Tensor = NDArray[np.float64]


def tensors(count: int, shape: tuple[int, ...] = (6, 7)) -> tuple[Tensor, ...]:
    draws = np.random.default_rng(3)
    return tuple(draws.normal(size=shape) for _ in range(count))


BASE, ONE, TWO, THREE = tensors(4)


def merged(name: str, weights: Weights, **settings: float) -> Tensor:
    defaults = {**MERGES[name].defaults, **settings}
    return MERGES[name].function(weights, Settings(**defaults))


def test_linear_is_the_weighted_mean() -> None:
    found = merged("linear", Weights("w", (ONE, TWO, THREE), (0.5, 0.2, 0.3)))
    np.testing.assert_allclose(found, np.average([ONE, TWO, THREE], axis=0, weights=[5, 2, 3]))


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_slerp_goes_along_the_arc(share: float) -> None:
    one, two = ONE / np.linalg.norm(ONE), TWO / np.linalg.norm(TWO)
    found = merged("slerp", Weights("w", (one, two), (1 - share, share)))
    whole = math.acos((one * two).sum())
    assert np.linalg.norm(found) == pytest.approx(1)
    assert math.acos(min(1.0, (one * found).sum())) == pytest.approx(share * whole, abs=1e-7)
    assert math.acos(min(1.0, (two * found).sum())) == pytest.approx((1 - share) * whole, abs=1e-7)


def test_slerp_of_parallel_tensors_is_linear() -> None:
    found = merged("slerp", Weights("w", (ONE, 3 * ONE), (0.5, 0.5)))
    np.testing.assert_allclose(found, 2 * ONE)
    zero = np.zeros_like(ONE)
    np.testing.assert_array_equal(merged("slerp", Weights("w", (zero, ONE), (0.5, 0.5))), ONE / 2)


def plain_ties(
    models: tuple[Tensor, ...], shares: tuple[float, ...], base: Tensor, density: float
) -> Tensor:
    """Weight by weight, as the paper's algorithm 1 says it, with a share per model."""
    changes = []
    for model in models:
        change = (model - base).ravel().tolist()
        order = sorted(range(len(change)), key=lambda at: -abs(change[at]))
        kept = set(order[: int(density * len(change))])
        changes.append([value if at in kept else 0.0 for at, value in enumerate(change)])
    found = []
    for at, start in enumerate(base.ravel()):
        values = [change[at] for change in changes]
        total = sum(share * value for share, value in zip(shares, values, strict=True))
        own = [
            (share, value) for share, value in zip(shares, values, strict=True) if value * total > 0
        ]
        mean = sum(s * v for s, v in own) / sum(s for s, _ in own) if own else 0.0
        found.append(start + mean)
    return np.array(found).reshape(base.shape)


@pytest.mark.parametrize("density", [0.2, 0.5, 1.0])
@pytest.mark.parametrize("shares", [(1 / 3, 1 / 3, 1 / 3), (0.6, 0.3, 0.1)])
def test_ties(density: float, shares: tuple[float, ...]) -> None:
    models = (ONE, TWO, THREE)
    found = merged("ties", Weights("w", models, shares, BASE), density=density)
    np.testing.assert_allclose(found, plain_ties(models, shares, BASE, density))


@pytest.mark.parametrize("density", [0.1, 0.2, 0.4, 0.7])
def test_ties_of_models_that_left_rows_as_they_were(density: float) -> None:
    base, one, two = tensors(3, (40, 6))
    one[3:30] = base[3:30]
    two[10:] = base[10:]
    shares = (0.7, 0.3)
    found = merged("ties", Weights("w", (one, two), shares, base), density=density)
    np.testing.assert_allclose(found, plain_ties((one, two), shares, base, density))
    np.testing.assert_array_equal(found[10:30], base[10:30])


@pytest.mark.parametrize("shape", [(), (1,), (7,), (2, 3, 4)])
def test_ties_of_tensors_of_any_shape(shape: tuple[int, ...]) -> None:
    base, one, two = (np.asarray(each) for each in tensors(3, shape))
    found = merged("ties", Weights("w", (one, two), (0.5, 0.5), base), density=1.0)
    np.testing.assert_allclose(found, plain_ties((one, two), (0.5, 0.5), base, 1.0))


def test_ties_scales_the_change() -> None:
    weights = Weights("w", (ONE, TWO), (0.5, 0.5), BASE)
    once, twice = merged("ties", weights), merged("ties", weights, scale=2.0)
    np.testing.assert_allclose(twice - BASE, 2 * (once - BASE))


def test_dare_keeps_a_share_and_the_expectation() -> None:
    base, one, two = tensors(3, (200, 200))
    weights = Weights("w", (one, two), (0.75, 0.25), base)
    found = merged("dare", weights, density=0.5)
    # Every weight has the change of both models, of one, or of none, twice as large.
    possible = [
        base + 2 * (0.75 * (one - base) * first + 0.25 * (two - base) * second)
        for first in (0, 1)
        for second in (0, 1)
    ]
    hits = [np.isclose(found, each) for each in possible]
    assert np.any(hits, axis=0).all()
    assert [hit.mean() for hit in hits] == pytest.approx([0.25] * 4, abs=0.02)
    np.testing.assert_allclose(
        (found - base).mean(), (0.75 * one + 0.25 * two - base).mean(), atol=0.03
    )


def test_dare_draws_by_seed_model_and_tensor() -> None:
    weights = Weights("w", (ONE, ONE), (0.5, 0.5), BASE)
    first = merged("dare", weights, density=0.5)
    np.testing.assert_array_equal(first, merged("dare", weights, density=0.5))
    assert (first != merged("dare", weights, density=0.5, draw_seed=1)).any()
    other = Weights("v", weights.models, weights.shares, BASE)
    assert (first != merged("dare", other, density=0.5)).any()
    # Of two equal models, different changes are kept.
    assert len(np.unique(np.round((first - BASE) / (ONE - BASE), 6))) == 3


def test_dare_that_keeps_all_is_linear() -> None:
    weights = Weights("w", (ONE, TWO), (0.5, 0.5), BASE)
    np.testing.assert_allclose(merged("dare", weights, density=1.0), (ONE + TWO) / 2)
