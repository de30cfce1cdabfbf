"""Losses over lists against sentence-transformers', and against formulas written out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sentence_transformers.sentence_transformer.losses import (
    DistillKLDivLoss,
    MarginMSELoss,
    MultipleNegativesRankingLoss,
)

from hybench.training.lists.losses import (
    ScoredBatch,
    contrastive_with_negatives,
    listwise_kl,
    listwise_margin_mse,
)

PAIRS, EACH = 5, 3


def unit(seed: int, rows: int) -> torch.Tensor:
    vectors = torch.from_numpy(np.random.default_rng(seed).normal(size=(rows, 4)))
    return torch.nn.functional.normalize(vectors)


QUERIES, PASSAGES, NEGATIVES = unit(0, PAIRS), unit(1, PAIRS), unit(2, PAIRS * EACH)
COLUMNS = torch.arange(PAIRS * EACH).reshape(PAIRS, EACH)
TEACHER = torch.from_numpy(np.random.default_rng(3).normal(size=(PAIRS, 1 + EACH)))
MODEL: Any = None  # the library's losses are given vectors


def inner(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    return (one * other).sum(-1)


def own_columns() -> list[torch.Tensor]:
    """Each query's negatives as the library takes them: a matrix for each place in the lists."""
    return [NEGATIVES[COLUMNS[:, place]] for place in range(EACH)]


def scored(**changes: Any) -> ScoredBatch:
    given: dict[str, Any] = {
        "queries": QUERIES,
        "passages": PASSAGES,
        "negatives": NEGATIVES,
        "columns": COLUMNS,
        "teacher_scores": TEACHER,
        "temperature": 0.3,
    }
    return ScoredBatch.of(**given | changes)


def test_the_contrastive_loss_is_the_librarys() -> None:
    theirs = MultipleNegativesRankingLoss(MODEL, scale=1 / 0.3)
    expected = theirs.compute_loss_from_embeddings(
        [QUERIES, PASSAGES, *own_columns()], torch.empty(0)
    )
    false = torch.zeros((PAIRS, PAIRS * EACH), dtype=torch.bool)
    ours = contrastive_with_negatives(QUERIES, PASSAGES, NEGATIVES, false, 0.3)
    assert ours.item() == pytest.approx(expected.item())


def test_a_false_negative_counts_for_no_query_that_it_answers() -> None:
    false = torch.zeros((PAIRS, PAIRS * EACH), dtype=torch.bool)
    false[0, 4] = false[3, 4] = true = torch.tensor(True)
    negatives = NEGATIVES.clone().requires_grad_()
    loss = contrastive_with_negatives(QUERIES, PASSAGES, negatives, false, 0.3)
    expected = 0.0
    for query in range(PAIRS):
        kept = NEGATIVES[~false[query]]
        scores = torch.cat([PASSAGES, kept]) @ QUERIES[query] / 0.3
        expected -= (torch.log_softmax(scores, 0)[query] / PAIRS).item()
    assert loss.item() == pytest.approx(expected)
    # One that answers all queries is not pushed anywhere.
    false[:, 7] = true
    loss = contrastive_with_negatives(QUERIES, PASSAGES, negatives, false, 0.3)
    loss.backward()  # type: ignore[no-untyped-call]
    assert negatives.grad is not None
    assert negatives.grad.isfinite().all()
    assert not negatives.grad[7].any()
    assert negatives.grad[4].any()


def test_margin_mse_is_the_librarys() -> None:
    theirs = MarginMSELoss(MODEL, inner)
    expected = theirs.compute_loss_from_embeddings([QUERIES, PASSAGES, *own_columns()], TEACHER)
    assert listwise_margin_mse(scored()).item() == pytest.approx(expected.item())


@pytest.mark.parametrize("teacher", [None, 0.8])
def test_kl_times_the_temperature_squared_is_the_librarys(teacher: float | None) -> None:
    theirs = DistillKLDivLoss(
        MODEL, inner, student_temperature=0.3, teacher_temperature=teacher or 0.3
    )
    expected = theirs.compute_loss_from_embeddings([QUERIES, PASSAGES, *own_columns()], TEACHER)
    ours = listwise_kl(scored(teacher_temperature=teacher))
    assert ours.item() * 0.3**2 == pytest.approx(expected.item())


@pytest.mark.parametrize("loss", [listwise_margin_mse, listwise_kl])
def test_lists_of_different_lengths_count_as_they_are(loss: Any) -> None:
    columns, teacher = COLUMNS.clone(), TEACHER.clone()
    columns[0, 1:] = -1
    teacher[0, 2:] = torch.nan
    columns[2] = -1
    teacher[2, 1:] = torch.nan  # a list with nothing but the passage itself
    queries = QUERIES.clone().requires_grad_()
    whole = loss(scored(queries=queries, columns=columns, teacher_scores=teacher))
    whole.backward()
    assert queries.grad is not None
    assert queries.grad.isfinite().all()
    assert not queries.grad[2].any()
    total = entries = 0.0
    for row, length in enumerate((1, EACH, 0, EACH, EACH)):
        if length:
            one = loss(
                scored(
                    queries=QUERIES[[row]],
                    passages=PASSAGES[[row]],
                    columns=COLUMNS[[row], :length],
                    teacher_scores=TEACHER[[row], : 1 + length],
                )
            ).item()
            weight = length if loss is listwise_margin_mse else 1
            total, entries = total + weight * one, entries + length
    divisor = entries if loss is listwise_margin_mse else PAIRS
    assert whole.item() == pytest.approx(total / divisor)
