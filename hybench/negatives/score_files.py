"""Files of teachers' scores: queries with passages and how a teacher scored them.

Read are, packed with gzip or not:

- JSON lines of objects: ``query`` (the text) or ``query_id``; ``positives`` and ``negatives``, each
  a text or a list of texts, or of objects with ``text``, ``id`` and ``score``; instead of texts
  ids, ``positive_ids`` and ``negative_ids``; ``positive_scores`` and ``negative_scores``, or
  ``scores`` of the positives, then the negatives. `_NAMES` lists what else the keys may be called.
  FlagEmbedding's files are such, and so are, as their card describes them, the grouped lines of
  WebFAQ 2.0's hard negatives (arXiv 2602.17327).
- JSON lines of lists, ``[query_id, [passage_id, score], ...]``: Translate-Distill's
  ``hltcoe/tdist-msmarco-scores`` (arXiv 2401.04810), as ColBERT's training reads them.
- TREC runs, ``query_id Q0 passage_id rank score tag``: what WebFAQ's scored answers are in
  ``PaDaS-Lab/webfaq-ir-datasets``.
- Parquet with the columns of the objects, or a row per query and passage: ``query`` or
  ``query_id``, ``passage`` or ``passage_id``, and ``score``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import polars as pl

from hybench.data.lines import read_lines
from hybench.errors import DataError, UsageError
from hybench.files.tables import scan_table

RECORDS = {
    "query": pl.String(),
    "query_id": pl.String(),
    "passage": pl.String(),
    "passage_id": pl.String(),
    "score": pl.Float64(),
}
"""Columns of what is read: a row per query and passage; null is what is not given."""

AT_ONCE = 200_000
"""Rows of a frame, about."""

_NAMES: Mapping[str, tuple[str, ...]] = {
    "query": ("query", "question", "anchor"),
    "query_id": ("query_id", "query-id", "qid", "question_id", "_id", "id"),
    "positives": ("positives", "positive", "pos", "answer", "positive_passages", "pos_text"),
    "negatives": (
        "negatives", "negative", "neg", "hard_negatives", "negative_passages", "negs_text",
    ),
    "positive_ids": ("positive_ids", "positive_id", "pos_ids", "pos_id"),
    "negative_ids": ("negative_ids", "negative_id", "neg_ids", "neg_id"),
    "positive_scores": ("positive_scores", "positive_score", "pos_scores", "pos_score"),
    "negative_scores": (
        "negative_scores", "negative_score", "neg_scores", "neg_score", "negs_score",
    ),
    "scores": ("scores", "score"),
    "passage": ("passage", "text", "document"),
    "passage_id": ("passage_id", "docid", "pid", "corpus-id", "doc_id", "_id", "id"),
}  # fmt: skip
"""The names of each key, in the order of preference."""

_TREC_COLUMNS = 6
_LAYOUTS = (
    'JSON lines {"query": ..., "positives": [...], "negatives": [...], "scores": [...]} or '
    "[query_id, [passage_id, score], ...], a TREC run, or Parquet"
)


def read_scores(path: Path) -> Iterator[pl.DataFrame]:
    """Read a file of teachers' scores, in frames of `RECORDS`.

    Raises:
        UsageError: there is no such file.
        DataError: it has none of the layouts, or a line has another one.
    """
    if not path.is_file():
        raise UsageError(f"--teacher-scores: there is no file {path}.", "Check the path.")
    records = _parquet(path) if path.suffix == ".parquet" else _lines(path)
    rows: list[tuple[Any, ...]] = []
    some = False
    for record in records:
        rows += record
        some = some or bool(record)
        if len(rows) >= AT_ONCE:
            yield pl.DataFrame(rows, RECORDS, orient="row")
            rows = []
    if rows:
        yield pl.DataFrame(rows, RECORDS, orient="row")
    if not some:
        raise DataError(f"{path} has no scores.", f"Give {_LAYOUTS}.")


def _lines(path: Path) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of each line."""
    for number, line in read_lines(path):
        where = f"{path}, line {number}"
        text = line.strip()
        if not text:
            continue
        if text[0] in "[{":
            try:
                value = json.loads(text)
            except ValueError as error:
                raise DataError(f"{where}: not JSON: {error}.", f"Give {_LAYOUTS}.") from error
            yield _of_list(value, where) if isinstance(value, list) else _of_object(value, where)
        else:
            yield [_of_run(text, where)]


