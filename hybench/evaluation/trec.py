"""Runs and judgements in TREC's formats, so that trec_eval and its kin can check ours.

A run has six columns (query, ``Q0``, docid, rank, score, tag), judgements have four (query, ``0``,
docid, relevance), between white space. In a pool of several languages the docid is the carried id
``{language}/{passage_id}``. Scores are ours, as float32: trec_eval sorts by them itself, ties by
docid, and so gets our order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from hybench.data.schema import Dataset
from hybench.errors import DataError, UsageError
from hybench.evaluation.results import Results
from hybench.evaluation.settings import ALL
from hybench.storage import replacing_file

RUN_SCHEMA = {"query_id": pl.String(), "passage_id": pl.String(), "score": pl.Float64()}
QRELS_SCHEMA = {"query_id": pl.String(), "passage_id": pl.String(), "relevance": pl.Int32()}


def _check_ids(frame: pl.DataFrame) -> None:
    for column in ("query_id", "passage_id"):
        bad = frame.filter(pl.col(column).str.contains(r"\s") | (pl.col(column) == ""))
        if bad.height:
            raise DataError(
                f"{column} {bad[column][0]!r} cannot stand in a TREC file: it has white space.",
                "Prepare the set with ids that have none.",
            )


def _write_lines(path: Path, frame: pl.DataFrame, line: pl.Expr) -> None:
    _check_ids(frame)
    lines = frame.select(line).to_series()
    with replacing_file(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.writelines(f"{one}\n" for one in lines)


def write_run(path: Path, hits: pl.DataFrame, tag: str) -> None:
    """Write a run file.

    Args:
        path: where to.
        hits: query_id, passage_id, rank, score (Float32).
        tag: the run's name; white space in it becomes ``_``.

    Raises:
        DataError: an id has white space.
    """
    score = pl.col("score").cast(pl.Float32).map_elements(_shortest, return_dtype=pl.String)
    last = pl.lit("_".join(tag.split()) or "hybench")
    _write_lines(
        path,
        hits,
        pl.concat_str("query_id", pl.lit("Q0"), "passage_id", "rank", score, last, separator=" "),
    )


def _shortest(score: float) -> str:
    """The shortest decimal that float32 reads back as `score`."""
    return str(np.float32(score))


def write_qrels(path: Path, qrels: pl.DataFrame) -> None:
    """Write a file of judgements: query_id, passage_id, relevance.

    Raises:
        DataError: an id has white space.
    """
    line = pl.concat_str("query_id", pl.lit("0"), "passage_id", "relevance", separator=" ")
    _write_lines(path, qrels, line)


def _fields(path: Path, width: int) -> Iterator[tuple[int, list[str]]]:
    """Number and fields of each line that is not empty."""
    number = 0
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                fields = line.split()
                if not fields:
                    continue
                if len(fields) != width:
                    raise DataError(
                        f"{path}, line {number}: {len(fields)} columns, not {width}.",
                        "Its lines must be TREC's, columns between white space.",
                    )
                yield number, fields
    except UnicodeDecodeError as error:
        raise DataError(f"{path}, after line {number}: not UTF-8.", "Convert it.") from error
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror or error}.", "Check the path."
        ) from error


def _read(
    path: Path, width: int, column: int, parse: Callable[[str], Any], what: str
) -> list[tuple[str, str, Any]]:
    rows: list[tuple[str, str, Any]] = []
    seen: set[tuple[str, str]] = set()
    for number, fields in _fields(path, width):
        query_id, passage_id = fields[0], fields[2]
        try:
            value = parse(fields[column])
        except ValueError as error:
            raise DataError(
                f"{path}, line {number}: {fields[column]!r} is no {what}.", "Correct the line."
            ) from error
        if value != value:  # noqa: PLR0124 - NaN
            raise DataError(f"{path}, line {number}: the {what} is NaN.", "Correct the line.")
        if (query_id, passage_id) in seen:
            raise DataError(
                f"{path}, line {number}: {passage_id!r} stands twice for query {query_id!r}.",
                "Remove one of the two.",
            )
        seen.add((query_id, passage_id))
        rows.append((query_id, passage_id, value))
    return rows


def read_run(path: Path) -> pl.DataFrame:
    """Read a run file: query_id, passage_id, score (Float64), in the file's order.

    The column rank is not read: as for trec_eval, the scores make the ranking.

    Raises:
        UsageError: the file cannot be read.
        DataError: a line is malformed; the message names it.
    """
    return pl.DataFrame(_read(path, 6, 4, float, "score"), schema=RUN_SCHEMA, orient="row")


def read_qrels(path: Path) -> pl.DataFrame:
    """Read a file of judgements: query_id, passage_id, relevance (Int32), in the file's order.

    Raises:
        UsageError: the file cannot be read.
        DataError: a line is malformed; the message names it.
    """
    return pl.DataFrame(_read(path, 4, 3, int, "relevance"), schema=QRELS_SCHEMA, orient="row")


def export_trec(results: Results, dataset: Dataset, folder: Path) -> tuple[Path, ...]:
    """Write a run and a qrels file for each search of a run's results.

    They are named ``{results}.{setting}.{query language}-{corpus language}.run`` and ``.qrels``.
    The rankings are as deep as they were kept; measures of deeper ranks differ from ours.

    Raises:
        DataError: an id has white space.
    """
    written: list[Path] = []
    rankings = results.rankings()
    searches = results.values.select("setting", "query_lang", "corpus_lang").unique().sort(pl.all())
    for setting, query_lang, corpus_lang in searches.iter_rows():
        hits = rankings.filter(
            pl.col("setting") == setting,
            pl.col("query_lang") == query_lang,
            pl.col("corpus_lang") == corpus_lang,
        ).collect()
        queries = dataset.queries(query_lang, results.info.split).select("query_id")
        qrels = dataset.qrels(query_lang).join(queries, on="query_id", how="semi")
        if corpus_lang == ALL:
            carried = pl.concat_str("passage_lang", pl.lit("/"), "passage_id").alias("passage_id")
            hits, qrels = hits.with_columns(carried), qrels.with_columns(carried)
        else:
            qrels = qrels.filter(pl.col("passage_lang") == corpus_lang)
        name = f"{results.key}.{setting}.{query_lang}-{corpus_lang}"
        write_run(folder / f"{name}.run", hits, results.run.name)
        write_qrels(folder / f"{name}.qrels", qrels)
        written += [folder / f"{name}.run", folder / f"{name}.qrels"]
    return tuple(written)
