"""Searching for a text, through Python and the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import hybench
from hybench.data.dataset import Dataset
from hybench.errors import StateError, UsageError
from hybench.indexes.model import load_model_of
from hybench.indexes.reader import open_index
from hybench.runs.run import Run
from tests.builders import Toy
from tests.cli.program import hybench as program
from tests.cli.program import refused, works

QUERY = "pupa ewé ilé"


def test_hits_are_those_of_the_whole_product(here: Path) -> None:
    found = hybench.search(QUERY, "mono", "toy", k=7)
    run, dataset = Run.open(here / "runs" / "mono"), Dataset.open(here / "data" / "toy")
    query = np.asarray(load_model_of(run, "cpu").encode([QUERY], "query"))[0]
    scores = []
    for language in ("de", "en", "yo"):
        index = open_index(run, dataset, language)
        for passage, vector in zip(index.ids, np.asarray(index.vectors), strict=True):
            scores.append((np.float32(vector @ query), f"{language}/{passage}"))
    expected = sorted(scores, reverse=True)[:7]
    assert [f"{hit.language}/{hit.id}" for hit in found.hits] == [name for _, name in expected]
    assert [hit.rank for hit in found.hits] == [1, 2, 3, 4, 5, 6, 7]
    np.testing.assert_allclose(
        [hit.score for hit in found.hits], [score for score, _ in expected], atol=1e-6
    )


def test_a_result_is_a_frame_and_a_table(here: Path) -> None:
    found = hybench.search(QUERY, Run(here / "runs" / "mono"), "toy", languages=["yor"], k=2)
    frame = found.to_frame()
    assert frame.columns == ["rank", "language", "id", "score", "text"]
    assert frame["language"].to_list() == ["yo", "yo"]
    assert frame.schema["score"] == pl.Float64
    assert "| 1 | yo |" in repr(found)
    assert "<table>" in found._repr_html_()
    assert frame["text"][0] in found._repr_html_()


def test_the_command_line_shows_the_same(here: Path) -> None:
    asked = ("search", QUERY, "--run", "mono", "--data", "toy", "-l", "yo,de", "-k", 3)
    rows = hybench.search(QUERY, "mono", "toy", languages=["yo", "de"], k=3).to_frame().to_dicts()
    assert json.loads(works(*asked, "--json").out) == rows
    assert rows[0]["text"] in works(*asked).out
    assert works(*asked, "--format", "csv").out.splitlines()[0] == "rank,language,id,score,text"


def test_hits_of_several_runs_stand_in_one_file(here: Path) -> None:
    query = Dataset.open(here / "data" / "toy").queries("yo").row(0, named=True)["text"]
    runs = ("--run", "mono", "--run", "hybrid")
    asked = ("search", query, *runs, "--data", "toy", "-k", 3)
    rows = json.loads(works(*asked, "--json").out)
    assert [(row["run"], row["rank"]) for row in rows] == [
        (run, rank) for run in ("mono", "hybrid") for rank in (1, 2, 3)
    ]
    assert any(row["relevant"] for row in rows)
    lines = works(*asked, "--format", "csv").out.splitlines()
    assert lines[0] == "run,rank,score,language,id,relevant,text"
    assert "| run | # | lang |" in works(*asked, "--format", "md").out
    assert works(*asked).out.count(f"{query} · ") == 2
    nothing = json.loads(works("search", QUERY, *runs, "--data", "toy", "--json").out)
    assert {row["relevant"] for row in nothing} == {None}


def test_what_cannot_be_searched_is_told(here: Path) -> None:
    said = refused(2, "search", QUERY, "--run", "bm25", "--data", "toy")
    assert "BM25, which has no model" in said
    said = refused(1, "search", QUERY, "--run", "mono", "--data", "silent")
    assert "no index of silent" in said
    assert "hybench index mono --data silent" in said
    assert "no text to search for" in refused(2, "search", "  ", "--run", "mono", "--data", "toy")
    assert "-k" in refused(2, "search", QUERY, "--run", "mono", "--data", "toy", "-k", 0)
    assert program("search", QUERY, "--run", "nobody", "--data", "toy").code == 2


def test_a_language_that_the_set_has_no_more_is_not_searched(copied: Path) -> None:
    hybench.prepare(Toy(languages=("de", "en")), force=True)
    assert hybench.search(QUERY, "mono", "toy", languages=["de"]).languages == ("de",)
    assert "yo" not in hybench.search(QUERY, "mono", "toy").languages
    with pytest.raises(StateError, match=r"no index of toy \(yo\)"):
        hybench.search(QUERY, "mono", "toy", languages=["yo"])


def test_errors_are_exceptions_in_python(here: Path) -> None:
    with pytest.raises(StateError, match="no index of toy"):
        hybench.search(QUERY, "mono", "toy", languages=["xx"])
    with pytest.raises(UsageError, match="No run"):
        hybench.search(QUERY, "nobody", "toy")
