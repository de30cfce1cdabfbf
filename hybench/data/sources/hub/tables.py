"""Frames of a set on the hub as the tables of a prepared set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import partial

import polars as pl

from hybench.concurrency.prefetch import read_ahead
from hybench.concurrency.progress import Progress, ProgressCallback
from hybench.data.judged_pairs import KeptPassages, judged_pairs
from hybench.data.schema import TABLES
from hybench.data.sources.hub.layout import corpus_split, only_split
from hybench.data.sources.hub.repository import HubTable
from hybench.data.writer import DatasetWriter
from hybench.errors import DataError

_WHOLE = 2**31
_AHEAD = 3
"""Frames of a corpus that wait to be written."""
_FIX = "Copy the set and fix its table."


def write_language(
    writer: DatasetWriter,
    language: str,
    tables: Mapping[str, HubTable],
    splits: Mapping[str, str],
    progress: ProgressCallback,
) -> dict[str, int]:
    """Write a language's passages, judged queries, judgements, and pairs of the train split.

    Args:
        writer: of the set; it gets the setting mono if a passage is relevant.
        language: code of the queries and passages.
        tables: its corpus, queries and qrels.
        splits: names of splits, and what the judgements call them.
        progress: called as passages are read.

    Returns:
        The number of relevant judgements by split.

    Raises:
        DataError, StateError, UsageError: as the functions below.
    """
    pool = corpus_split(tables["corpus"], splits)
    judged = read_qrels(tables["qrels"], language, splits)
    asked = read_queries(tables["queries"], language, splits, judged)
    relevant = judged.filter(pl.col("relevance") > 0)
    if relevant.height:
        writer.settings = ("mono",)
    counts = dict(relevant.group_by("split").len().iter_rows())
    relevant = relevant.filter(split="train")
    kept = KeptPassages(relevant["passage_id"].unique())
    frames = read_corpus(tables["corpus"], pool, language, progress)
    writer.write("passages", language, kept.passing(frames))
    writer.write("queries", language, asked)
    writer.write("qrels", language, judged)
    writer.write("pairs", language, judged_pairs(language, relevant, asked, kept.frame))
    return counts


def _check_columns(table: HubTable, *needed: str) -> None:
    missing = [name for name in needed if name not in table.columns]
    if missing:
        raise DataError(
            f"{table.where} has no column {' and '.join(missing)}.",
            f"It has: {' '.join(table.columns)}. As MTEB lays sets out, a corpus has _id, title "
            "and text, queries have _id and text, qrels query-id, corpus-id and score.",
        )


def _id_column(table: HubTable) -> str:
    """The column of ids: ``_id``, or ``id`` as in some sets."""
    return "id" if "_id" not in table.columns and "id" in table.columns else "_id"


def _texts(table: HubTable, frame: pl.DataFrame, column: str) -> pl.Series:
    """A column of texts; a whole number may stand for its digits, as in ids."""
    values = frame[column]
    if values.dtype.is_integer() or values.dtype in {pl.String, pl.Null}:
        return values.cast(pl.String)
    raise DataError(f"{table.where}: {column} is {values.dtype}, not text.", _FIX)


def read_corpus(
    table: HubTable, split: str, language: str, progress: ProgressCallback
) -> Iterator[pl.DataFrame]:
    """Yield the passages; a text or title that is null is empty.

    Raises:
        DataError: a column is missing or of another type.
    """
    key = _id_column(table)
    _check_columns(table, key, "text")
    columns = [key, "text", *({"title"} & {*table.columns})]
    done = 0
    # The next ones are fetched while these are written.
    with closing(read_ahead([partial(table.frames, split, columns)], 1, _AHEAD)) as frames:
        for frame in frames:
            ids, text = _texts(table, frame, key), _texts(table, frame, "text").fill_null("")
            title = _texts(table, frame, "title").fill_null("") if "title" in columns else None
            done += frame.height
            progress(Progress(f"read {language} passages", done, None, "passages"))
            yield pl.DataFrame({"passage_id": ids, "text": text, "source_id": ids}).with_columns(
                title=pl.lit("") if title is None else title
            )


def read_qrels(table: HubTable, language: str, splits: Mapping[str, str]) -> pl.DataFrame:
    """The judgements, with the split beside each; without scores all are of relevance 1.

    Args:
        table: the config.
        language: of queries and passages.
        splits: names of splits, and what the table calls them.

    Raises:
        DataError: a column is missing or of another type, a score is not whole, a passage is judged
            twice, or a query in two splits.
    """
    _check_columns(table, "query-id", "corpus-id")
    columns = ["query-id", "corpus-id", *({"score"} & {*table.columns})]
    frames = [pl.DataFrame(schema={**TABLES["qrels"], "split": pl.String()})]
    for split, name in splits.items():
        for frame in table.frames(name, columns):
            rows = pl.DataFrame(
                {
                    "query_id": _texts(table, frame, "query-id"),
                    "passage_id": _texts(table, frame, "corpus-id"),
                    "relevance": _relevance(table, frame),
                }
            )
            rows = rows.with_columns(passage_lang=pl.lit(language), split=pl.lit(split))
            frames.append(rows.select(frames[0].columns))
    judged = pl.concat(frames).unique(maintain_order=True)
    _check_judged_once(table, judged)
    return judged


def _relevance(table: HubTable, frame: pl.DataFrame) -> pl.Series:
    if "score" not in frame.columns:
        return pl.repeat(1, frame.height, dtype=pl.Int32, eager=True)
    scores = frame["score"].cast(pl.Float64, strict=False)
    whole = (scores == scores.round()) & (scores.abs() < _WHOLE)
    faults = frame.filter(~whole.fill_null(value=False))
    if faults.height:
        query, passage, score = faults.select("query-id", "corpus-id", "score").row(0)
        raise DataError(
            f"{table.where}: the score of query {query!r} and passage {passage!r} is {score!r}, "
            "not a whole number.",
            _FIX,
        )
    return scores.cast(pl.Int32)


def _check_judged_once(table: HubTable, judged: pl.DataFrame) -> None:
    twice = judged.filter(pl.struct("query_id", "passage_id", "split").is_duplicated())
    if twice.height:
        raise DataError(
            f"{table.where}: passage {twice['passage_id'][0]!r} has several scores for query "
            f"{twice['query_id'][0]!r}.",
            _FIX,
        )
    several = (
        judged.group_by("query_id", maintain_order=True)
        .agg(pl.col("split").unique(maintain_order=True))
        .filter(pl.col("split").list.len() > 1)
    )
    if several.height:
        query, splits = several.row(0)
        raise DataError(
            f"{table.where}: query {query!r} is judged in {' and '.join(splits)}.",
            "A query has one split: choose with --splits.",
        )


def read_queries(
    table: HubTable, language: str, splits: Mapping[str, str], judged: pl.DataFrame
) -> pl.DataFrame:
    """The queries that are judged; the others are left out, as MTEB does.

    Args:
        table: the config.
        language: of the queries.
        splits: names of splits, and what the judgements call them.
        judged: as `read_qrels` gives them.

    Raises:
        DataError: a column or split is missing, or a query has no text.
    """
    key = _id_column(table)
    _check_columns(table, key, "text")
    wanted = judged.select("query_id", "split").unique()
    only = only_split(table, splits)
    frames = [pl.DataFrame(schema=TABLES["queries"])]
    for name, ours in [(only, [*splits])] if only else [(splits[each], [each]) for each in splits]:
        of_split = wanted.filter(pl.col("split").is_in(ours))
        for frame in table.frames(name, [key, "text"]):
            rows = pl.DataFrame(
                {"query_id": _texts(table, frame, key), "text": _texts(table, frame, "text")}
            ).join(of_split, on="query_id", maintain_order="left")
            frames.append(_with_source(rows, language))
    queries = pl.concat(frames)
    empty = queries.filter(pl.col("text").fill_null("").str.strip_chars() == "")
    if empty.height:
        raise DataError(f"{table.where}: query {empty['query_id'][0]!r} has no text.", _FIX)
    return queries


def _with_source(rows: pl.DataFrame, language: str) -> pl.DataFrame:
    source = pl.concat_str(pl.lit("q"), pl.lit(language), "query_id", separator=":")
    return rows.with_columns(source_id=source).select(*TABLES["queries"])
