from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from hybench.evaluation.plan import Plan, plan_queries
from hybench.evaluation.retrieval import queries_at_once
from hybench.evaluation.settings import plan_searches
from tests.evaluation.tiny import tiny_dataset


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    dataset = tiny_dataset(tmp_path)
    return plan_queries(dataset, "test", plan_searches(dataset, "test"))


def of(plan: Plan, told: str) -> pl.DataFrame:
    """What is judged in one search, with the queries' names."""
    [number] = [at for at, search in enumerate(plan.searches) if str(search) == told]
    rows = plan.judged.filter(pl.col("search") == number)
    return rows.with_columns(query_id=plan.queries["query_id"].gather(rows["query"]))


def test_queries_count_where_they_are_judged(plan: Plan) -> None:
    assert plan.total == 3 * 6 + 6 * 5 + 3 * 6
    assert plan.used == list(range(12))
    own = of(plan, "mono sw in sw")
    assert own["query_id"].unique(maintain_order=True).to_list() == [f"{n}#0" for n in range(6)]
    assert own.filter(query_id="0#0").select("passage_id", "relevance").rows() == [
        ("0#0", 2),
        ("1#0", 0),
    ]
    other = of(plan, "cross sw in en")
    assert other["query_id"].to_list() == [f"{n}#0" for n in range(5)]
    assert other["passage_lang"].unique().to_list() == ["en"]
    whole = of(plan, "multi sw in all")
    assert whole.filter(query_id="3#0")["passage_lang"].to_list() == ["en", "sw", "yo"]


def test_places_are_those_among_the_splits_queries(plan: Plan, tmp_path: Path) -> None:
    dataset = tiny_dataset(tmp_path / "again")
    for language in ("en", "sw", "yo"):
        known = plan.queries.filter(query_lang=language).sort("place")
        assert (
            known["query_id"].to_list() == dataset.queries(language, "test")["query_id"].to_list()
        )


@pytest.mark.parametrize("size", [1, 4, 100])
def test_parts_hold_every_query_once(plan: Plan, size: int) -> None:
    parts = list(plan.of([3, 11]).parts(size))
    assert (
        pl.concat(part.judged for part in parts)
        .sort("search", "query")
        .equals(plan.of([3, 11]).judged)
    )
    queries = [set(part.judged["query"]) for part in parts]
    assert max(map(len, queries)) <= size
    assert sum(map(len, queries)) == len(set().union(*queries))


def test_fewer_queries_are_searched_at_once_where_each_has_many_hits() -> None:
    assert [queries_at_once(hits) for hits in (0, 10, 1000, 19_000, 2_000_000)] == [
        512, 512, 512, 55, 1,
    ]  # fmt: skip
