"""What an evaluation would take, against what it then takes."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, chain, repeat
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from hybench.data.dataset import Dataset
from hybench.errors import DataError, StateError, UsageError
from hybench.evaluation import estimate
from hybench.evaluation.bm25.baseline import Bm25Options, evaluate_bm25
from hybench.evaluation.estimate import estimate_bm25, estimate_evaluation
from hybench.evaluation.evaluate import evaluate
from hybench.evaluation.scope import EvalOptions
from hybench.runs.run import Run
from tests.builders import Toy, toy_dataset
from tests.evaluation.tiny import tiny_dataset
from tests.indexes.fakes import HashedWords, run_with_model
from tests.indexes.test_writer import Diverged


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Three languages of 18 passages and 7 queries, of which 6 are judged, 5 in all languages."""
    return tiny_dataset(tmp_path)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return run_with_model(tmp_path)


def taking(*seconds: float) -> Callable[[], float]:
    """A clock by which the first piece of work takes so many seconds, then the next; then none."""

    def times() -> Iterator[float]:
        for work in chain(seconds, repeat(0.0)):
            yield from (0.0, work)

    return accumulate(times()).__next__


def test_counts_are_those_of_the_evaluation(dataset: Dataset, run: Run) -> None:
    plan = estimate_evaluation(run, dataset, HashedWords())
    assert (plan.passages, plan.current) == (54, 0)
    assert (plan.queries, plan.languages) == (21, 3)
    assert plan.settings == ("mono", "cross", "multi")
    report = evaluate(run, dataset, HashedWords())
    assert plan.searches == report.info.queries == 3 * 6 + 6 * 5 + 3 * 6
    after = estimate_evaluation(run, dataset, HashedWords())
    assert (after.passages, after.current) == (0, 54)
    assert plan.disk_bytes - after.disk_bytes == 54 * 16 * 4
    few = EvalOptions(split="dev", settings=("mono",), languages=("sw",))
    plan = estimate_evaluation(run_with_model(run.path, "new"), dataset, HashedWords(), few)
    assert (plan.passages, plan.queries, plan.languages, plan.searches) == (18, 1, 1, 1)


def test_graphs_are_counted_where_they_are_searched(dataset: Dataset, run: Run) -> None:
    exact = estimate_evaluation(run, dataset, HashedWords())
    approximate = estimate_evaluation(run, dataset, HashedWords(), EvalOptions(ann=True))
    assert approximate.disk_bytes > exact.disk_bytes
    assert approximate.searches == exact.searches
    evaluate(run, dataset, HashedWords(), EvalOptions(ann=True))
    assert estimate_evaluation(run, dataset, HashedWords(), EvalOptions(ann=True)).passages == 0


def test_seconds_are_those_of_a_part_scaled(dataset: Dataset, run: Run) -> None:
    # The sample is all passages and the 7 queries of a language; 18 queries count, and with a
    # depth of 100 and of 10 hits 36 and 30 searches are done.
    clock = taking(54.0, 7.0, 7.0)
    plan = estimate_evaluation(run, dataset, HashedWords(), clock=clock)
    assert plan.seconds == pytest.approx(54 + 21 + 18)
    evaluate(run, dataset, HashedWords(), EvalOptions(languages=("sw",)))
    some = EvalOptions(languages=("sw",), settings=("mono", "multi"))
    # Encoding queries, products, hits: nothing is left to index, and the sample is of 18 passages.
    plan = estimate_evaluation(run, dataset, HashedWords(), some, clock=taking(7, 7, 21))
    assert plan.seconds == pytest.approx(7 + 6 * 54 / 18 + 12 * 2)


def test_seconds_of_graphs_grow_with_the_languages_of_a_pool(dataset: Dataset, run: Run) -> None:
    evaluate(run, dataset, HashedWords(), EvalOptions(ann=True))
    for setting, lookups in (("mono", 3 * 6), ("cross", 6 * 5), ("multi", 3 * 6 * 3)):
        options = EvalOptions(ann=True, settings=(setting,))
        clock = taking(7, 7)
        plan = estimate_evaluation(run, dataset, HashedWords(), options, clock=clock)
        assert plan.seconds == pytest.approx(21 + lookups)


