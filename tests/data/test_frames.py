"""Frames in memory become the same set as files of the same rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from hybench.data.dataset import Dataset
from hybench.data.frames import Frames
from hybench.data.preparation import prepare
from hybench.data.schema import TABLES
from hybench.data.sources.jsonl.source import Jsonl
from hybench.errors import DataError, UsageError

PASSAGES = {
    "language": ["en", "en", "sw"],
    "passage_id": ["p1", "p2", "p1"],
    "text": ["red", "blue", "nyekundu"],
}
QUERIES = {"language": ["en", "sw"], "query_id": ["q1", "q1"], "text": ["red?", "nyekundu?"]}
QRELS = {
    "language": ["en", "sw", "sw"],
    "query_id": ["q1", "q1", "q1"],
    "passage_lang": ["en", "sw", "en"],
    "passage_id": ["p1", "p1", "p1"],
}
PAIRS = {
    "language": ["en", "sw"],
    "pair_id": ["1", "1"],
    "query": ["green?", "kijani?"],
    "passage": ["green", "kijani"],
}


def frames(**changed: Any) -> Frames:
    tables = {"passages": PASSAGES, "queries": QUERIES, "qrels": QRELS, "pairs": PAIRS}
    return Frames("mine", **{**tables, **changed})


def test_the_set_is_that_of_the_same_rows_in_files(tmp_path: Path) -> None:
    files = tmp_path / "files"
    for folder in ("corpus", "queries", "qrels"):
        (files / folder).mkdir(parents=True)
    lines: dict[str, list[str]] = {}
    for language, name, text in zip(*PASSAGES.values(), strict=True):
        row = {"_id": name, "text": text, "title": ""}
        lines.setdefault(f"corpus/{language}.jsonl", []).append(json.dumps(row))
    for language, name, text in zip(*QUERIES.values(), strict=True):
        lines.setdefault(f"queries/{language}.jsonl", []).append(
            json.dumps({"_id": name, "text": text})
        )
    for language, query, of, passage in zip(*QRELS.values(), strict=True):
        rows = lines.setdefault(
            f"qrels/{language}.tsv", ["query-id\tcorpus-id\tscore\tcorpus-lang"]
        )
        rows.append(f"{query}\t{passage}\t1\t{of}")
    pair = {"_id": "1", "query": {"en": "green?", "sw": "kijani?"}}
    lines["pairs.jsonl"] = [json.dumps(pair | {"passage": {"en": "green", "sw": "kijani"}})]
    for name, rows in lines.items():
        (files / name).write_text("\n".join(rows) + "\n", encoding="utf-8")
    theirs = prepare(Jsonl(files), tmp_path / "data", "files").dataset
    ours = prepare(frames(), tmp_path / "data").dataset
    assert ours.info.counts == theirs.info.counts
    assert ours.info.settings == theirs.info.settings == ("mono", "cross", "multi")
    assert ours.info.metrics == theirs.info.metrics
    for table in TABLES:
        for language in ("en", "sw"):
            read = [each.scan(table, language).collect().rows() for each in (ours, theirs)]
            assert read[0] == read[1]


@pytest.mark.parametrize("make", [pl.DataFrame, dict, lambda table: pl.DataFrame(table).to_dicts()])
def test_tables_of_several_kinds(make: Any, tmp_path: Path) -> None:
    found = prepare(frames(passages=make(PASSAGES)), tmp_path).dataset
    assert found.passages("en")["text"].to_list() == ["red", "blue"]


def test_pandas_frames_too(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    found = prepare(frames(passages=pandas.DataFrame(PASSAGES)), tmp_path).dataset
    assert found.passages("sw")["text"].to_list() == ["nyekundu"]


def test_languages_get_their_stored_codes(tmp_path: Path) -> None:
    passages = {**PASSAGES, "language": ["eng", "eng", "swh"]}
    found = prepare(frames(passages=passages), tmp_path).dataset
    assert found.info.languages == ("en", "sw")


def test_an_unchanged_set_is_recognised_and_another_is_not_overwritten(tmp_path: Path) -> None:
    from hybench.errors import StateError

    assert not prepare(frames(), tmp_path).unchanged
    assert prepare(frames(), tmp_path).unchanged
    with pytest.raises(StateError, match="made from other data"):
        prepare(frames(pairs={**PAIRS, "query": ["green?", "KIJANI?"]}), tmp_path)


def test_whole_numbers_are_ids(tmp_path: Path) -> None:
    pairs = {**PAIRS, "pair_id": [7, 7]}
    found: Dataset = prepare(frames(pairs=pairs), tmp_path).dataset
    assert found.pairs("sw")["pair_id"].to_list() == ["7"]
    assert found.pairs("sw")["source_id"].to_list() == ["p:7"]


@pytest.mark.parametrize(
    ("table", "changed", "says"),
    [
        ("passages", {"text": ["red", None, "x"]}, "text is not texts"),
        ("passages", {"text": [1.5, 2.0, 3.0]}, "text is not texts"),
        ("passages", {"language": ["en", "en", "??"]}, "language: '??'"),
        ("qrels", {"relevance": [1.0, 0.5, 1.0]}, "relevance is not whole numbers"),
        ("qrels", {"relevance": ["1", "1", "1"]}, "relevance is not whole numbers"),
        ("queries", {"split": ["test", "final"]}, "no split 'final'"),
    ],
)
def test_wrong_values_are_named(table: str, changed: dict[str, Any], says: str) -> None:
    own = {"passages": PASSAGES, "queries": QUERIES, "qrels": QRELS}[table]
    with pytest.raises(DataError) as told:
        frames(**{table: {**own, **changed}})
    assert table in told.value.what
    assert says in told.value.what


def test_missing_columns_and_tables_are_named() -> None:
    with pytest.raises(DataError, match="queries has no column text"):
        frames(queries={"language": ["en"], "query_id": ["q1"], "question": ["red?"]})
    with pytest.raises(UsageError, match="has no tables"):
        Frames("empty")
    with pytest.raises(UsageError, match="passages is a int that cannot become a frame"):
        frames(passages=3)


def test_titles_and_source_ids_may_be_null(tmp_path: Path) -> None:
    passages = {**PASSAGES, "title": ["Colours", None, None], "source_id": [None, 7, None]}
    queries = {**QUERIES, "source_id": [None, None]}
    pairs = {**PAIRS, "pair_id": [3, 4], "query_source_id": [None, "q"]}
    found = prepare(frames(passages=passages, queries=queries, pairs=pairs), tmp_path).dataset
    assert found.passages("en")["title"].to_list() == ["Colours", ""]
    assert found.passages("en")["source_id"].to_list() == ["p1", "7"]
    assert found.queries("sw")["source_id"].to_list() == ["q:sw:q1"]
    assert found.pairs("en")["query_source_id"].to_list() == ["q:3"]
    assert found.pairs("sw")["query_source_id"].to_list() == ["q"]


def test_categories_and_lazy_frames(tmp_path: Path) -> None:
    queries = pl.DataFrame({**QUERIES, "split": ["test", "test"]}).cast(
        {"language": pl.Categorical, "split": pl.Enum(["dev", "test"]), "text": pl.Categorical}
    )
    lazy = pl.LazyFrame(PASSAGES)
    found = prepare(frames(queries=queries, passages=lazy), tmp_path).dataset
    assert found.queries("en")["text"].to_list() == ["red?"]
    assert found.splits == ("test",)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"metrics": "AP"}, "metrics is 'AP'"),
        ({"metrics": ()}, r"metrics is \(\)"),
        ({"metrics": ("nope",)}, "no metric 'nope'"),
        ({"depth": 0}, "depth is 0"),
        ({"depth": "3"}, "depth is '3'"),
        ({"licence": None}, "licence is None"),
    ],
)
def test_words_on_the_set_are_checked_before_it_is_written(
    words: dict[str, Any], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        frames(**words)


def test_a_name_must_be_a_text() -> None:
    with pytest.raises(UsageError, match="name is 3"):
        Frames(3, passages=PASSAGES)  # type: ignore[arg-type]


def test_why_a_table_is_no_frame_is_told() -> None:
    with pytest.raises(UsageError, match="passages is a text"):
        frames(passages="corpus.csv")
    with pytest.raises(
        UsageError, match=r"passages is a dict that cannot become a frame: .*height"
    ):
        frames(passages={**PASSAGES, "text": ["red"]})
    with pytest.raises(DataError, match="no column") as raised:
        frames(passages=[])
    assert raised.value.do == "It has: none. Rename them."


def test_rows_are_not_in_what_is_printed() -> None:
    assert repr(frames()) == (
        "Frames('mine', passages=3 rows, queries=2 rows, qrels=3 rows, pairs=2 rows)"
    )


def test_judgements_are_checked_as_those_of_every_source(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not in the en corpus"):
        prepare(frames(qrels={**QRELS, "passage_id": ["p9", "p1", "p1"]}), tmp_path)
