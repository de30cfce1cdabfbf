"""Products of 8-bit integers: up to which of them they are exact."""

from __future__ import annotations

import platform
from typing import Any

import numpy as np
import pytest
import torch

from hybench.indexes.exact.screens.int8 import LEVELS, exact_level, multiplies_int8
from tests.indexes.exact.screens.precisions import INTEGERS

AVX2 = {"avx2": True}


@pytest.fixture(autouse=True)
def asked_anew() -> Any:
    for known in (exact_level, multiplies_int8):
        known.cache_clear()
    yield
    for known in (exact_level, multiplies_int8):
        known.cache_clear()


def saturated(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Products as instructions without VNNI make them: pairs are summed in 16 bits."""
    shifted, other = left.int() + 128, right.int()
    products = shifted[:, :, None] * other[None]
    pairs = (products[:, ::2] + products[:, 1::2]).clamp(-(2**15), 2**15 - 1)
    return pairs.sum(dim=1, dtype=torch.int32) - 128 * other.sum(dim=0, dtype=torch.int32)


@pytest.mark.parametrize(
    ("machine", "known", "multiply", "level"),
    [
        ("x86_64", AVX2, lambda left, right: left.int() @ right.int(), 127),
        ("x86_64", AVX2, saturated, 79),
        ("x86_64", AVX2, lambda left, right: left.int() @ right.int() + 1, None),
        ("x86_64", {"avx2": False}, torch.mm, None),
        ("arm64", AVX2, torch.mm, None),
    ],
)
def test_products_must_be_right_where_they_are_largest(
    machine: str, known: dict[str, bool], multiply: Any, level: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: known, raising=False)
    monkeypatch.setattr(torch, "_int_mm", multiply)
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: True)
    assert exact_level() == level


def test_integers_must_be_multiplied_faster_than_floats(monkeypatch: pytest.MonkeyPatch) -> None:
    def in_place_of(*factors: torch.Tensor) -> torch.Tensor:
        return factors[0]

    def one_by_one(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        return (left[:, :, None].int() * right.int()).sum(dim=1)

    monkeypatch.setattr(torch, "_int_mm", in_place_of)
    assert multiplies_int8()
    multiplies_int8.cache_clear()
    monkeypatch.setattr(torch, "_int_mm", one_by_one)
    assert not multiplies_int8()


def test_the_largest_level_without_vnni_is_the_largest_that_does_not_saturate() -> None:
    level = torch.full((2, 8), LEVELS[1], dtype=torch.int8)
    assert (saturated(level, level.T) == LEVELS[1] ** 2 * 8).all()
    assert (saturated(level + 1, level.T + 1) != (LEVELS[1] + 1) ** 2 * 8).all()


@pytest.mark.skipif(not INTEGERS, reason="this processor multiplies no 8-bit integers fast")
@pytest.mark.parametrize("shape", [(1, 64, 3), (500, 8192, 384), (63, 1000, 385), (500, 1, 24)])
def test_products_are_exact_in_any_shape(shape: tuple[int, int, int]) -> None:
    level, (queries, passages, dimension) = INTEGERS[0], shape
    for sign in (1, -1):
        left = torch.full((queries, dimension), sign * level, dtype=torch.int8)
        right = torch.full((passages, dimension), level, dtype=torch.int8)
        products = torch._int_mm(left, right.T).numpy()
        assert (products == np.int32(sign * level**2 * dimension)).all()
