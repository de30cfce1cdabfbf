"""Writes runs and judgements in TREC's formats, so that trec_eval can check our metrics.

A run has six columns (query, ``Q0``, docid, rank, score, tag), judgements have four (query, ``0``,
docid, relevance), separated by white space. In a pool of several languages the docid is the carried
id
``{language}/{passage_id}``. Scores are ours, as float32: trec_eval sorts by them itself, ties by
docid, which gives our order.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from hybench.data.dataset import Dataset
from hybench.errors import DataError
from hybench.evaluation.results import Results
from hybench.evaluation.settings import ALL
from hybench.files.atomic import writing_to


def _check_ids(frame: pl.DataFrame) -> None:
    for column in ("query_id", "passage_id"):
        bad = frame.filter(pl.col(column).str.contains(r"\s") | (pl.col(column) == ""))
        if bad.height:
            raise DataError(
                f"{column} {bad[column][0]!r} cannot be written to a TREC file: it has white "
                "space.",
                "Prepare the set with ids without white space.",
            )


def _write_lines(path: Path, frame: pl.DataFrame, line: pl.Expr) -> None:
    _check_ids(frame)
    lines = frame.select(line).to_series()
    with writing_to(path) as temporary, temporary.open("w", encoding="utf-8") as file:
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


def export_trec(results: Results, dataset: Dataset, folder: Path) -> tuple[Path, ...]:
    """Write a run and a qrels file for each search of a run's results.

    They are named ``{results}.{setting}.{query language}-{corpus language}.run`` and ``.qrels``.
    The rankings are as deep as they were stored; metrics of deeper ranks differ from ours.

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
