"""Losses against the formulas written out with numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from hybench.training import objectives


def unit(rows: int, columns: int, seed: int) -> NDArray[np.float64]:
    values = np.random.default_rng(seed).normal(size=(rows, columns))
    normed: NDArray[np.float64] = values / np.linalg.norm(values, axis=1, keepdims=True)
    return normed


Q, P, TQ, TP = (unit(5, 4, seed) for seed in range(4))
TQS, TPS = torch.from_numpy(TQ), torch.from_numpy(TP)
STUDENT = (torch.from_numpy(Q), torch.from_numpy(P))
TENSORS = (*STUDENT, TQS, TPS)


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: NDArray[np.float64] = raised / raised.sum(axis=1, keepdims=True)
    return result


def test_contrastive() -> None:
    expected = -np.log(np.diag(softmax(Q @ P.T / 0.1))).mean()
    assert objectives.contrastive(*STUDENT, 0.1).item() == pytest.approx(expected)


def test_mse() -> None:
    distances = ((Q - TQ) ** 2).sum(1) + ((P - TP) ** 2).sum(1)
    assert objectives.mse(*TENSORS).item() == pytest.approx(distances.mean() / 2)


def test_margin_mse() -> None:
    student, teacher = Q @ P.T, TQ @ TP.T
    errors = [
        ((student[i, i] - student[i, j]) - (teacher[i, i] - teacher[i, j])) ** 2
        for i in range(5)
        for j in range(5)
        if i != j
    ]
    assert objectives.margin_mse(*TENSORS).item() == pytest.approx(np.mean(errors))


def test_kl() -> None:
    student, teacher = softmax(Q @ P.T / 0.1), softmax(TQ @ TP.T / 0.1)
    expected = (teacher * np.log(teacher / student)).sum(1).mean()
    assert objectives.kl(*TENSORS, 0.1).item() == pytest.approx(expected)


def test_a_perfect_student_has_no_loss() -> None:
    taught = (TQS, TPS, TQS, TPS)
    assert objectives.mse(*taught).item() == pytest.approx(0)
    assert objectives.margin_mse(*taught).item() == pytest.approx(0)
    assert objectives.kl(*taught, 0.05).item() == pytest.approx(0, abs=1e-12)


def test_scores_of_a_teacher_of_another_dimension() -> None:
    wide = (torch.from_numpy(unit(5, 9, 7)), torch.from_numpy(unit(5, 9, 8)))
    assert objectives.margin_mse(*STUDENT, *wide).isfinite()
    assert objectives.kl(*STUDENT, *wide, 0.1).isfinite()
