"""What is paired with what, and what is said of the rest."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from hybench.statistics.pairing import pair

Score = tuple[int, str, str, str, float | None]


def _scores(rows: list[Score]) -> pl.DataFrame:
    schema = {
        "run": pl.UInt32,
        "language": pl.String,
        "corpus_lang": pl.String,
        "query_id": pl.String,
        "value": pl.Float64,
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(source_id=pl.lit("s:") + pl.col("query_id"))


def test_common_queries_in_one_order() -> None:
    scores = _scores(
        [
            (0, "en", "en", "q2", 0.2),
            (0, "en", "en", "q1", 0.1),
            (1, "en", "en", "q1", 0.5),
            (1, "en", "en", "q2", 0.6),
            (1, "en", "en", "q3", 0.9),
            (1, "sw", "sw", "q1", 0.4),
        ]
    )
    paired, notes = pair(scores, {0: 0, 1: 1}, ["a", "b"])
    assert paired["en"].queries == ("q1", "q2")
    assert paired["en"].values.tolist() == [[0.1, 0.5], [0.2, 0.6]]
    assert paired["en"].means() == pytest.approx({0: 0.15, 1: 0.55})
    assert paired["sw"].arms == (1,)
    assert notes == [
        "Unequal query sets: paired on what all runs with the language have (en 2 of 3)."
    ]


def test_sources_are_numbered_over_all_languages() -> None:
    """Whatever the order of their names, and though a language lacks some."""
    rows: list[Score] = [
        (run, language, language, query, 0.5)
        for run in (0, 1)
        for language, queries in (("en", "ba"), ("sw", "cb"), ("te", "d"))
        for query in queries
    ]
    paired, _ = pair(_scores(rows), {0: 0, 1: 1}, ["a", "b"])
    assert {name: of.queries for name, of in paired.items()} == {
        "en": ("a", "b"), "sw": ("b", "c"), "te": ("d",),
    }  # fmt: skip
    assert paired["en"].sources[1] == paired["sw"].sources[0]
    every = np.concatenate([of.sources for of in paired.values()])
    assert len(set(every.tolist())) == 4
    frame = _scores(rows).with_columns(source_id=pl.lit("one"))
    paired, _ = pair(frame, {0: 0, 1: 1}, ["a", "b"])
    assert paired["en"].sources.tolist() == [0, 0], "two queries of one source"


def test_how_many_were_asked_is_what_any_run_has() -> None:
    rows: list[Score] = [(0, "en", "en", f"q{at}", 0.5) for at in range(119)]
    rows += [(1, "en", "en", f"q{at}", 0.5 if at < 33 else None) for at in range(119)]
    paired, _ = pair(_scores(rows), {0: 0, 1: 1}, ["a", "b"])
    assert (len(paired["en"].queries), paired["en"].asked) == (33, 119)


def test_cross_averages_over_corpora_that_both_have() -> None:
    scores = _scores(
        [
            (0, "en", "de", "q1", 0.2),
            (0, "en", "sw", "q1", 0.4),
            (1, "en", "de", "q1", 0.6),
            (1, "en", "sw", "q1", 1.0),
            (1, "en", "yo", "q1", 0.0),
        ]
    )
    paired, notes = pair(scores, {0: 0, 1: 1}, ["a", "b"])
    assert paired["en"].values[0] == pytest.approx([0.3, 0.8])
    assert "en 2 of 3" in notes[0]


def test_seeds_are_averaged_within_a_query() -> None:
    rows: list[Score] = [
        (run, "en", "en", f"q{at}", run + at / 10) for run in range(3) for at in (0, 1)
    ]
    paired, notes = pair(_scores(rows), {0: 0, 1: 1, 2: 0}, ["a1", "b", "a2"])
    assert paired["en"].values.ravel() == pytest.approx([1.0, 1.0, 1.1, 1.1])
    assert notes == []


def test_an_arm_has_what_all_its_seeds_have() -> None:
    rows: list[Score] = [(run, "en", "en", "q0", 0.5) for run in range(3)]
    rows += [(0, "sw", "sw", "q0", 0.5), (1, "sw", "sw", "q0", 0.5)]
    paired, notes = pair(_scores(rows), {0: 0, 1: 1, 2: 0}, ["a1", "b", "a2"])
    assert paired["sw"].arms == (1,)
    assert notes == ["a2 lacks sw, so its other seeds do not count there."]


def test_values_that_are_no_number_are_left_out_and_said() -> None:
    rows: list[Score] = [
        (0, "en", "en", "q1", 0.5),
        (0, "en", "en", "q2", float("nan")),
        (1, "en", "en", "q1", 0.5),
        (1, "en", "en", "q2", None),
        (1, "en", "en", "q3", 0.7),
    ]
    paired, notes = pair(_scores(rows), {0: 0, 1: 1}, ["a", "b"])
    assert paired["en"].queries == ("q1",)
    assert notes[0] == "a has no number in 1 of its values of en: left out."
    assert notes[1].startswith("b has no number in 1 ")


def test_nothing_in_common() -> None:
    rows: list[Score] = [(0, "en", "en", "q1", 0.5), (1, "en", "en", "q2", 0.5)]
    paired, notes = pair(_scores(rows), {0: 0, 1: 1}, ["a", "b"])
    assert paired == {}
    assert "en 0 of 2" in notes[0]
    assert pair(_scores([]), {0: 0}, ["a"]) == ({}, [])
