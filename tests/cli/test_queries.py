"""``hybench queries``: where two arms differ, and what they found for one query."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from statistics import fmean

import pytest

from hybench.comparison.query_list_documents import CSV_COLUMNS
from tests.cli.program import refused, works

QUERIES = ("queries", "runs/mono", "runs/hybrid", "--data", "toy")


def rows(*words: object) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(works(*words, "--format", "csv").out)))


def differences(*words: object) -> list[float]:
    return [float(row["difference"]) for row in rows(*QUERIES, *words)]


def test_the_means_of_the_queries_are_those_of_compare(here: Path) -> None:
    found = rows(*QUERIES)
    assert tuple(found[0]) == CSV_COLUMNS
    assert {(row["arm"], row["baseline"]) for row in found} == {("hybrid", "mono")}
    compared = rows("compare", "runs/mono", "runs/hybrid", "--data", "toy", "--setting", "mono")
    for row in compared:
        if row["kind"] == "language":
            column = {"mono": "baseline_value", "hybrid": "value"}[row["run"]]
            here_ = [float(each[column]) for each in found if each["query_lang"] == row["language"]]
            assert fmean(here_) == pytest.approx(float(row["value"]))
    assert all(row["text"] for row in found)


def test_the_worst_come_first_unless_the_best_are_asked_for(here: Path) -> None:
    worst, best = differences(), differences("--best-first")
    assert worst == sorted(worst)
    assert best == sorted(best, reverse=True)
    assert sorted(best) == worst
    assert worst[0] < 0 < worst[-1]


def test_a_filter_is_the_dashboards(here: Path) -> None:
    found = rows(*QUERIES, "--setting", "cross", "--filter", "lang:yo in:en d<=0")
    assert found
    assert {(row["query_lang"], row["corpus_lang"]) for row in found} == {("yo", "en")}
    assert max(float(row["difference"]) for row in found) <= 0
    assert "is not understood" in refused(2, *QUERIES, "--filter", "d<<3")


def test_one_arm_alone_has_its_values(here: Path) -> None:
    found = rows("queries", "runs/hybrid", "--data", "toy")
    assert {row["baseline"] + row["baseline_value"] + row["difference"] for row in found} == {""}
    values = [float(row["value"]) for row in found]
    assert values == sorted(values)


def test_a_table_says_of_how_many_it_shows_the_first(here: Path, tmp_path: Path) -> None:
    done = works(*QUERIES, "-k", "3")
    assert "hybrid against mono · toy (test) · mono · AP ×100" in done.out
    assert "note: The first 3 of 36 queries." in done.out
    assert "Next: add --query LANG:ID" in done.err
    works(*QUERIES, "-o", tmp_path / "all.md")
    lines = (tmp_path / "all.md").read_text().splitlines()
    assert len([line for line in lines if line.startswith("|")]) == 38
    value = json.loads(works(*QUERIES, "--json").out)
    assert len(value["lists"][0]["queries"]) == 36


@pytest.mark.parametrize("setting", ["mono", "cross", "multi"])
def test_both_rankings_of_a_query(here: Path, setting: str) -> None:
    first = rows(*QUERIES, "--setting", setting, "--best-first")[0]
    language, corpus, query = (first[name] for name in ("query_lang", "corpus_lang", "query_id"))
    word = f"{language}:{corpus}:{query}" if setting == "cross" else f"{language}:{query}"
    asked = (*QUERIES, "--setting", setting, "--query", word)
    found = rows(*asked)
    for run in ("mono", "hybrid"):
        ranks = [int(row["rank"]) for row in found if row["run"] == run]
        assert ranks == list(range(1, len(ranks) + 1))
    relevant = {row["passage_id"] for row in found if row["relevant"] == "1"}
    assert relevant
    table = works(*asked).out
    assert f"hybrid against mono · toy (test) · {setting} · {language}: {first['text']}" in table
    assert "✓" in table
    value = json.loads(works(*asked, "--json").out)
    assert value["rankings"][0]["query"] == first["text"]
    assert any(each["ranks"][1] == 1 for each in value["rankings"][0]["judged"])


def test_a_query_that_is_not_there_is_named(here: Path) -> None:
    assert "--query is 'de'." in refused(2, *QUERIES, "--query", "de")
    said = refused(1, *QUERIES, "--query", "de:nothing")
    assert "The results of toy have no query de:nothing in mono." in said
