from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from hybench.data import writer as writing
from hybench.data.dataset import Dataset
from hybench.data.frames import Frames
from hybench.data.preparation import prepare
from hybench.data.sources.hub import Hub, repository
from hybench.data.sources.miracl.source import Miracl
from hybench.errors import DataError, HybenchError, UsageError
from hybench.files.tables import TableWriter
from tests.cli.program import works
from tests.data.sources.hub.conftest import corpus, qrels, queries, small_tables, write_hub


def prepared(source: Hub, tmp_path: Path) -> Dataset:
    return prepare(source, tmp_path / "data").dataset


def test_tables_of_a_set_in_one_language(small: Path, tmp_path: Path) -> None:
    data = prepared(Hub(str(small)), tmp_path)
    assert (data.name, data.info.languages) == ("small", ("sw",))
    assert (data.info.licence, data.info.revision) == ("cc-by-4.0", "local files")
    assert data.passages("sw").row(0) == ("p1", "T p1", "mto mrefu", "p1")
    assert data.queries("sw").rows() == [
        ("q1", "mto gani?", "q:sw:q1", "train"),
        ("q2", "mji gani?", "q:sw:q2", "train"),
        ("q3", "mlima gani?", "q:sw:q3", "test"),
    ]
    assert data.qrels("sw").rows()[:2] == [("q1", "sw", "p1", 1), ("q1", "sw", "p2", 0)]
    assert data.pairs("sw").rows() == [
        ("sw:q1:p1", "q:sw:q1", "sw:p1", "mto gani?", "T p1 mto mrefu"),
        ("sw:q2:p4", "q:sw:q2", "sw:p4", "mji gani?", "T p4 mji mkuu"),
    ]
    assert set(data.info.inputs) == {
        "corpus/corpus-00000-of-00001.parquet",
        "queries/queries-00000-of-00001.parquet",
        "default/test-00000-of-00001.parquet",
        "default/train-00000-of-00001.parquet",
    }


