"""Which precision a processor gets."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hybench.indexes.exact.screens import chosen
from hybench.indexes.exact.screens.bfloat16 import BFLOAT16, multiplies_bfloat16
from hybench.indexes.exact.screens.chosen import fastest
from hybench.indexes.exact.screens.float32 import FLOAT32
from hybench.indexes.exact.screens.int8 import int8
from tests.indexes.exact.screens.precisions import INTEGERS
from tests.indexes.exact.test_search import embeddings, make_pool


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
    ("bfloat16", "level", "integers", "names"),
    [
        (True, 127, True, ["int8", "bfloat16", "float32"]),
        (True, None, True, ["bfloat16", "float32"]),
        (False, 79, True, ["int8", "float32"]),
        (False, 127, False, ["float32"]),
        (False, None, True, ["float32"]),
    ],
)
def test_a_processor_is_given_what_it_multiplies_fast(
    bfloat16: bool,
    level: int | None,
    integers: bool,
    names: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chosen, "multiplies_bfloat16", lambda: bfloat16)
    monkeypatch.setattr(chosen, "exact_level", lambda: level)
    monkeypatch.setattr(chosen, "multiplies_int8", lambda: integers)
    assert [each.name for each in chosen.precisions("cpu")] == names
    pool, _ = make_pool(1, [90, 70], 3)
    assert [each.name for each in pool.precisions] == names
    assert chosen.precisions("cuda") == ()


@pytest.mark.skipif(not INTEGERS, reason="this processor multiplies no 8-bit integers fast")
def test_scores_that_lie_close_together_want_products_that_tell_them_apart() -> None:
    known = [int8(INTEGERS[0]), BFLOAT16, FLOAT32]
    apart = embeddings(1, 5000, 384)
    near = embeddings(2, 1, 384) + np.float32(1e-2) * apart
    # Each query is a passage: the first hit stands alone, the tenth does not.
    assert fastest(known, apart[::50], apart, 1 / 5000).name == "int8"
    assert fastest(known, near[::50], near, 1e-3).name == "float32"
    assert fastest([BFLOAT16], apart[:1], apart[:1], 1.0) is BFLOAT16
    assert fastest(known, apart[:1], apart[:3], 1.0) in known