def test_bm25(dataset: Dataset, tmp_path: Path) -> None:
    plan = estimate_bm25(tmp_path / "runs", dataset)
    # Every language's pool, and that of all.
    assert (plan.passages, plan.current, plan.queries) == (108, 0, 21)
    assert not (tmp_path / "runs").exists()
    _, report = evaluate_bm25(tmp_path / "runs", dataset)
    assert plan.searches == report.info.queries
    mono = Bm25Options(evaluation=EvalOptions(settings=("mono",), languages=("sw",)))
    assert estimate_bm25(tmp_path / "runs", dataset, mono).passages == 18


def test_seconds_of_bm25_grow_with_passages_and_searches(dataset: Dataset, tmp_path: Path) -> None:
    mono = Bm25Options(evaluation=EvalOptions(settings=("mono",)))
    # Indexing and searching half of the 54 passages, then all.
    for half, whole, search in (
        (7, 7, 1.0),
        (7, 14, 18 / 27),
        (7, 10.5, 0.5 + 9 / 27),
        (14, 7, 1.0),
    ):
        clock = taking(27, half, 54, whole)
        plan = estimate_bm25(tmp_path, dataset, mono, clock=clock)
        assert plan.seconds == pytest.approx(54 + 18 * search), (half, whole)


def test_bm25_indexes_a_sample(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimate, "WORDS_SAMPLE", 3)
    plan = estimate_bm25(tmp_path, dataset, clock=taking(0, 0, 3))
    assert plan.seconds == pytest.approx(108)


class Scattered(HashedWords):
    """Vectors that have nothing in common, so that scores are as many as in life."""

    def encode(self, texts: Sequence[str], *_: Any, **__: Any) -> npt.NDArray[np.float32]:
        seeds = [zlib.crc32(text.encode()) for text in texts]
        rows = [np.random.default_rng(seed).standard_normal(self.dimension) for seed in seeds]
        vectors = np.stack(rows)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors.astype(np.float32)


def test_bytes_are_about_those_that_are_written(tmp_path: Path, run: Run) -> None:
    dataset = toy_dataset(tmp_path / "data", Toy(train=300, held_out=300))
    plan = estimate_evaluation(run, dataset, Scattered(), EvalOptions(settings=("mono",)))
    evaluate(run, dataset, Scattered(), EvalOptions(settings=("mono",)))
    files = [path for path in run.path.rglob("*") if path.suffix in {".npy", ".parquet"}]
    written = sum(path.stat().st_size for path in files if path.name != "ids.parquet")
    assert plan.disk_bytes == pytest.approx(written, rel=0.25)


def test_nothing_is_written(dataset: Dataset, run: Run, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    for ann in (False, True):
        estimate_evaluation(run, dataset, HashedWords(), EvalOptions(ann=ann))
    estimate_bm25(tmp_path, dataset)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (EvalOptions(split="train"), "no split train"),
        (EvalOptions(settings=("all",)), "--settings: data set tiny does not support all"),
        (EvalOptions(languages=("fi",)), "--languages: no language fi"),
        (EvalOptions(split="dev", settings=("cross",)), "is judged"),
    ],
)
def test_the_same_mistakes_are_told(
    dataset: Dataset, run: Run, options: EvalOptions, says: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=says):
        estimate_evaluation(run, dataset, HashedWords(), options)
    with pytest.raises(UsageError, match=says):
        estimate_bm25(tmp_path, dataset, Bm25Options(evaluation=options))
    with pytest.raises(UsageError, match=says):
        evaluate(run, dataset, HashedWords(), options)


def test_a_model_that_diverged_and_a_run_of_other_parameters_are_told(
    dataset: Dataset, run: Run, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="NaN"):
        estimate_evaluation(run, dataset, Diverged())
    evaluate_bm25(tmp_path, dataset)
    with pytest.raises(StateError, match="not made by BM25 with these parameters"):
        estimate_bm25(tmp_path, dataset, Bm25Options(k1=1.2))
