"""The table of published scores: whole, and what its sources say."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from hybench.errors import DataError, UsageError
from hybench.files.documents import write_json
from hybench.importing.published import (
    MEAN,
    Published,
    find_system,
    mteb_metric,
    published_table,
    read_means,
    select,
)
from hybench.metrics.measure import parse_metric
from hybench.runs.run import Run
from tools.published_scores import WIDE, short_source, widen


def values(system: str, metric: str = "nDCG@10", setting: str = "mono") -> dict[str, float]:
    rows = select(published_table(), "miracl" if metric != "AP" else "xquad-r", (system,))
    [row] = [r for r in rows if (r.metric, r.setting, r.system) == (metric, setting, system)]
    return row.values


def mean(scores: dict[str, float]) -> float:
    per_language = [value for language, value in scores.items() if language != MEAN]
    return sum(per_language) / len(per_language)


def test_it_holds_what_was_collected(shared_data: Path) -> None:
    with (shared_data / "published" / "published.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns, wide = widen(rows)
    with WIDE.open(encoding="utf-8", newline="") as file:
        shipped = list(csv.DictReader(file))
    assert [{name: row.get(name, "") for name in columns} for row in wide] == shipped
    assert sum(len(row.values) for row in published_table()) == len(rows)


def test_a_row_has_a_system_a_source_and_shares() -> None:
    for row in published_table():
        assert row.system
        assert row.source
        assert "stored copy" not in row.source
        assert row.values
        if row.metric != "RankDistance":
            parse_metric(row.metric)
            assert all(0 < value < 1 for value in row.values.values())
    keys = [(r.dataset, r.setting, r.metric, r.system, r.source) for r in published_table()]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("system", "published"),
    [
        ("XLM-R/X-X-mono", 0.4148),
        ("XLM-R/hybrid", 0.4054),
        ("LaBSE/X-X-mono", 0.4551),
        ("LaBSE/hybrid", 0.4411),
    ],
)
def test_means_of_tables_12_and_13(system: str, published: float) -> None:
    assert round(mean(values(system)), 4) == published


@pytest.mark.parametrize("model", ["XLM-R", "LaBSE"])
@pytest.mark.parametrize("arm", ["X-X-mono", "X-Y", "hybrid"])
@pytest.mark.parametrize("setting", ["mono", "cross", "multi"])
def test_means_of_xquad_r(setting: str, arm: str, model: str) -> None:
    scores = values(f"{model}/{arm}", "AP", setting)
    assert len(scores) == 12
    assert mean(scores) == pytest.approx(scores[MEAN], abs=0.5e-4)


def test_hybrid_is_not_best_everywhere() -> None:
    arms = {arm: values(f"XLM-R/{arm}") for arm in ("X-X-mono", "X-Y", "hybrid")}
    best = {language: max(arms, key=lambda arm: arms[arm][language]) for language in arms["hybrid"]}
    assert {code for code, arm in best.items() if arm == "X-Y"} == {
        *("sw", "es", "fr", "fi", "ru", "id")
    }
    assert set(best.values()) == {"X-X-mono", "X-Y"}


def test_sources_that_disagree_stand_beside_each_other() -> None:
    assert values("pyserini:bm25")["yo"] == 0.4059
    assert values("pyserini:bm25", "R@100")["yo"] == 0.7325
    assert values("paper:BM25(XLM-R tokenizer)")["yo"] == 0.561


def test_selection() -> None:
    table = published_table()
    rows = select(table, "MIRACL@dev", ("BM25", "mdpr"), ("yo", "sw"), "ndcg_at_10")
    assert {row.metric for row in rows} == {"nDCG@10"}
    assert {"pyserini:bm25", "paper:mDPR"} <= {row.system for row in rows}
    assert all(set(row.values) <= {"yo", "sw"} for row in rows)
    assert not any("ft-miracl" in r.system and "yo" in r.values for r in rows)
    assert select(table) == table
    assert {row.dataset for row in select(table, languages=(MEAN,))} == {"xquad-r", "mlqa-r"}


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"dataset": "nq"}, "Choose: miracl@dev mlqa-r@test xquad-r@test."),
        ({"dataset": "miracl@test"}, "no published scores of 'miracl@test'"),
        ({"metric": "ERR"}, "--metric: no published scores of 'ERR'"),
        ({"systems": ("XLMR/hybrid",)}, "Similar names: XLM-R/hybrid"),
        ({"languages": ("qq",)}, "Known: ar bn de"),
        ({"dataset": "mlqa-r", "languages": ("en",)}, "no scores in 'en' here.\nKnown: mean."),
    ],
)
def test_nothing_is_left(asked: dict[str, str], says: str) -> None:
    with pytest.raises(UsageError) as error:
        select(published_table(), **asked)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("name", "system"),
    [
        ("pyserini:bm25", "pyserini:bm25"),  # though others begin with it
        ("PYSERINI:BM25", "pyserini:bm25"),
        ("xlm-r/h", "XLM-R/hybrid"),
        ("e5-base", "mteb:intfloat/multilingual-e5-base"),
    ],
)
def test_a_name_means_one_system(name: str, system: str) -> None:
    assert find_system(name, published_table()) == system


def test_a_name_of_several_systems_or_none() -> None:
    with pytest.raises(UsageError, match="'xlm-r/' matches 3 systems") as several:
        find_system("xlm-r/", published_table())
    assert several.value.do == "Choose one: XLM-R/X-X-mono, XLM-R/X-Y, XLM-R/hybrid."
    with pytest.raises(UsageError, match="no system 'bge-m3-dnse'") as none:
        find_system("bge-m3-dnse", published_table())
    assert "paper:bge-m3-dense" in none.value.do


def test_names_of_metrics() -> None:
    assert mteb_metric("ndcg_at_10") == "nDCG@10"
    assert mteb_metric("map_at_1000") == "AP@1000"
    assert mteb_metric("mrr_at_10") == "RR@10"
    for none in ("main_score", "ndcg", "ndcg_at_x", "nauc_ndcg_at_10_max", "hit_rate_at_1", "AP"):
        assert mteb_metric(none) is None


def test_sources_lose_what_is_said_elsewhere() -> None:
    assert short_source("pyserini/miracl.yaml#bm25.yo", "yo") == "pyserini/miracl.yaml#bm25"
    assert short_source("A (updated; stored copy 7); 0.1", "yo") == "A (updated); 0.1"
    assert short_source("B quoting A (stored copy 7); 0.1", "yo") == "B quoting A; 0.1"


GOOD = Published("miracl", "dev", "mono", "nDCG@10", "m", "s", {"yo": 0.5})


@pytest.mark.parametrize(
    "damage",
    [
        {"format": 2},
        {"scores": {}},
        {"scores": [1]},
        {"scores": [{**vars(GOOD), "values": {"yo": "high"}}]},
        {"scores": [{**vars(GOOD), "values": {"yo": float("nan")}}]},
    ],
)
def test_means_of_a_run(damage: dict[str, object], tmp_path: Path) -> None:
    run = Run(tmp_path)
    assert read_means(run) is None
    whole = {"format": 1, "scores": [vars(GOOD)]}
    write_json(run.means, whole)
    assert read_means(run) == (GOOD,)
    write_json(run.means, whole | damage)
    with pytest.raises(DataError, match=r"means\.json"):
        read_means(run)
