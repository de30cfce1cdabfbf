"""Losses against the formulas written out with numpy."""

from __future__ import annotations

import doctest
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from hybench.objectives import OBJECTIVES, TaughtBatch
from hybench.training.contrastive import contrastive


def unit(rows: int, columns: int, seed: int) -> NDArray[np.float64]:
    values = np.random.default_rng(seed).normal(size=(rows, columns))
    normed: NDArray[np.float64] = values / np.linalg.norm(values, axis=1, keepdims=True)
    return normed


Q, P, TQ, TP = (unit(5, 4, seed) for seed in range(4))
TQS, TPS = torch.from_numpy(TQ), torch.from_numpy(TP)
STUDENT = (torch.from_numpy(Q), torch.from_numpy(P))
BATCH = TaughtBatch(*STUDENT, TQS, TPS, 0.1)


def loss(name: str, batch: TaughtBatch = BATCH) -> float:
    return OBJECTIVES[name].loss(batch).item()


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: NDArray[np.float64] = raised / raised.sum(axis=1, keepdims=True)
    return result


def test_contrastive() -> None:
    expected = -np.log(np.diag(softmax(Q @ P.T / 0.1))).mean()
    assert contrastive(*STUDENT, 0.1).item() == pytest.approx(expected)


def test_mse() -> None:
    distances = ((Q - TQ) ** 2).sum(1) + ((P - TP) ** 2).sum(1)
    assert loss("mse") == pytest.approx(distances.mean() / 2)


def test_margin_mse() -> None:
    student, teacher = Q @ P.T, TQ @ TP.T
    errors = [
        ((student[i, i] - student[i, j]) - (teacher[i, i] - teacher[i, j])) ** 2
        for i in range(5)
        for j in range(5)
        if i != j
    ]
    assert loss("margin-mse") == pytest.approx(np.mean(errors))


def test_kl() -> None:
    student, teacher = softmax(Q @ P.T / 0.1), softmax(TQ @ TP.T / 0.1)
    expected = (teacher * np.log(teacher / student)).sum(1).mean()
    assert loss("kl") == pytest.approx(expected)


def test_cosine() -> None:
    both = np.concatenate([(Q * TQ).sum(1), (P * TP).sum(1)])
    assert loss("cosine") == pytest.approx(1 - both.mean())
    assert loss("cosine") == pytest.approx(loss("mse") / 2)


def test_a_teacher_may_have_its_own_temperature() -> None:
    batch = replace(BATCH, own_teacher_temperature=0.3)
    student, teacher = softmax(Q @ P.T / 0.1), softmax(TQ @ TP.T / 0.3)
    expected = (teacher * np.log(teacher / student)).sum(1).mean()
    assert loss("kl", batch) == pytest.approx(expected)


@pytest.mark.parametrize("name", OBJECTIVES.built_in)
def test_a_perfect_student_has_no_loss(name: str) -> None:
    perfect = TaughtBatch(TQS, TPS, TQS, TPS, 0.05)
    assert loss(name, perfect) == pytest.approx(0, abs=1e-12)


def test_scores_of_a_teacher_of_another_dimension() -> None:
    wide = (torch.from_numpy(unit(5, 9, 7)), torch.from_numpy(unit(5, 9, 8)))
    names = [name for name in OBJECTIVES.built_in if not OBJECTIVES[name].same_dimension]
    assert names == ["kl", "margin-mse"]
    for name in names:
        assert np.isfinite(loss(name, TaughtBatch(*STUDENT, *wide, 0.1)))


@pytest.mark.parametrize("name", OBJECTIVES.built_in)
def test_the_examples_hold(name: str) -> None:
    module = import_module(f"hybench.objectives.{name.replace('-', '_')}")
    found = doctest.testmod(module)
    assert (found.attempted > 0, found.failed) == (True, 0)
