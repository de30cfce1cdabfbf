"""Which passages answer a query of a set: they are never its negatives.

A passage answers a query if it is the passage of one of the query's pairs, a translation of it (the
same source id), or has the text of one of these after `hybench.data.folding.folded`; so does the
query itself, where it is a passage too. Pairs are of the same query if they share its source id or
its text, in any language. This is what keeps two pairs out of one batch, seen from one query.

Ids and texts are compared by 64-bit digests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from hybench.data.dataset import Dataset
from hybench.data.folding import folded
from hybench.negatives.ragged import Ragged, Rows

Codes = NDArray[np.uint64]

_ID, _QUERY, _PASSAGE = range(3)
"""Seeds of digests: of ids, of texts as queries, and of texts as passages."""

CODES = ("source_code", "id_code", "text_code")


def passage_codes(language: str) -> tuple[pl.Expr, ...]:
    """The digests of passages by which answers are recognised, named as in `CODES`.

    Of a frame with the columns passage_id, source_id and text. A pair names a passage of a corpus
    without translations by its language and id (`hybench.data.judged_pairs`).
    """
    return (
        pl.col("source_id").hash(_ID).alias(CODES[0]),
        pl.concat_str(pl.lit(language), pl.lit(":"), "passage_id").hash(_ID).alias(CODES[1]),
        text_code("text").alias(CODES[2]),
    )


def text_code(column: str) -> pl.Expr:
    """Digest of a passage's text."""
    return folded(pl.col(column)).hash(_PASSAGE)


def query_code(column: str) -> pl.Expr:
    """Digest of a query's text."""
    return folded(pl.col(column)).hash(_QUERY)


def id_code(column: str) -> pl.Expr:
    """Digest of a source id."""
    return pl.col(column).hash(_ID)


@dataclass(frozen=True)
class Answers:
    """What answers the queries of a set's pairs.

    A key stands for a query: for its source id, or for a text that several source ids share.

    Attributes:
        pair_ids: the set's n pairs, sorted.
        pair_keys: the keys of each pair.
        codes: uint64 [c], sorted: digests of all answers, one for each key that they answer.
        keys: int64 [c], the key that the digest answers.
        known: uint64 [k], sorted: the digests that keys stand for; a key is a place among them.
    """

    pair_ids: pl.Series
    pair_keys: Ragged
    codes: Codes
    keys: Rows
    known: Codes

    def of_passages(self, codes: Codes) -> Ragged:
        """The keys that passages answer.

        Args:
            codes: uint64 [n, m], the digests of n passages.
        """
        flat = codes.ravel()
        first = np.searchsorted(self.codes, flat, "left")
        last = np.searchsorted(self.codes, flat, "right")
        found = np.flatnonzero(last > first)
        lengths = (last - first)[found]
        inside = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        keys = self.keys[np.repeat(first[found], lengths) + inside]
        rows = np.repeat(found // codes.shape[1], lengths)
        once = np.unique(np.stack([rows, keys]), axis=1)
        return Ragged.of(once[0], once[1], len(codes))

    def answered(self, pairs: Rows, passages: Ragged, rows: Rows) -> NDArray[np.bool_]:
        """Whether each passage answers the query beside it, bool [m].

        Args:
            pairs: int64 [m], pairs whose queries are asked for.
            passages: the keys that passages answer (`of_passages`).
            rows: int64 [m], rows of `passages`.
        """
        places, keys = passages.take(rows)
        owner = np.repeat(np.arange(len(self.pair_keys)), np.diff(self.pair_keys.starts))
        base = len(self.known)
        own = np.sort(owner * base + self.pair_keys.values)
        asked = pairs[places] * base + keys
        answers = np.zeros(len(pairs), np.bool_)
        answers[places[np.isin(asked, own)]] = True
        return answers

    def places(self, pair_ids: pl.Series) -> Rows:
        """The places of pairs in `pair_ids`, int64; -1 of ids that the set has not."""
        if not len(self.pair_ids):
            return np.full(len(pair_ids), -1)
        found = self.pair_ids.search_sorted(pair_ids).to_numpy().astype(np.int64)
        found = np.minimum(found, len(self.pair_ids) - 1)
        same = (self.pair_ids.gather(found) == pair_ids).to_numpy()
        return np.where(same, found, -1)


def read_answers(dataset: Dataset, judged: Sequence[pl.DataFrame] = ()) -> Answers:
    """Read what answers the queries of a set's pairs, in all of its languages.

    Args:
        dataset: the set.
        judged: further answers: columns key (the digest of a query's source id or text) and code.
    """
    rows = pl.concat(
        dataset.scan("pairs", language)
        .select(
            "pair_id",
            source=id_code("query_source_id"),
            query=query_code("query"),
            passage_source=id_code("source_id"),
            passage=text_code("passage"),
            itself=text_code("query"),
        )
        .collect(engine="streaming")
        for language in dataset.table_languages("pairs")
    )
    ids = rows["pair_id"].unique().sort()
    sources = rows.select("pair_id", "source").unique()
    # A text that only one source id has says nothing more than the id.
    texts = rows.select("pair_id", "query", "source").unique()
    shared = texts.filter(pl.col("source").n_unique().over("query") > 1)
    own = pl.concat(
        [
            sources.rename({"source": "key"}),
            shared.select("pair_id", key="query").unique(),
        ]
    )
    codes = ("source", "passage_source", "passage", "itself")
    of_pairs = pl.concat(rows.select("pair_id", code=code) for code in codes).unique()
    answers = [own.join(of_pairs, on="pair_id").select("key", "code")]
    known = own["key"].unique().sort()
    answers += [frame.join(known.to_frame(), on="key", how="semi") for frame in judged]
    found = pl.concat(answers).unique().sort("code", "key")
    pairs = ids.search_sorted(own["pair_id"]).to_numpy().astype(np.int64)
    return Answers(
        ids,
        Ragged.of(pairs, known.search_sorted(own["key"]).to_numpy(), len(ids)),
        found["code"].to_numpy(),
        known.search_sorted(found["key"]).to_numpy().astype(np.int64),
        known.to_numpy(),
    )
