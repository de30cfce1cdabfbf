"""``hybench maps``: query language by passage language."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from hybench.comparison.language_map_documents import CSV_COLUMNS
from tests.cli.program import refused, works

MAPS = ("maps", "runs", "--data", "toy")


def rows(*words: object) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(works(*words, "--format", "csv").out)))


def test_the_diagonal_is_the_mono_table_and_the_rest_is_cross(here: Path) -> None:
    found = rows(*MAPS)
    assert tuple(found[0]) == CSV_COLUMNS
    assert {row["arm"] for row in found} == {"bm25", "hybrid", "mono"}
    compared = rows("compare", "runs", "--data", "toy", "--setting", "mono")
    wanted = {
        (row["run"], row["language"]): float(row["value"])
        for row in compared
        if row["kind"] == "language"
    }
    diagonal = {
        (row["arm"], row["query_lang"]): float(row["value"])
        for row in found
        if row["setting"] == "mono"
    }
    assert diagonal == {key: pytest.approx(value) for key, value in wanted.items()}
    for row in found:
        assert (row["setting"] == "mono") == (row["query_lang"] == row["passage_lang"])
        assert bool(row["value"]) != bool(row["missing"])


def test_a_difference_is_the_arms_value_less_the_baselines(here: Path) -> None:
    values = {(row["arm"], row["query_lang"], row["passage_lang"]): row for row in rows(*MAPS)}
    found = rows(*MAPS, "--baseline", "mono", "-l", "yo")
    assert {row["query_lang"] for row in found} == {"yo"}
    assert {(row["arm"], row["baseline"]) for row in found} == {
        ("bm25", "mono"),
        ("hybrid", "mono"),
    }
    for row in found:
        pair = (row["query_lang"], row["passage_lang"])
        arm, base = (values[name, *pair]["value"] for name in (row["arm"], "mono"))
        assert float(row["value"]) == pytest.approx(float(arm) - float(base))


def test_what_people_and_programs_read(here: Path, tmp_path: Path) -> None:
    done = works(*MAPS, "--metric", "nDCG@10")
    assert "mono · toy (test) · nDCG@10 ×100" in done.out
    assert "Bias: RankDistance " in done.out
    assert "Next: add --baseline RUN" in done.err
    works(*MAPS, "--metric", "nDCG@10", "-o", tmp_path / "maps.md")
    assert "| q\\p | de | en | yo |" in (tmp_path / "maps.md").read_text()
    value = json.loads(works("maps", "runs/mono", "--data", "toy", "--json").out)
    [only] = value["maps"]
    assert (only["arm"], only["baseline"], only["split"]) == ("mono", None, "test")
    assert only["values"]["de"]["de"] > 0
    assert set(only["bias"]["RankDistance"]) == {"all", "de", "en", "yo"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--metric", "P@3"), "--metric is 'P@3'."),
        (("--baseline", "nobody"), "--baseline: no run 'nobody' here."),
        (("--data", "other"), "None of the 3 runs has results of other."),
    ],
)
def test_mistakes_are_named(here: Path, words: tuple[str, str], said: str) -> None:
    assert said in refused(1 if words[0] == "--data" else 2, "maps", "runs", *words)