def _parquet(path: Path) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of each row of a table."""
    try:
        for row in scan_table(path).collect(engine="streaming").iter_rows(named=True):
            yield _of_object(row, str(path))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"{path} cannot be read as Parquet: {error}.", "Check it.") from error


def _wrong(where: str, what: str) -> NoReturn:
    raise DataError(f"{where}: {what}.", f"Give {_LAYOUTS}.")


def _of_run(text: str, where: str) -> tuple[Any, ...]:
    parts = text.split()
    if len(parts) != _TREC_COLUMNS:
        _wrong(where, f"{len(parts)} columns, not the {_TREC_COLUMNS} of a TREC run")
    return (None, parts[0], None, parts[2], _score(parts[4], where))


def _of_list(value: list[Any], where: str) -> list[tuple[Any, ...]]:
    query, *pairs = value or [None]
    rows = []
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2:
            _wrong(where, f"{str(pair)[:80]} is not [passage_id, score]")
        rows.append((None, _id(query, where), None, _id(pair[0], where), _score(pair[1], where)))
    return rows


def _of_object(value: Mapping[str, Any], where: str) -> list[tuple[Any, ...]]:
    query, query_id = _get(value, "query"), _get(value, "query_id")
    if query is None and query_id is None:
        _wrong(where, f"no query or query_id among {', '.join(map(str, value))}")
    named = None if query_id is None else _id(query_id, where)
    asked = None if query is None else str(query)
    sides = {side: _side(value, side, where) for side in ("positive", "negative")}
    if not any(sides.values()):
        passage, one = _get(value, "passage"), _get(value, "scores")
        own = _get(value, "passage_id")
        if one is None or (passage is None and own is None):
            _wrong(where, "no positives, negatives or passage")
        of = None if own is None else _id(own, where)
        return [(asked, named, passage, of, _score(one, where))]
    passages = [*sides["positive"], *sides["negative"]]
    scores = _scores(value, sides, where)
    return [
        (asked, named, text, of, _score(score, where))
        for (text, of, _), score in zip(passages, scores, strict=True)
    ]


def _side(value: Mapping[str, Any], side: str, where: str) -> list[tuple[Any, Any, Any]]:
    """Text, id and score of the positives or of the negatives of an object."""
    texts, ids = _listed(_get(value, f"{side}s")), _listed(_get(value, f"{side}_ids"))
    if texts and ids and len(texts) != len(ids):
        _wrong(where, f"{len(texts)} {side}s and {len(ids)} ids")
    rows = []
    for place in range(max(len(texts), len(ids))):
        text = texts[place] if texts else None
        own, score = ids[place] if ids else None, None
        if isinstance(text, Mapping):
            own, score = _get(text, "passage_id"), _get(text, "scores")
            title, body = text.get("title"), _get(text, "passage")
            text = f"{title} {body}" if title else body
        elif text is not None and not isinstance(text, str):
            _wrong(where, f"a {side} is {str(text)[:80]}, not a text")
        rows.append((text, None if own is None else _id(own, where), score))
    return rows


def _scores(
    value: Mapping[str, Any], sides: Mapping[str, list[tuple[Any, Any, Any]]], where: str
) -> list[Any]:
    """The scores of an object's positives, then of its negatives."""
    every: list[Any] = []
    joined = _listed(_get(value, "scores"))
    for side, rows in sides.items():
        own = _listed(_get(value, f"{side}_scores")) or [score for _, _, score in rows]
        if len(own) != len(rows):
            _wrong(where, f"{len(rows)} {side}s and {len(own)} scores")
        every += own
    if joined and len(joined) == len(every):
        return joined
    if joined and len(joined) == len(sides["negative"]):  # of the negatives alone
        return every[: len(sides["positive"])] + joined
    if joined:
        _wrong(where, f"{len(every)} passages and {len(joined)} scores")
    return every


def _get(value: Mapping[str, Any], key: str) -> Any:
    return next((value[name] for name in _NAMES[key] if value.get(name) is not None), None)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _id(value: Any, where: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        _wrong(where, f"{str(value)[:80]} is not an id")
    return str(value)


def _score(value: Any, where: str) -> float | None:
    """A score; None where a passage has none."""
    if value is None:
        return None
    try:
        score = float(value)
    except (TypeError, ValueError):
        _wrong(where, f"{str(value)[:80]} is not a score")
    if not math.isfinite(score):
        _wrong(where, f"a score is {score}")
    return score
