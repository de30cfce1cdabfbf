from __future__ import annotations

import re
from importlib.metadata import EntryPoint

import numpy as np
import polars as pl
import pytest

from hybench.comparison.units import metric_style
from hybench.errors import UsageError
from hybench.metrics.measure import MEASURES, Measure, parse_metric
from hybench.metrics.relevant import Relevant, Values
from hybench.metrics.scoring import evaluate_ranks

BUILT_IN = ("AP", "Completion", "P", "R", "RR", "Rprec", "Success", "nDCG")


def first_rank(relevant: Relevant, _k: float) -> Values:
    """The rank of the first relevant passage, 0 where there is none."""
    return relevant.sum(
        np.where((relevant.found == 1) & (relevant.rank < np.inf), relevant.rank, 0.0)
    )


def total(relevant: Relevant, _k: float) -> Values:
    """Not a value for each query: a mistake."""
    return relevant.sum(relevant.gain)[:1]


FIRST = Measure(first_rank, share=False, lower_is_better=True)
TOTAL = Measure(total)
NOT_A_MEASURE = first_rank


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> None:
    """Metrics of another package, as entry points."""
    entries = {
        name: EntryPoint(name, f"{__name__}:{value}", "hybench.metrics")
        for name, value in (
            ("First", "FIRST"), ("Total", "TOTAL"), ("Odd", "NOT_A_MEASURE"), ("Gone", "GONE"),
        )
    }  # fmt: skip
    monkeypatch.setitem(MEASURES.__dict__, "_added", entries)


def test_a_file_is_a_measure() -> None:
    assert MEASURES.built_in == BUILT_IN
    assert all(isinstance(MEASURES[name], Measure) for name in BUILT_IN)


def test_a_name_is_read_with_its_cutoff() -> None:
    metric = parse_metric("RR@10")
    assert (metric.name, metric.cutoff, metric.measure) == ("RR@10", 10, MEASURES["RR"])
    assert parse_metric("nDCG").cutoff is None


@pytest.mark.parametrize(
    "name", ["ndcg@10", "AP@0", "AP@010", "nDCG@", "nDCG@1.5", "RR @10", "MRR", "@10", ""]
)
def test_an_unknown_name_is_answered_with_what_there_is(name: str) -> None:
    with pytest.raises(UsageError, match=re.escape(f"no metric {name!r}")) as error:
        parse_metric(name)
    assert " ".join(BUILT_IN) in error.value.do


@pytest.mark.parametrize(
    ("name", "what"),
    [("R", "needs a cut-off"), ("P", "needs"), ("Success", "needs"), ("Rprec@5", "takes no cut")],
)
def test_a_cutoff_that_is_missing_or_one_too_many(name: str, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        parse_metric(name)


@pytest.mark.usefixtures("added")
def test_a_metric_of_another_package_is_used_by_its_name() -> None:
    judged = pl.DataFrame(
        {"query_id": ["a", "a", "b"], "relevance": [1, 1, 0], "rank": [7, 3, 1]},
        schema_overrides={"rank": pl.Int32},
    )
    values = evaluate_ranks(judged, ["First", "RR", "First@5"])
    assert values.rows() == [
        ("a", "First", 3.0), ("b", "First", 0.0), ("a", "RR", 1 / 3), ("b", "RR", 0.0),
        ("a", "First@5", 3.0), ("b", "First@5", 0.0),
    ]  # fmt: skip
    style = metric_style("First@5")
    assert (style.share, style.lower_is_better) == (False, True)
    assert metric_style("RankFirst@5") == metric_style("nDCG@10")  # as shares are shown


@pytest.mark.usefixtures("added")
def test_what_another_package_gets_wrong_is_told() -> None:
    judged = pl.DataFrame({"query_id": ["a", "b"], "relevance": [1, 1], "rank": [1, 1]})
    with pytest.raises(UsageError, match=r"values of shape \(1,\) for 2 queries"):
        evaluate_ranks(judged, ["Total"])
    with pytest.raises(UsageError, match="is of type function"):
        parse_metric("Odd")
    with pytest.raises(UsageError, match="cannot be loaded"):
        parse_metric("Gone")
