"""Layouts of files of teachers' scores, and what is wrong with others."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from hybench.errors import DataError, UsageError
from hybench.negatives.score_files import RECORDS, read_scores

TEXTS = [("q", None, "p", None, 9.0), ("q", None, "n", None, 1.0), ("q", None, "m", None, 0.5)]
IDS = [(None, "7", None, "1", 9.0), (None, "7", None, "2", 1.0), (None, "7", None, "3", 0.5)]

OBJECTS: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "joined": (
        {"query": "q", "positives": ["p"], "negatives": ["n", "m"], "scores": [9, 1, 0.5]},
        TEXTS,
    ),
    "apart": (
        {"query": "q", "pos": ["p"], "neg": ["n", "m"], "pos_scores": [9], "neg_scores": [1, 0.5]},
        TEXTS,
    ),
    "one positive": (
        {"query": "q", "positive": "p", "negatives": ["n", "m"], "positive_score": 9.0,
         "scores": [1, 0.5]},
        TEXTS,
    ),
    "objects": (
        {"question": "q", "answer": {"text": "p", "score": 9},
         "negatives": [{"text": "n", "score": 1}, {"text": "m", "score": 0.5}]},
        TEXTS,
    ),
    "ids": (
        {"qid": 7, "positive_ids": [1], "negative_ids": [2, 3], "scores": [9, 1, 0.5]},
        IDS,
    ),
}  # fmt: skip


def read(path: Path) -> list[Any]:
    return pl.concat([pl.DataFrame(schema=RECORDS), *read_scores(path)]).rows()


@pytest.mark.parametrize("layout", OBJECTS)
@pytest.mark.parametrize("form", ["jsonl", "jsonl.gz", "parquet"])
def test_objects(tmp_path: Path, layout: str, form: str) -> None:
    value, rows = OBJECTS[layout]
    path = tmp_path / f"scores.{form}"
    if form == "parquet":
        pl.DataFrame([value], strict=False).write_parquet(path)
    else:
        data = (json.dumps(value) + "\n\n").encode()
        path.write_bytes(gzip.compress(data) if form.endswith("gz") else data)
    assert read(path) == rows


def test_lists_of_translate_distill(tmp_path: Path) -> None:
    path = tmp_path / "t53b-monot5-msmarco-engeng.jsonl.gz"
    path.write_bytes(gzip.compress(b'[7, [1, 9.0], [2, 1], ["3", 0.5]]\n'))
    assert read(path) == IDS


def test_runs_of_trec(tmp_path: Path) -> None:
    path = tmp_path / "run.txt"
    path.write_text("7 Q0 1 1 9.0 bge\n7 Q0 2 2 1.0 bge\n7\tQ0\t3\t3\t.5\tbge\n", encoding="utf-8")
    assert read(path) == IDS


def test_a_row_per_query_and_passage(tmp_path: Path) -> None:
    path = tmp_path / "scores.parquet"
    frame = pl.DataFrame(IDS, ["a", "query_id", "b", "passage_id", "score"], orient="row")
    frame.drop("a", "b").write_parquet(path)
    assert read(path) == IDS


@pytest.mark.parametrize(
    ("line", "match"),
    [
        ('{"query": "q", "negatives": ["n"], "scores": [1, 2, 3]}', "1 passages and 3 scores"),
        ('{"query": "q", "neg": ["n"], "neg_scores": [1, 2]}', "1 negatives and 2 scores"),
        ('{"negatives": ["n"], "scores": [1]}', "no query or query_id among negatives, scores"),
        ('{"query": "q", "scores": [1]}', "no positives, negatives or passage"),
        ('{"query": "q", "neg": [["n"]], "scores": [1]}', "not a text"),
        ('{"query": "q", "neg": ["n"], "scores": ["high"]}', "high is not a score"),
        ('{"query": "q", "neg": ["n"], "scores": [NaN]}', "a score is nan"),
        ('[7, [1, 2, 3]]', r"\[1, 2, 3\] is not \[passage_id, score\]"),
        ("[[7], [1, 2]]", r"\[7\] is not an id"),
        ('{"query": ', "not JSON"),
        ("7 1 9.0", "3 columns, not the 6 of a TREC run"),
    ],
)  # fmt: skip
def test_a_line_of_another_layout_is_told(tmp_path: Path, line: str, match: str) -> None:
    path = tmp_path / "scores.jsonl"
    path.write_text(f"[7, [1, 2.0]]\n{line}\n", encoding="utf-8")
    with pytest.raises(DataError, match=match) as caught:
        read(path)
    assert f"{path}, line 2: " in caught.value.what


def test_what_is_no_file_of_scores_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no file"):
        read(tmp_path / "nosuch.jsonl")
    path = tmp_path / "scores.parquet"
    path.write_bytes(b"no table")
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        read(path)
    pl.DataFrame({"query": [], "scores": []}).write_parquet(path)
    with pytest.raises(DataError, match="has no scores"):
        read(path)
