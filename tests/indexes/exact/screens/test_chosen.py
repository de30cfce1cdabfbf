"""Which precision a processor gets."""

from __future__ import annotations

import pytest
import torch

from hybench.indexes.exact.screens import chosen
from hybench.indexes.exact.screens.bfloat16 import multiplies_bfloat16
from tests.indexes.exact.test_search import make_pool, small_integers


@pytest.mark.parametrize(
    ("known", "private", "bfloat16"),
    [
        ({"avx512_bf16": True}, {}, True),
        ({"amx_tile": True, "avx512_bf16": False}, {}, True),
        ({"neon": True}, {}, False),
        (None, {"_is_avx512_bf16_supported": True}, True),
        (None, {"_is_avx512_bf16_supported": False, "_is_amx_tile_supported": False}, False),
        (None, {}, False),
    ],
)
def test_a_torch_that_does_not_say_what_the_processor_can_means_no_bfloat16(
    known: dict[str, bool] | None,
    private: dict[str, bool],
    bfloat16: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("get_capabilities", "_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.delattr(torch.cpu, name, raising=False)
    if known is not None:
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: known, raising=False)
    for name, answer in private.items():
        monkeypatch.setattr(torch.cpu, name, lambda answer=answer: answer, raising=False)
    assert multiplies_bfloat16() == bfloat16


@pytest.mark.parametrize(
    ("bfloat16", "level", "name"),
    [(True, 127, "bfloat16"), (False, 127, "int8"), (False, 79, "int8"), (False, None, "float32")],
)
def test_a_processor_gets_what_it_multiplies_fastest(
    bfloat16: bool, level: int | None, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chosen, "multiplies_bfloat16", lambda: bfloat16)
    monkeypatch.setattr(chosen, "exact_level", lambda: level)
    pool, _ = make_pool(1, [90, 70], 3)
    assert pool.precision is not None
    assert pool.precision.name == name
    assert chosen.fastest("cuda") is None
    pool.search(small_integers(2, 200, 3), 5)
