"""Mining by margin, against loops over single pairs."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from hybench.metrics.margin import Mined, best_threshold, margins, mine, score_mined

K = 4


def unit(rows: int, seed: int) -> NDArray[np.float32]:
    values = np.random.default_rng(seed).normal(size=(rows, 6))
    normed: NDArray[np.float32] = (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(
        np.float32
    )
    return normed


LEFT, RIGHT = unit(15, 0), unit(12, 1)


def plain_margin(at: int, other: int) -> float:
    """The ratio of Artetxe and Schwenk, with all neighbours sorted."""
    left, right = LEFT.astype(float), RIGHT.astype(float)
    of_left = sorted((float(left[at] @ each) for each in right), reverse=True)[:K]
    of_right = sorted((float(right[other] @ each) for each in left), reverse=True)[:K]
    return float(left[at] @ right[other]) / (sum(of_left) / (2 * K) + sum(of_right) / (2 * K))


def test_margins() -> None:
    expected = [[plain_margin(at, other) for other in range(12)] for at in range(15)]
    np.testing.assert_allclose(margins(LEFT, RIGHT, K), expected)


def test_with_few_sentences_all_are_neighbours() -> None:
    np.testing.assert_allclose(margins(LEFT, RIGHT, 50)[:, :3].shape, (15, 3))
    one = margins(LEFT[:1], RIGHT[:1], K)
    np.testing.assert_allclose(one, [[1.0]])


def test_each_sentence_is_mined_once_best_first() -> None:
    scores = margins(LEFT, RIGHT, K)
    found = mine(scores)
    candidates = {(at, int(row.argmax())) for at, row in enumerate(scores)}
    candidates |= {(int(column.argmax()), at) for at, column in enumerate(scores.T)}
    expected: list[tuple[int, int]] = []
    for at, other in sorted(candidates, key=lambda pair: (-scores[pair], pair)):
        if all(at != left and other != right for left, right in expected):
            expected.append((at, other))
    assert list(zip(found.left.tolist(), found.right.tolist(), strict=True)) == expected
    np.testing.assert_array_equal(found.scores, [scores[pair] for pair in expected])


def test_the_threshold_has_the_highest_f1() -> None:
    draws = np.random.default_rng(5)
    scores = np.sort(draws.random(30))[::-1]
    mined = Mined(np.arange(30), np.arange(30), scores)
    gold = [(row, row) for row in range(30) if draws.random() < 0.9 - row / 40]
    gold += [(row, row) for row in range(30, 36)]  # translations that were not mined
    best = best_threshold(mined, gold)

    def f1(threshold: float) -> float:
        kept = {(row, row) for row in range(30) if scores[row] >= threshold}
        correct = len(kept & set(gold))
        return 2 * correct / (len(kept) + len(gold))

    assert best.f1 == pytest.approx(max(f1(score) for score in scores))
    assert f1(best.threshold) == pytest.approx(best.f1)
    assert score_mined(mined, gold, 2.0).f1 == 0.0
    every = score_mined(mined, gold, 0.0)
    assert every.precision == pytest.approx(len(set(gold) & {(r, r) for r in range(30)}) / 30)


def test_equal_sentences_are_all_found() -> None:
    gold = [(row, row) for row in range(12)]
    best = best_threshold(mine(margins(RIGHT, RIGHT, K)), gold)
    assert (best.precision, best.recall, best.f1) == (1.0, 1.0, 1.0)