def test_from_the_hubs_layout_to_an_evaluation(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "4 passages, 3 queries, 2 pairs in 1 language" in works("prepare", "hub", small).err
    assert "nDCG@10" in works("eval", "bm25", "--data", "small").out
    assert "is up to date" in works("prepare", "hub", small).err


def test_the_same_rows_as_from_frames(small: Path, tmp_path: Path) -> None:
    hub = prepared(Hub(str(small), splits=("test",)), tmp_path)
    tables = small_tables()
    frames = Frames(
        "frames",
        passages=tables["corpus"]["corpus"]
        .rename({"_id": "passage_id"})
        .with_columns(language=pl.lit("sw")),
        queries={"language": ["swh"], "query_id": ["q3"], "text": ["mlima gani?"]},
        qrels={"language": ["sw"], "query_id": ["q3"], "passage_id": ["p3"], "relevance": [1.0]},
    )
    other = prepare(frames, tmp_path / "data").dataset
    for table in ("passages", "queries", "qrels"):
        assert_frame_equal(getattr(hub, table)("sw"), getattr(other, table)("sw"))


def test_a_set_in_several_languages(tmp_path: Path) -> None:
    tables: dict[str, dict[str, pl.DataFrame]] = {}
    for code in ("swh-Latn", "yo"):
        tables |= {
            f"{code}-corpus": {"dev": corpus(f"{code} one", f"{code} two")},
            f"{code}-queries": {"dev": queries("one?")},
            f"{code}-qrels": {"dev": qrels(("q1", "p2", 1))},
        }
    folder = write_hub(tmp_path / "many", tables)
    data = prepared(Hub(str(folder)), tmp_path)
    assert data.info.counts["passages"] == {"sw": 2, "yo": 2}
    assert data.info.settings == ("mono",)
    one = prepared(Hub(str(folder), languages=("swh",)), tmp_path)
    assert (one.name, one.info.languages) == ("many-sw", ("sw",))
    assert all(name.startswith("swh-Latn-") for name in one.info.inputs)
    with pytest.raises(UsageError, match="--languages: no language te here"):
        prepared(Hub(str(folder), languages=("te",)), tmp_path)


def test_unchanged_and_changed_files(small: Path, tmp_path: Path) -> None:
    source = Hub(str(small))
    assert not prepare(source, tmp_path / "data").unchanged
    assert prepare(replace(source), tmp_path / "data").unchanged
    tables = small_tables()
    tables["corpus"]["corpus"] = corpus("a", "b", "c", "d")
    write_hub(small, tables, language="sw")
    with pytest.raises(HybenchError, match="made from other data or options"):
        prepare(replace(source), tmp_path / "data")


def test_a_corpus_passes_in_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One row group of a file is read in many frames, and only of the columns that are kept."""
    monkeypatch.setattr(repository, "ROWS", 100)
    written: list[tuple[int, list[str]]] = []

    class Counted(TableWriter):
        def write(self, frame: pl.DataFrame) -> None:
            written.append((frame.height, frame.columns))
            super().write(frame)

    monkeypatch.setattr(writing, "TableWriter", Counted)
    tables = small_tables()
    tables["corpus"]["corpus"] = corpus(*(f"text {number}" for number in range(950)))
    folder = write_hub(tmp_path / "large", tables, language="sw")
    data = prepared(Hub(str(folder), splits=("test",)), tmp_path)
    assert data.info.counts["passages"] == {"sw": 950}
    passages = [height for height, columns in written if "title" in columns]
    assert passages == [100] * 9 + [50]
    assert not any("other" in columns for _, columns in written)


def test_ids_may_be_numbers_and_titles_and_scores_missing(tmp_path: Path) -> None:
    tables = {
        "corpus": {"train": pl.DataFrame({"id": [1, 2], "text": ["one", None]})},
        "queries": {"train": pl.DataFrame({"id": [7], "text": ["one?"]})},
        "qrels": {"train": pl.DataFrame({"query-id": [7], "corpus-id": [1]})},
    }
    folder = write_hub(tmp_path / "bare", tables)
    data = prepared(Hub(str(folder), language="yor"), tmp_path)
    assert data.passages("yo").rows() == [("1", "", "one", "1"), ("2", "", "", "2")]
    assert data.qrels("yo").rows() == [("7", "yo", "1", 1)]


@pytest.mark.parametrize(
    ("table", "split", "frame", "what"),
    [
        ("corpus", "corpus", corpus("a"), "passage 'p2', judged for query 'q1', is not in the sw"),
        ("queries", "queries", queries("a"), "query 'q2' is judged but not among the queries"),
        ("queries", "queries", queries("a", " ", "c"), "queries: query 'q2' has no text"),
        ("queries", "queries", pl.DataFrame({"_id": ["q1"]}), "queries has no column text"),
        ("corpus", "corpus", pl.DataFrame({"text": ["a"]}), "corpus has no column _id"),
        ("corpus", "corpus", pl.DataFrame({"_id": ["a"], "text": [[1.0]]}), "text is List"),
        ("default", "test", pl.DataFrame({"qid": ["q1"]}), "no column query-id and corpus-id"),
        ("default", "test", qrels(("q3", "p3", 0.5)), "passage 'p3' is 0.5, not a whole number"),
        ("default", "test", qrels(("q1", "p3", 1)), "query 'q1' is judged in train and test"),
        ("default", "test", qrels(("q3", "p3", 1), ("q3", "p3", 2)), "'p3' has several scores"),
    ],
)
def test_a_fault_of_a_table_is_named(
    small: Path, tmp_path: Path, table: str, split: str, frame: pl.DataFrame, what: str
) -> None:
    tables: dict[str, Any] = small_tables()
    if table == "default" and "qid" in frame.columns:
        tables["default"].pop("train")
    tables[table][split] = frame
    write_hub(small, tables, language="sw")
    with pytest.raises(DataError, match=what) as raised:
        prepared(Hub(str(small)), tmp_path)
    assert "\n" not in raised.value.what
    assert not list((tmp_path / "data").glob("small/*"))


def test_a_damaged_file_is_named(
    small: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = small / "corpus" / "corpus-00000-of-00001.parquet"
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(DataError, match="corpus cannot be read: Parquet magic bytes not found"):
        prepared(Hub(str(small)), tmp_path)
    file.unlink()
    with pytest.raises(DataError, match="corpus cannot be read: At least one valid data file"):
        prepared(Hub(str(small)), tmp_path)
    assert capfd.readouterr() == ("", "")


def test_json_lines_instead_of_parquet(small: Path, tmp_path: Path) -> None:
    parquet = prepared(Hub(str(small), splits=("test",)), tmp_path)
    for file in small.rglob("*.parquet"):
        pl.read_parquet(file).write_ndjson(file.with_suffix(".jsonl"))
        file.unlink()
    data = prepare(Hub(str(small), splits=("test",)), tmp_path / "lines").dataset
    assert data.info.files == parquet.info.files


def test_real_yoruba_as_the_hub_has_it(shared_data: Path, tmp_path: Path) -> None:
    """MIRACL in MTEB's layout gives the tables that MIRACL's own files give."""
    there = prepare(Miracl(("yo",), shared_data / "miracl"), tmp_path / "data").dataset
    tables = {
        "yo-corpus": {
            "dev": there.passages("yo").select("title", "text", _id="passage_id"),
        },
        "yo-queries": {"dev": there.queries("yo").select("text", _id="query_id")},
        "yo-qrels": {
            "dev": there.qrels("yo").select(
                pl.col("query_id").alias("query-id"),
                pl.col("passage_id").alias("corpus-id"),
                score="relevance",
            )
        },
    }
    data = prepared(Hub(str(write_hub(tmp_path / "yo", tables))), tmp_path)
    assert data.info.counts == there.info.counts
    for table in ("passages", "queries", "qrels"):
        assert_frame_equal(getattr(data, table)("yo"), getattr(there, table)("yo"))


def test_a_folder_of_links_as_in_the_hubs_cache(small: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    for number, file in enumerate(sorted(small.rglob("*.*"))):
        link = cache / "snapshots" / "c0ffee" / file.relative_to(small)
        link.parent.mkdir(parents=True, exist_ok=True)
        blob = cache / "blobs" / str(number)
        blob.parent.mkdir(exist_ok=True)
        blob.write_bytes(file.read_bytes())
        link.symlink_to(blob)
    data = prepared(Hub(str(cache / "snapshots" / "c0ffee")), tmp_path)
    assert data.info.inputs == prepared(Hub(str(small)), tmp_path).info.inputs
