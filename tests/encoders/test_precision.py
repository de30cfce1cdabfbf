"""16-bit arithmetic: where it is refused, and what encoding makes of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hybench.data.dataset import Dataset
from hybench.encoders.precision import check_precision
from hybench.errors import UsageError
from hybench.training.student import make_student
from tests.training.conftest import BUDGET


def test_a_precision_that_the_device_lacks_is_refused() -> None:
    with pytest.raises(UsageError, match="fp16 needs an NVIDIA GPU, and the device is cpu"):
        check_precision("fp16", "cpu")
    with pytest.raises(UsageError, match="cuda:1 does not compute in bfloat16"):
        check_precision("bf16", "cuda:1", gpu_has_bf16=lambda device: device != "cuda:1")
    check_precision("bf16", "cuda:0", gpu_has_bf16=lambda device: device != "cuda:1")
    check_precision("bf16", "cpu")
    check_precision("fp16", "cuda")
    check_precision("fp32", "cuda", gpu_has_bf16=lambda device: False)
    with pytest.raises(UsageError, match="--precision is 'int8'"):
        check_precision("int8", "cpu")


def test_vectors_in_bf16_are_near_those_in_fp32(toys: Path, tmp_path: Path) -> None:
    config = replace(BUDGET, encoder="tiny").resolved()
    encoder = make_student(config, [Dataset.open(toys / "toy")], tmp_path, "cpu")
    texts = ["red house", "blue river stone", "old king"]
    exact = encoder.encode(texts, "query")
    encoder.use_precision("bf16")
    rounded = encoder.encode(texts, "query")
    assert rounded.dtype == np.float32
    assert not np.array_equal(rounded, exact)
    np.testing.assert_allclose(rounded, exact, atol=0.02)
    np.testing.assert_allclose(np.linalg.norm(rounded, axis=1), 1, atol=0.01)
    encoder.use_precision("fp32")
    np.testing.assert_array_equal(encoder.encode(texts, "query"), exact)
