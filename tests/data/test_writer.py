from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from hybench.data.schema import TABLES
from hybench.data.writer import DatasetWriter
from hybench.errors import DataError

ROWS: dict[str, tuple[object, ...]] = {
    "passages": ("p1", "", "text", "p1"),
    "queries": ("q1", "text", "q:en:q1", "test"),
    "qrels": ("q1", "en", "p1", 1),
    "pairs": ("1", "q:1", "p:1", "query", "passage"),
}


def frame(table: str, *ids: str) -> pl.DataFrame:
    """Rows of a table that differ in their first column."""
    rows = [(key, *ROWS[table][1:]) for key in ids]
    return pl.DataFrame(rows, TABLES[table], orient="row")


@pytest.fixture
def writer(tmp_path: Path) -> DatasetWriter:
    return DatasetWriter(tmp_path)


def write_valid(writer: DatasetWriter) -> None:
    for table in TABLES:
        writer.write(table, "en", frame(table, str(ROWS[table][0])))


def test_frames_become_one_file_with_the_schema(writer: DatasetWriter, tmp_path: Path) -> None:
    frames = iter([frame("passages", "a", "b"), frame("passages"), frame("passages", "c")])
    writer.write("passages", "yo", frames)
    assert writer.counts["passages"] == {"yo": 3}
    table = pl.read_parquet(tmp_path / "passages" / "yo.parquet")
    assert table.schema == pl.Schema(TABLES["passages"])
    assert table["passage_id"].to_list() == ["a", "b", "c"]


def test_no_rows_make_no_file(writer: DatasetWriter, tmp_path: Path) -> None:
    writer.write("pairs", "yo", frame("pairs"))
    writer.write("pairs", "en", [])
    assert not list(tmp_path.iterdir())
    with pytest.raises(DataError, match="The source is empty"):
        writer.check()


def test_columns_are_cast_and_the_rest_left_out(writer: DatasetWriter, tmp_path: Path) -> None:
    wide = frame("qrels", "q1").with_columns(pl.col("relevance").cast(pl.Int64), extra=pl.lit(1))
    writer.write("qrels", "en", wide)
    assert pl.read_parquet(tmp_path / "qrels" / "en.parquet").schema == pl.Schema(TABLES["qrels"])


def test_a_source_that_fails_midway_closes_its_file(writer: DatasetWriter) -> None:
    def failing() -> Iterator[pl.DataFrame]:
        yield frame("passages", "a")
        raise DataError("bad", "mend")

    with pytest.raises(DataError, match="bad"):
        writer.write("passages", "en", failing())
    assert writer.counts["passages"] == {}


def test_a_valid_set_passes(writer: DatasetWriter) -> None:
    write_valid(writer)
    writer.check()
    assert writer.split_counts() == {"test": {"en": 1}}
    assert list(writer.file_digests()) == [f"{table}/en.parquet" for table in sorted(TABLES)]


@pytest.mark.parametrize(
    ("table", "ids", "fault"),
    [
        ("passages", ("p1", "p1"), r"passages \(en\): passage_id 'p1' is in more than one row"),
        ("queries", ("q1", "q1"), r"queries \(en\): query_id 'q1' is in more than one row"),
        ("pairs", ("1", "1"), r"pairs \(en\): pair_id '1' is in more than one row"),
        ("passages", ("p1", ""), r"passages \(en\): a row has an empty passage_id"),
        ("qrels", ("q1", "q2"), "query 'q2' is judged but not among the queries"),
        ("queries", ("q3",), "query 'q1' is judged but not among the queries"),
        ("passages", ("p2",), "passage 'p1', judged for query 'q1', is not in the en corpus"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    writer: DatasetWriter, table: str, ids: tuple[str, ...], fault: str
) -> None:
    def write_and_check() -> None:
        write_valid(writer)
        writer.write(table, "en", frame(table, *ids))
        writer.check()

    with pytest.raises(DataError, match=fault):
        write_and_check()


def test_judgements_need_their_corpus_and_their_queries(writer: DatasetWriter) -> None:
    write_valid(writer)
    other = frame("qrels", "q1").with_columns(passage_lang=pl.lit("yo"))
    writer.write("qrels", "en", other)
    with pytest.raises(DataError, match="is not in the yo corpus"):
        writer.check()
    writer.write("qrels", "en", frame("qrels", "q1"))
    writer.write("qrels", "yo", frame("qrels", "q1"))
    with pytest.raises(DataError, match=r"qrels \(yo\): there are judgements but no queries"):
        writer.check()
