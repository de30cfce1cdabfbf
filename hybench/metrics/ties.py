"""Hits of equal score in trec_eval's order: by the bytes of their ids, descending."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from hybench.metrics.relevant import Places


def spans(begins: Places, counts: Places) -> Places:
    """From each of `begins`, `counts` consecutive numbers, concatenated."""
    ends = np.cumsum(counts)
    return np.repeat(begins - ends + counts, counts) + np.arange(ends[-1] if len(ends) else 0)


def settle_ties(
    passage_ids: pl.Series, scores: npt.NDArray[np.float32], starts: Places, rows: Places
) -> Places:
    """The places of hits after those of equal score are ordered by id, descending.

    Args:
        passage_ids: [n], by query.
        scores: float32 [n], descending within a query.
        starts: int64 [q], each query's first row.
        rows: int64 [m], the requested hits.

    Returns:
        int64 [m].
    """
    query = np.searchsorted(starts, rows, side="right") - 1
    first, end = starts[query], np.append(starts, len(scores))[query + 1]
    tied = np.flatnonzero(_has_equal(scores, rows, first, end))
    if not len(tied):
        return rows
    tied_rows = rows[tied]
    begins, ends = _spans_of_ties(scores, tied_rows, first[tied], end[tied])
    members, places = _order_by_id(passage_ids, begins, ends)
    settled = rows.copy()
    settled[tied] = places[np.searchsorted(members, tied_rows)]
    return settled


def _has_equal(
    scores: npt.NDArray[np.float32], rows: Places, first: Places, end: Places
) -> npt.NDArray[np.bool_]:
    """Whether a hit next to each row, within its query's from `first` to `end`, has its score."""
    above, below = np.maximum(rows - 1, first), np.minimum(rows + 1, end - 1)
    return np.asarray(
        (scores[above] == scores[rows]) & (rows > first)
        | (scores[below] == scores[rows]) & (rows + 1 < end)
    )


def _spans_of_ties(
    scores: npt.NDArray[np.float32], rows: Places, first: Places, end: Places
) -> tuple[Places, Places]:
    """Begins and ends of the ties that contain `rows`, each tie once, ascending; int64 [t] each."""
    begins = _first_not(np.greater, scores, scores[rows], first, rows)
    begins, one = np.unique(begins, return_index=True)
    rows = rows[one]
    return begins, _first_not(np.greater_equal, scores, scores[rows], rows + 1, end[one])


def _order_by_id(passage_ids: pl.Series, begins: Places, ends: Places) -> tuple[Places, Places]:
    """The rows in ties, ascending, and the place of each after its tie is ordered by id."""
    members = spans(begins, ends - begins)
    ordered = pl.DataFrame(
        {
            "member": np.arange(len(members)),
            "tie": np.repeat(begins, ends - begins),
            "passage_id": passage_ids[members],
        }
    ).sort("tie", "passage_id", descending=[False, True])
    places = np.empty_like(members)
    places[ordered["member"].to_numpy()] = members
    return members, places


def _first_not(
    compare: np.ufunc,
    scores: npt.NDArray[np.float32],
    values: npt.NDArray[np.float32],
    low: Places,
    high: Places,
) -> Places:
    """The first row from `low` on whose score no longer compares so with its value; `high` if none.

    All are [m] but the scores; from each `low` to its `high` these descend.
    """
    while (open_ := low < high).any():
        middle = (low + high) // 2
        holds = compare(scores[np.minimum(middle, len(scores) - 1)], values)
        low, high = np.where(open_ & holds, middle + 1, low), np.where(holds, high, middle)
    return low
