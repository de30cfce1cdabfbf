"""The loss of a distillation against sentence-transformers' and formulas written out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from sentence_transformers.sentence_transformer.losses import (
    DistillKLDivLoss,
    MultipleNegativesRankingLoss,
)

from hybench.errors import UsageError
from hybench.objectives import OBJECTIVES, TaughtBatch
from hybench.training.distillation import distillation
from tests.training.conftest import BUDGET

STUDENT, TEACHER = 0.4, 0.7
"""Temperatures at which no softmax has a zero."""


def unit(seed: int) -> torch.Tensor:
    vectors = torch.from_numpy(np.random.default_rng(seed).normal(size=(6, 4)))
    return torch.nn.functional.normalize(vectors)


QUERIES, PASSAGES, TAUGHT_QUERIES, TAUGHT_PASSAGES = (unit(seed) for seed in range(4))


def loss(**changes: Any) -> float:
    config = replace(BUDGET, strategy="distill", temperature=STUDENT, **changes)
    batch = TaughtBatch(
        QUERIES, PASSAGES, TAUGHT_QUERIES, TAUGHT_PASSAGES, STUDENT, config.teacher_temperature
    )
    return distillation(config, OBJECTIVES[config.objective], batch).item()


def inner(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    return (one * other).sum(-1)


@pytest.mark.parametrize("teacher", [None, TEACHER])
def test_kl_times_the_temperature_squared_is_the_librarys(teacher: float | None) -> None:
    theirs = DistillKLDivLoss(
        None,  # type: ignore[arg-type]  # vectors are given
        inner,
        student_temperature=STUDENT,
        teacher_temperature=teacher or STUDENT,
    )
    columns = [passage.expand_as(QUERIES) for passage in PASSAGES]
    expected = theirs.compute_loss_from_embeddings(
        [QUERIES, *columns], TAUGHT_QUERIES @ TAUGHT_PASSAGES.T
    )
    given = {"objective": "kl", "teacher_temperature": teacher}
    scaled = loss(**given, distillation_scale="temperature-squared")
    assert scaled == pytest.approx(expected.item())
    assert loss(**given, distillation_scale="plain") == pytest.approx(scaled / STUDENT**2)
    assert loss(**given) == loss(**given, distillation_scale="plain")


def test_the_mix_of_mimo() -> None:
    """.8 cosine distillation and .2 contrastive loss (arXiv 2605.31171)."""
    contrastive = MultipleNegativesRankingLoss(
        None,  # type: ignore[arg-type]
        scale=1 / STUDENT,
    )
    both = torch.cat([QUERIES, PASSAGES]), torch.cat([TAUGHT_QUERIES, TAUGHT_PASSAGES])
    distance = 1 - torch.nn.functional.cosine_similarity(*both).mean()
    expected = 0.8 * distance + 0.2 * contrastive.compute_loss_from_embeddings(
        [QUERIES, PASSAGES], torch.empty(0)
    )
    mixed = loss(objective="cosine", distillation_weight=0.8, contrastive_weight=0.2)
    assert mixed == pytest.approx(expected.item())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"strategy": "hybrid", "teacher_reads": "own"}, "--teacher-reads is given, but --strat"),
        ({"more_teachers": ("b",)}, "--more-teachers is given without --teacher"),
        ({"teacher_reads": "own"}, "--teacher-reads own is given without --teacher"),
        ({"teacher": "a", "more_teachers": ("a",)}, "teachers names a twice"),
        (
            {"teacher": "a", "more_teachers": ("b",), "teacher_length": 8},
            "--teacher-length is given with --more-teachers",
        ),
        ({"teacher_temperature": 0.1}, "--objective mse has no softmax"),
        ({"distillation_scale": "plain"}, "--objective mse has no softmax"),
        ({"objective": "kl", "teacher_temperature": 0.0}, "--teacher-temperature is 0"),
        ({"distillation_weight": 0.0}, "--distillation-weight is 0"),
    ],
)
def test_what_does_not_fit_together_is_said(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        replace(BUDGET, **{"strategy": "distill", **changes})
