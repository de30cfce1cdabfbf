"""The learning rate's course."""

from __future__ import annotations

import pytest

from hybench.config.train import TrainConfig
from hybench.training.optim.schedule import learning_rate


def rates(schedule: str, warmup: float = 0.2) -> list[float]:
    config = TrainConfig(steps=10, learning_rate=1.0, schedule=schedule, warmup=warmup)
    return [learning_rate(config, step) for step in range(1, 11)]


def test_linear() -> None:
    expected = [0.5, 1, 1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125]
    assert rates("linear") == pytest.approx(expected)


def test_constant() -> None:
    assert rates("constant") == pytest.approx([0.5, *[1.0] * 9])
    assert rates("constant", warmup=0) == pytest.approx([1.0] * 10)


def test_cosine_falls_from_the_peak_and_never_reaches_zero() -> None:
    values = rates("cosine")
    assert max(values) == pytest.approx(1)
    assert values[2:] == sorted(values[2:], reverse=True)
    assert values[6] == pytest.approx(0.5)
    assert values[-1] > 0


def test_warmup_over_the_whole_training() -> None:
    assert rates("linear", warmup=1)[-1] == pytest.approx(1)
