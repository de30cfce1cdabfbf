"""Whether a retriever prefers the query's language among equally relevant passages, and how good a
ranking is to a reader who prefers it.

The names are MLAIRE's (arXiv 2605.07249). Its abstract and reported values could be read when this
was written, its equations could not: what is computed here is defined here, and its values are not
claimed to be the paper's.
"""

from __future__ import annotations

import polars as pl

PREFERENCE_RATE = "LPR"
LANGUAGE_NDCG_DEPTH = 10
LANGUAGE_NDCG = f"LangnDCG@{LANGUAGE_NDCG_DEPTH}"

_QUERY = ("query_lang", "query_id")
_OWN = pl.col("passage_lang") == pl.col("query_lang")
_PREFERRED = 2
"""The gain of a relevant passage in the query's language; of one in another language it is 1."""


def preference_rate(relevant: pl.DataFrame) -> pl.DataFrame:
    """1 for a query whose first relevant passage is in its own language, else 0; the mean over
    queries is the Language Preference Rate.

    All relevant passages answer the query equally, so that it does not depend on how many others
    are ranked above them: a retriever without a preference has the own language's share of them.
    Queries without a relevant passage in their own language, or without one in another, are
    omitted; where none was retrieved, the value is 0.

    Args:
        relevant: query_lang, query_id, passage_lang, rank; one row per relevant passage, rank null
            where it was not retrieved.

    Returns:
        query_lang, query_id, value (Float64).
    """
    own, other = pl.col("rank").filter(_OWN), pl.col("rank").filter(~_OWN)
    first = own.min().is_not_null() & (other.min().is_null() | (own.min() < other.min()))
    return _of_both(relevant, first.cast(pl.Float64))


def language_ndcg(relevant: pl.DataFrame, k: int = LANGUAGE_NDCG_DEPTH) -> pl.DataFrame:
    """nDCG@k with gain 2 for a relevant passage in the query's language and 1 for one in another.

    ``Σ g/log2(r + 1)`` over the relevant passages at ranks r <= k, as a share of the same sum with
    the query's language first. Queries are omitted as in `preference_rate`.

    Args:
        relevant: as for `preference_rate`.
        k: ranks that count.

    Returns:
        query_lang, query_id, value (Float64).
    """
    gain = pl.when(_OWN).then(float(_PREFERRED)).otherwise(1.0)
    rank = pl.col("rank").cast(pl.Float64)
    gained = pl.when(rank <= k).then(gain / (rank + 1).log(2)).otherwise(0.0)
    ideal = gain.sort(descending=True).head(k) / pl.int_range(
        2, pl.min_horizontal(pl.len(), k) + 2
    ).log(2)
    return _of_both(relevant, gained.sum() / ideal.sum())


def _of_both(relevant: pl.DataFrame, value: pl.Expr) -> pl.DataFrame:
    """The value of queries with relevant passages in their own language and in another."""
    return (
        relevant.group_by(_QUERY, maintain_order=True)
        .agg(value.alias("value"), _OWN.any().alias("own"), (~_OWN).any().alias("other"))
        .filter("own", "other")
        .drop("own", "other")
    )
