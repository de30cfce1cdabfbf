"""Which of a search's hits are negatives, and why the others are not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from hybench.indexes.exact.keys import Floats, Rows
from hybench.mining.miners import Found
from hybench.mining.options import MineOptions
from hybench.mining.pool import Passages

REASONS = ("answers", "held_out", "margin", "score", "translations")
"""Why a hit is no negative, the first that applies: it answers the query; it answers a dev or test
query; it is within the margin of the positive; its score is beyond those allowed; a translation of
it is a negative already."""


@dataclass(frozen=True)
class Selected:
    """Negatives of q queries.

    Attributes:
        hits: query (its place among them), row (among all passages), rank, score and
            positive_score; by query, best first.
        counts: hits that are none, by reason.
    """

    hits: pl.DataFrame
    counts: dict[str, int]


def select_negatives(
    passages: Passages, pairs: Rows, found: Found, positive: Floats, options: MineOptions
) -> Selected:
    """Choose the negatives of queries among the hits of a search.

    Args:
        passages: what was searched in.
        pairs: int64 [q], each query's pair (`Answers.pair_ids`).
        found: the hits.
        positive: float32 [q, languages], the score that a negative in each language of `passages`
            is compared with; NaN where there is none, which leaves no negatives.
        options: the rules.
    """
    query, place = np.nonzero(found.rows >= 0)
    row, score = found.rows[query, place], found.scores[query, place]
    starts = np.array([*passages.starts.values()])
    against = positive[query, np.searchsorted(starts, row, side="right") - 1]
    because = np.full(len(row), len(REASONS), np.int64)
    tests: tuple[NDArray[np.bool_], ...] = (
        passages.answers.answered(pairs[query], passages.keys, row),
        passages.held_out[row],
        ~_below(score, against, options),
        _beyond(score, options),
    )
    for number, fails in reversed([*enumerate(tests)]):
        because[fails] = number
    codes = np.concatenate([pool.codes[:, 0] for pool in passages.pools.values()])
    hits = pl.DataFrame(
        {
            "query": query,
            "row": row,
            "rank": (place + 1).astype(np.int32),
            "score": score,
            "positive_score": against,
            "source": codes[row],
        }
    ).filter(because == len(REASONS))
    counts = {name: int((because == number).sum()) for number, name in enumerate(REASONS)}
    once = hits.unique(["query", "source"], keep="first", maintain_order=True)
    counts["translations"] = hits.height - once.height
    first, last = options.skip_top, options.skip_top + options.count
    before = pl.int_range(pl.len()).over("query")
    chosen = once.filter((before >= first) & (before < last))
    return Selected(chosen.drop("source"), counts)


def _below(score: Floats, positive: Floats, options: MineOptions) -> NDArray[np.bool_]:
    """Whether scores are far enough below the positive's, in float32; not if that is NaN."""
    most = positive - np.abs(positive) * np.float32(options.relative_margin)
    below: NDArray[np.bool_] = score <= most
    if options.absolute_margin is not None:
        below = below & (score + np.float32(options.absolute_margin) <= positive)
    return below


def _beyond(score: Floats, options: MineOptions) -> NDArray[np.bool_]:
    beyond = np.zeros(len(score), np.bool_)
    if options.max_score is not None:
        beyond |= score > np.float32(options.max_score)
    if options.min_score is not None:
        beyond |= score < np.float32(options.min_score)
    return beyond
