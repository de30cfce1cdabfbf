"""A pool of the judged passages, and of those that BM25 finds."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from hybench.data.dataset import Dataset
from hybench.data.preparation import prepare
from hybench.errors import UsageError
from hybench.evaluation.bm25.baseline import Bm25Options, evaluate_bm25
from hybench.evaluation.pooled import PooledCorpus
from hybench.evaluation.results import read_results
from hybench.evaluation.scope import EvalOptions
from tests.builders import Toy


def pooled(toys: Path, root: Path, depth: int) -> Dataset:
    return prepare(PooledCorpus(Dataset.open(toys / "toy"), depth), root).dataset


def kept(dataset: Dataset, language: str) -> set[str]:
    return set(dataset.passages(language)["passage_id"])


def test_what_is_kept(toys: Path, tmp_path: Path) -> None:
    """Judged passages, the best of BM25 as its own run finds them, and their translations."""
    whole, depth = Dataset.open(toys / "toy"), 2
    small = pooled(toys, tmp_path, depth)
    wanted: set[str] = set()
    for split in ("dev", "test"):
        options = EvalOptions(split=split, settings=("mono",), ranking_depth=10)
        run, report = evaluate_bm25(tmp_path, whole, Bm25Options(evaluation=options))
        hits = read_results(run, report.key).rankings().collect().filter(pl.col("rank") <= depth)
        for language, passage_id in hits.select("passage_lang", "passage_id").iter_rows():
            passages = whole.passages(language)
            wanted.update(passages.filter(passage_id=passage_id)["source_id"])
    for language in whole.table_languages("passages"):
        qrels = whole.qrels(language).join(
            whole.queries(language).filter(pl.col("split") != "train"), on="query_id", how="semi"
        )
        judged = whole.passages(language).join(qrels, on="passage_id", how="semi")
        wanted.update(judged["source_id"])
    for language in whole.table_languages("passages"):
        passages = whole.passages(language)
        expected = passages.filter(pl.col("source_id").is_in(sorted(wanted)))
        assert small.passages(language).equals(expected)
        assert 0 < len(kept(small, language)) < passages.height
        assert small.pairs(language).equals(whole.pairs(language))
        assert "train" not in set(small.queries(language)["split"])
    assert small.name == "toy-pool"
    assert small.info.options["pool_of"] == "toy"
    assert small.info.settings == whole.info.settings


def test_scores_are_no_lower_than_on_the_whole(toys: Path, tmp_path: Path) -> None:
    values = []
    for dataset in (Dataset.open(toys / "toy"), pooled(toys, tmp_path, 1)):
        _, report = evaluate_bm25(tmp_path, dataset)
        values.append(report.values.filter(setting="mono")["value"])
    assert (values[1] >= values[0]).all()


def test_a_deep_pool_is_the_whole(toys: Path, tmp_path: Path) -> None:
    small = pooled(toys, tmp_path, 10**6)
    for language in small.table_languages("passages"):
        assert kept(small, language) <= kept(Dataset.open(toys / "toy"), language)


def test_it_is_made_once(toys: Path, tmp_path: Path) -> None:
    whole = Dataset.open(toys / "toy")
    assert not prepare(PooledCorpus(whole, 3), tmp_path).unchanged
    assert prepare(PooledCorpus(whole, 3), tmp_path).unchanged


def test_a_set_without_queries_is_refused(tmp_path: Path) -> None:
    alone = prepare(Toy(held_out=0), tmp_path).dataset
    with pytest.raises(UsageError, match="has no queries outside train"):
        PooledCorpus(alone)
    with pytest.raises(UsageError, match="--depth"):
        PooledCorpus(alone, 0)
