"""What two runs found for one query, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from hybench.runs.run import Run
from hybench.tui.draw.table import Column, Field, Record, Table
from hybench.tui.draw.text import Verbatim
from hybench.tui.model.queries import Pair, open_dataset

DEPTH = 50
"""Ranks that are shown side by side."""


@dataclass(frozen=True)
class RankedPassage:
    """One passage in a ranking.

    Attributes:
        rank: from 1.
        language: the passage's.
        id: its id.
        relevant: whether it was judged so.
        text: what it says; its id where that is not known.
    """

    rank: int
    language: str
    id: str
    relevant: bool
    text: str


@dataclass(frozen=True)
class Rankings:
    """Both runs' rankings for one query.

    Attributes:
        query: its languages and id, as a record's key in `query_table`.
        text: what was asked.
        left: the reference's hits; empty where there is none.
        right: the run's.
        judged: of every relevant passage its id and its ranks in both, None where not retrieved.
    """

    query: tuple[str, str, str]
    text: str
    left: tuple[RankedPassage, ...]
    right: tuple[RankedPassage, ...]
    judged: tuple[tuple[str, int | None, int | None], ...]


def rankings(pair: Pair, query: tuple[str, str, str], text: str) -> Rankings:
    """Read what both runs found.

    Raises:
        StateError: a run has no such results.
        DataError: they cannot be read.
    """
    from hybench.data.texts import passage_texts

    sides = [
        None if side is None else _ranking(side.runs[0], pair, query)
        for side in (pair.left, pair.right)
    ]
    ids: dict[str, set[str]] = {}
    for side in sides:
        for _, language, passage in side[0] if side else ():
            ids.setdefault(language, set()).add(passage)
    dataset = open_dataset(pair)
    texts = {} if dataset is None else passage_texts(dataset, ids)
    judged: dict[tuple[str, str], list[int | None]] = {}
    for at, side in enumerate(sides):
        for place, rank in (side[1] if side else {}).items():
            judged.setdefault(place, [None, None])[at] = rank
    left, right = (
        tuple(
            RankedPassage(
                rank,
                language,
                passage,
                (language, passage) in side[1],
                texts.get((language, passage), passage),
            )
            for rank, language, passage in side[0]
        )
        if side
        else ()
        for side in sides
    )
    pooled = query[1] == "all"
    ranks = tuple(
        (f"{language}/{passage}" if pooled else passage, each[0], each[1])
        for (language, passage), each in judged.items()
    )
    return Rankings(query, text, left, right, ranks)


def _ranking(
    run: Run, pair: Pair, query: tuple[str, str, str]
) -> tuple[list[tuple[int, str, str]], dict[tuple[str, str], int | None]]:
    """Rank, language and id of its hits; the ranks of its relevant passages by language and id."""
    import polars as pl

    from hybench.evaluation.results import read_results

    results = read_results(run, pair.key)
    language, pool, name = query
    here = (
        (pl.col("setting") == pair.setting)
        & (pl.col("query_lang") == language)
        & (pl.col("corpus_lang") == pool)
        & (pl.col("query_id") == name)
    )
    hits = results.rankings().filter(here & (pl.col("rank") <= DEPTH)).sort("rank").collect()
    relevant = (
        results.relevant().filter(here & (pl.col("relevance") > 0)).sort("rank", nulls_last=True)
    )
    known = relevant.select("passage_lang", "passage_id", "rank").collect()
    return (
        list(hits.select("rank", "passage_lang", "passage_id").iter_rows()),
        {(language, passage): rank for language, passage, rank in known.iter_rows()},
    )


def ranking_table(found: Rankings, pair: Pair, width: int) -> Table:
    """Both rankings side by side, relevant passages marked, with how far each has moved."""
    before = {(hit.language, hit.id): hit.rank for hit in found.left}
    half = max(12, (width - 14) // 2)
    both = bool(found.left)
    columns = [Column("#", width=3), Column("", "left", width=1)]
    if both:
        columns += [Column(pair.left.runs[0].name if pair.left else "", "left", width=half)]
        columns += [Column("", width=4), Column("", "left", width=1)]
    columns.append(Column(pair.right.runs[0].name, "left", most=400))
    records = []
    for at in range(max(len(found.left), len(found.right))):
        left = found.left[at] if at < len(found.left) else None
        right = found.right[at] if at < len(found.right) else None
        fields = [Field(f"{at + 1}", "quiet")]
        for side, hit in enumerate((left, right) if both else (right,)):
            if side:
                fields.append(moved(before, right))
            fields.append(Field("✓" if hit and hit.relevant else "", "better"))
            fields.append(
                Field(_shown(hit, found.query[1] == "all"), "best" if hit and hit.relevant else "")
            )
        records.append(Record(at, tuple(fields)))
    return Table(tuple(columns), records, frozen=0)


def _shown(hit: RankedPassage | None, pooled: bool) -> str:
    if hit is None:
        return ""
    return Verbatim(f"{hit.language} {hit.text}" if pooled else hit.text)


class Ranked(Protocol):
    """A passage in a ranking."""

    @property
    def rank(self) -> int:
        """From 1."""

    @property
    def language(self) -> str:
        """The passage's."""

    @property
    def id(self) -> str:
        """Its id."""


def moved(
    before: Mapping[tuple[str, str], int], hit: Ranked | None, *, known: bool = True
) -> Field:
    """How far a passage moved up or down.

    Args:
        before: ranks in the ranking at the left, by language and id.
        hit: the passage; None for none.
        known: whether there is a ranking at the left.
    """
    if hit is None or not known:
        return Field("")
    was = before.get((hit.language, hit.id))
    if was is None:
        return Field("new", "accent")
    if was == hit.rank:
        return Field("=", "quiet")
    up = was > hit.rank
    return Field(f"{'↑' if up else '↓'}{abs(was - hit.rank)}", "better" if up else "worse")


def describe_relevant(judged: Sequence[tuple[str, int | None, int | None]], both: bool) -> str:
    """Where the relevant passages stand."""
    parts = []
    for name, left, right in judged[:6]:
        ranks = [("not found" if rank is None else str(rank)) for rank in (left, right)]
        parts.append(f"{name} {ranks[0]} → {ranks[1]}" if both else f"{name} {ranks[1]}")
    more = f" and {len(judged) - 6} more" if len(judged) > 6 else ""
    return f"Relevant: {', '.join(parts)}{more}." if parts else "No passage is judged relevant."
