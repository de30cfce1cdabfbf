"""What Python lets through and a command line cannot: values, names and options of other types."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hybench
from hybench.errors import UsageError


@pytest.mark.parametrize(
    ("kind", "values", "says"),
    [
        (hybench.TrainConfig, {"data": "atlas"}, "TrainConfig: data is 'atlas'"),
        (hybench.TrainConfig, {"data": (Path("data/atlas"),)}, "TrainConfig: data is "),
        (hybench.TrainConfig, {"alpha": "1"}, "TrainConfig: alpha is '1'"),
        (hybench.TrainConfig, {"steps": 2.5}, "TrainConfig: steps is 2.5"),
        (hybench.TrainConfig, {"seed": None}, "TrainConfig: seed is None"),
        (hybench.EvalOptions, {"metrics": "AP"}, "EvalOptions: metrics is 'AP'"),
        (hybench.IndexOptions, {"languages": "sw"}, "IndexOptions: languages is 'sw'"),
        (hybench.CompareOptions, {"languages": "sw"}, "CompareOptions: languages is 'sw'"),
        (hybench.StudyOptions, {"devices": "cpu"}, "StudyOptions: devices is 'cpu'"),
        (hybench.Bm25Options, {"k1": "0.9"}, "Bm25Options: k1 is '0.9'"),
    ],
)
def test_values_of_options_have_their_types(kind: Any, values: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError) as raised:
        kind(**values)
    assert raised.value.what.startswith(says)
    assert raised.value.do.startswith("It must be ")


def test_lists_and_numbers_of_numpy_are_taken() -> None:
    config = hybench.TrainConfig(
        data=["atlas"],  # type: ignore[arg-type]
        alpha=np.float32(0.5),  # type: ignore[arg-type]
        seed=np.int64(3),  # type: ignore[arg-type]
    )
    assert config == hybench.TrainConfig(data=("atlas",), alpha=0.5, seed=3)
    assert config.digest() == hybench.TrainConfig(data=("atlas",), seed=3).digest()
