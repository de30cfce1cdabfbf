"""What runs found for one query: their rankings side by side, with what is judged relevant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from hybench.comparison.gather import CompareOptions
from hybench.comparison.measured import measured
from hybench.comparison.query_lists import open_set
from hybench.data.texts import passage_texts
from hybench.errors import StateError, UsageError
from hybench.evaluation.results import read_results
from hybench.runs.run import Run
from hybench.values.languages import stored_code

DEPTH = 50
"""Ranks that are read."""

QueryKey = tuple[str, str, str]
"""A query's language, that of its passages (or ``all``), and its id."""

Place = tuple[str, str]
"""A passage's language and id."""


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
    """The rankings of two runs, or of one, for one query.

    Attributes:
        query: its languages and id.
        text: what was asked.
        left: the baseline's hits; empty where there is none.
        right: the run's.
        judged: of every relevant passage its id and its ranks in both, None where not retrieved.
    """

    query: QueryKey
    text: str
    left: tuple[RankedPassage, ...]
    right: tuple[RankedPassage, ...]
    judged: tuple[tuple[str, int | None, int | None], ...]


@dataclass(frozen=True)
class RankingPair:
    """Rankings, and whose they are.

    Attributes:
        dataset: the set.
        split: of its queries.
        setting: mono, cross or multi.
        runs: names of the baseline's first run, where there is a baseline, and of the arm's.
        rankings: what they found.
    """

    dataset: str
    split: str
    setting: str
    runs: tuple[str, ...]
    rankings: Rankings


def ranking_pairs(
    runs: Sequence[Run], options: CompareOptions, data_dir: Path, query: str
) -> tuple[RankingPair, ...]:
    """The rankings of the first run of each arm beside those of the baseline's.

    Args:
        runs: those without results are left out.
        options: of them data, setting, baseline and group_seeds count.
        data_dir: where the prepared sets are, for the texts.
        query: ``LANG:ID``, in the setting cross ``LANG:IN:ID`` with the language of the passages.

    Raises:
        UsageError: a choice in the options does not exist here, or one must be made; or the query
            is not of this form.
        StateError: no run has the results, or no such query.
        DataError: a config or results file is not what hybench writes.
    """
    asked = measured(runs, options)
    which = _query_key(query, asked.setting)
    base = asked.baseline if len(asked.arms) > 1 else None
    first = [] if base is None else [asked.runs(base)[0]]
    text = _query_text(asked.key, which, data_dir)
    pairs = []
    for at in range(len(asked.arms)):
        if at == base:
            continue
        both = [*first, asked.runs(at)[0]]
        found = read_rankings(both, asked.key, asked.setting, which, text, data_dir)
        if not (found.left or found.right or found.judged):
            raise StateError(
                f"The results of {asked.key} have no query {query} in {asked.setting}.",
                "See the query_id column of: hybench queries RUN -o queries.csv",
            )
        names = tuple(run.name for run in both)
        pairs.append(RankingPair(asked.info.dataset, asked.info.split, asked.setting, names, found))
    return tuple(pairs)


def query_word(query: QueryKey, setting: str) -> str:
    """How a command names a query: what `ranking_pairs` takes."""
    language, corpus, name = query
    return ":".join((language, corpus, name) if setting == "cross" else (language, name))


def _query_key(word: str, setting: str) -> QueryKey:
    """A query's languages and id.

    Raises:
        UsageError: the word has another form.
    """
    form = "LANG:IN:ID" if setting == "cross" else "LANG:ID"
    parts = word.split(":", form.count(":"))
    if len(parts) != form.count(":") + 1 or not all(parts):
        raise UsageError(f"--query is {word!r}.", f"In the setting {setting} write {form}.")
    *languages, name = parts
    language = stored_code(languages[0])
    others = {"mono": language, "multi": "all", "cross": stored_code(languages[-1])}
    return language, others[setting], name


def _query_text(key: str, query: QueryKey, data_dir: Path) -> str:
    """What a query says; its id where that is not known."""
    dataset = open_set(key, data_dir)
    if dataset is None or query[0] not in dataset.table_languages("queries"):
        return query[2]
    found = dataset.queries(query[0]).filter(query_id=query[2])
    return query[2] if found.is_empty() else str(found["text"][0])


def read_rankings(
    runs: Sequence[Run], key: str, setting: str, query: QueryKey, text: str, data_dir: Path
) -> Rankings:
    """Read what runs found for a query.

    Args:
        runs: the baseline's, where there is one, and the arm's.
        key: the results.
        setting: mono, cross or multi.
        query: its languages and id.
        text: what it says.
        data_dir: where the prepared sets are, for the passages' texts.

    Raises:
        StateError: a run has no such results.
        DataError: they cannot be read.
    """
    sides = [None] * (2 - len(runs)) + [_ranking(run, key, setting, query) for run in runs]
    ids: dict[str, set[str]] = {}
    for side in sides:
        for _, language, passage in side[0] if side else ():
            ids.setdefault(language, set()).add(passage)
    dataset = open_set(key, data_dir)
    texts = {} if dataset is None else passage_texts(dataset, ids)
    judged: dict[Place, list[int | None]] = {}
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
    run: Run, key: str, setting: str, query: QueryKey
) -> tuple[list[tuple[int, str, str]], dict[Place, int | None]]:
    """Rank, language and id of its hits; the ranks of its relevant passages by language and id."""
    results = read_results(run, key)
    language, pool, name = query
    here = (
        (pl.col("setting") == setting)
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
