"""Bad lines that are left out where that is asked for."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from hybench.data.dataset import Dataset
from hybench.errors import DataError, UsageError
from tests.data.conftest import snapshot, write_lines
from tests.data.sources.jsonl.conftest import prepared


def spoil(own: Path) -> None:
    """Six lines that are faulty, or speak of those that are."""
    with (own / "corpus" / "sw.jsonl").open("a") as file:
        file.write('{"_id": "p1", "text": "again"}\nno json\n')
    with (own / "qrels" / "sw.tsv").open("a") as file:
        file.write("q2\tp2\t0\nq3\tp9999\t1\n")
    with (own / "queries" / "sw.jsonl").open("a") as file:
        file.write('{"_id": "", "text": "a"}\n')
    with (own / "pairs.jsonl").open("a") as file:
        file.write('{"_id": "x", "query": {"sw": "a"}, "passage": {}}\n')


def tables(data: Dataset) -> list[pl.DataFrame]:
    return [getattr(data, name)("sw") for name in ("passages", "queries", "qrels", "pairs")]


def test_bad_lines_are_left_out_where_that_is_asked_for(own: Path) -> None:
    whole = tables(prepared(own, name="whole").dataset)
    spoil(own)
    before = snapshot(own.parent / "data")
    for few in (0, 5):
        with pytest.raises(DataError, match="--skip-bad") as raised:
            prepared(own, name="few", skip_bad=few)
        assert snapshot(own.parent / "data") == before
    assert len(raised.value.what.splitlines()) == 6
    found = prepared(own, name="left", skip_bad=6)
    assert found.left_out.count == 6
    assert all(map(pl.DataFrame.equals, tables(found.dataset), whole))
    assert found.dataset.info.options["skip_bad"] == 6
    with pytest.raises(UsageError, match="--skip-bad: -1 is below 0"):
        prepared(own, skip_bad=-1)


def test_what_speaks_of_a_line_that_is_left_out_is_left_out_too(own: Path) -> None:
    lines = (own / "queries" / "sw.jsonl").read_text().splitlines()
    lines[5] = '{"_id": "q5", "text": " "}'
    write_lines(own / "queries" / "sw.jsonl", *lines)
    found = prepared(own, skip_bad=2)
    assert found.left_out.count == 2
    for table in ("queries", "qrels"):
        assert "q5" not in getattr(found.dataset, table)("sw")["query_id"].to_list()
