"""Languages by temperature: shares by chi-square against n^τ, and 0 as it always was."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import numpy as np
import pytest
from scipy.stats import chisquare

from hybench.sampling import BatchSampler, PairTable

SIZES = (400, 100, 25)


def table() -> PairTable:
    """Three languages of 400, 100 and 25 pairs: the first so many of 400."""
    rows = np.full((400, 3), -1, dtype=np.int32)
    for language, size in enumerate(SIZES):
        rows[:size, language] = np.arange(size)
    ids = tuple(f"p{at:03d}" for at in range(400))
    return PairTable("set", ("a", "b", "c"), ids, rows, np.arange(400, dtype=np.int32))


@pytest.mark.parametrize("temperature", [0.0, 0.3, 1.0])
def test_monolingual_languages_are_drawn_by_their_size(temperature: float) -> None:
    made = BatchSampler(
        (table(),), alpha=1.0, batch_size=8, seed=1, language_temperature=temperature
    )
    drawn = Counter(int(made.batch(at).query_languages[0]) for at in range(6000))
    shares = np.array(SIZES, dtype=float) ** temperature
    expected = 6000 * shares / shares.sum()
    assert chisquare([drawn[language] for language in range(3)], expected).pvalue > 0.001


@pytest.mark.parametrize("temperature", [0.5, 1.0])
@pytest.mark.parametrize("mixing", ["batch", "example"])
def test_pairs_of_languages_are_drawn_by_theirs(temperature: float, mixing: str) -> None:
    """Of a pair in all three languages: ordered pairs of languages, 100, 25 and 25 of them."""
    alpha = 0.0 if mixing == "batch" else 0.4
    made = BatchSampler(
        (table(),),
        alpha=alpha,
        batch_size=16,
        seed=2,
        mixing=mixing,
        language_temperature=temperature,
    )
    drawn: Counter[tuple[int, int]] = Counter()
    for batch in map(made.batch, range(1500)):
        for pair, query, passage in zip(
            batch.pairs, batch.query_languages, batch.passage_languages, strict=True
        ):
            if pair < SIZES[2]:
                drawn[int(query), int(passage)] += 1
    every = permutations(range(3), 2)
    both = {(x, y): float(min(SIZES[x], SIZES[y])) ** temperature for x, y in every}
    crossed = sum(drawn[key] for key in both)
    counts = [drawn[key] for key in both]
    expected = crossed * np.array(list(both.values())) / sum(both.values())
    assert chisquare(counts, expected).pvalue > 0.001
    if mixing == "example":
        assert abs(1 - crossed / drawn.total() - alpha) < 0.03
        own = np.array(SIZES, dtype=float) ** temperature
        alone = np.array([drawn[x, x] for x in range(3)])
        assert chisquare(alone, alone.sum() * own / own.sum()).pvalue > 0.001


def test_pairs_of_one_language_stay_in_it() -> None:
    made = BatchSampler(
        (table(),), alpha=0.5, batch_size=32, seed=1, mixing="example", language_temperature=0.5
    )
    for batch in map(made.batch, range(30)):
        assert (made.tables[0].rows[batch.pairs, batch.query_languages] >= 0).all()
        assert (made.tables[0].rows[batch.pairs, batch.passage_languages] >= 0).all()
