"""Reading results, and choosing which."""

from __future__ import annotations

import pytest

from hybench.comparison.scores import (
    available,
    check_comparable,
    load_scores,
    read_info,
    read_results,
)
from hybench.errors import DataError, StateError
from tests.comparison.conftest import MakeRun, Row, mono

ROWS = mono({"en": [0.5, 0.7], "sw": [0.1]})


def test_keys_and_manifest(make_run: MakeRun) -> None:
    run = make_run("a", ROWS)
    make_run("a", ROWS, key="miracl@train", search="ann", recall={"en": 0.97})
    info = read_info(run, "miracl@train")
    assert info is not None
    assert (info.dataset, info.search, info.recall) == ("miracl", "ann", {"en": 0.97})
    assert read_info(run, "xquad") is None


def test_other_texts_are_refused(make_run: MakeRun) -> None:
    infos = [
        (name, read_info(make_run(name, ROWS, fingerprint=mark), "atlas"))
        for name, mark in [("a", "f0"), ("b", "f0"), ("c", "f1")]
    ]
    known = [(name, info) for name, info in infos if info is not None]
    check_comparable(known[:2])
    with pytest.raises(StateError, match="a and c were evaluated on different versions of atlas"):
        check_comparable(known)


def test_scores_in_one_long_frame(make_run: MakeRun) -> None:
    cross: list[Row] = [("cross", "en", "sw", "q1", "nDCG@10", 0.25)]
    frame = read_results(make_run("a", [*ROWS, *cross]), "atlas", {"nDCG@10"})
    scores = load_scores([None, frame], "cross", "nDCG@10")
    assert scores.rows() == [(1, "en", "sw", "q1", "en:q1", 0.25)]
    assert available([None, frame]) == [("mono", "nDCG@10"), ("cross", "nDCG@10")]
    assert read_results(make_run("a", ROWS), "atlas", {"AP"}).height == 0


def test_results_without_sources_take_queries_of_one_id_for_translations(
    make_run: MakeRun,
) -> None:
    frame = read_results(make_run("old", ROWS, parallel=True), "atlas")
    assert frame["source_id"].null_count() == frame.height
    scores = load_scores([frame], "mono", "nDCG@10")
    assert scores["source_id"].to_list() == scores["query_id"].to_list()


@pytest.mark.parametrize("old_first", [True, False])
def test_a_source_that_one_run_knows_is_that_of_all(old_first: bool, make_run: MakeRun) -> None:
    """Of q0001 no run knows it; the new one lacks it."""
    old = read_results(make_run("old", ROWS, parallel=True), "atlas")
    new = read_results(make_run("new", [ROWS[0], ROWS[2]]), "atlas")
    scores = load_scores([old, new] if old_first else [new, old], "mono", "nDCG@10")
    found = {row[:4]: row[4] for row in scores.drop("value").iter_rows()}
    known, other = (0, 1) if old_first else (1, 0)
    assert found == {
        (known, "en", "en", "q0000"): "en:q0000",
        (other, "en", "en", "q0000"): "en:q0000",
        (known, "en", "en", "q0001"): "q0001",
        (known, "sw", "sw", "q0000"): "sw:q0000",
        (other, "sw", "sw", "q0000"): "sw:q0000",
    }


def test_broken_files_are_data_errors(make_run: MakeRun) -> None:
    run = make_run("a", [*ROWS, ROWS[0]])
    with pytest.raises(DataError, match="two values for one query"):
        read_results(run, "atlas")
    run.results("atlas").write_bytes(b"PAR1 torn")
    with pytest.raises(DataError, match="cannot be read"):
        read_results(run, "atlas")
    run.results("atlas").unlink()
    with pytest.raises(DataError, match="cannot be read"):
        read_results(run, "atlas")
    run.results_info("atlas").write_text('{"dataset": "atlas"}')
    with pytest.raises(DataError, match="another layout"):
        read_info(run, "atlas")
