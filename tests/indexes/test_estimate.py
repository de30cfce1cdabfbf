"""What indexing would take, against what it then takes."""

from __future__ import annotations

import math
from itertools import count
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hybench.concurrency.progress import Progress
from hybench.data.dataset import Dataset
from hybench.errors import DataError, StateError, UsageError
from hybench.indexes import estimate
from hybench.indexes.approximate.graph import GraphOptions
from hybench.indexes.estimate import estimate_index, sample_texts
from hybench.indexes.options import IndexOptions
from hybench.indexes.writer import build_index
from hybench.runs.run import Run
from tests.builders import toy_dataset
from tests.indexes.fakes import FrameSource, HashedWords, passages, prepared, run_with_model
from tests.indexes.test_writer import Diverged

EXACT = IndexOptions(exact=True)


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Three languages of 84 passages and 24 queries."""
    return toy_dataset(tmp_path / "data")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return run_with_model(tmp_path)


def test_without_an_index_everything_is_to_be_encoded(dataset: Dataset, run: Run) -> None:
    seen: list[Progress] = []
    plan = estimate_index(run, dataset, HashedWords(), progress=seen.append)
    assert (plan.passages, plan.current, plan.vectors) == (252, 0, 252)
    assert plan.languages == ("de", "en", "yo")
    assert seen[-1].done == seen[-1].total == 252
    few = estimate_index(run, dataset, HashedWords(), IndexOptions(languages=("yo",)))
    assert (few.passages, few.languages) == (84, ("yo",))
    assert estimate_index(run, dataset, HashedWords(), EXACT).vectors == 0


def test_what_is_up_to_date_is_not_counted(dataset: Dataset, run: Run) -> None:
    some = IndexOptions(exact=True, languages=("de",))
    build_index(run, dataset, HashedWords(), some)
    plan = estimate_index(run, dataset, HashedWords())
    assert (plan.passages, plan.languages, plan.current) == (168, ("en", "yo"), 84)
    assert plan.vectors == 252  # the graph over what is encoded already is still to be built
    build_index(run, dataset, HashedWords())
    encoder = HashedWords()
    done = estimate_index(run, dataset, encoder)
    assert (done.passages, done.current, done.vectors) == (0, 252, 0)
    assert (done.disk_bytes, done.seconds, encoder.asked) == (0, 0.0, [])
    other = estimate_index(run, dataset, encoder, IndexOptions(graph=GraphOptions(dtype="f16")))
    assert (other.passages, other.vectors) == (0, 252)
    assert estimate_index(run, dataset, encoder, IndexOptions(force=True)).passages == 252
    (run.model / "weights").write_text("second")
    assert estimate_index(run, dataset, encoder).passages == 252


@pytest.mark.parametrize("dtype", ["f32", "f16", "bf16", "i8"])
def test_bytes_are_those_that_are_written(tmp_path: Path, run: Run, dtype: str) -> None:
    texts = {f"p{number}": f"w{number} v{number % 7} u{number % 11}" for number in range(3000)}
    dataset = prepared(tmp_path / "data", FrameSource({"passages": {"sw": passages(texts)}}))
    options = IndexOptions(graph=GraphOptions(dtype=dtype, expansion_add=20))  # type: ignore[arg-type]
    plan = estimate_index(run, dataset, HashedWords(), options)
    [report] = build_index(run, dataset, HashedWords(), options)
    written = [report.folder / name for name in ("vectors.npy", "index.usearch")]
    assert plan.disk_bytes == pytest.approx(sum(path.stat().st_size for path in written), rel=0.02)


def test_seconds_are_those_of_a_sample_scaled(
    dataset: Dataset, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimate, "SAMPLE", 42)
    encoder = HashedWords()
    exact = estimate_index(run, dataset, encoder, EXACT, clock=count().__next__)
    assert encoder.asked == [("passage", 42)]
    assert exact.seconds == 252 / 42
    full = estimate_index(run, dataset, encoder, IndexOptions(sample=20), clock=count().__next__)
    building = 3 * 84 * math.log(85) / (42 * math.log(43))
    assert full.seconds == pytest.approx(252 / 42 + building + 3 * 20 / 42)


def test_the_sample_is_of_what_would_be_encoded(tmp_path: Path, run: Run) -> None:
    rows = {language: [f"{language}{number}" for number in range(30)] for language in ("en", "sw")}
    tables = {
        language: passages({text: text for text in texts}).with_columns(title=pl.lit("T"))
        for language, texts in rows.items()
    }
    dataset = prepared(tmp_path / "data", FrameSource({"passages": tables}))
    assert sample_texts(dataset, ("en", "sw"), 4) == ["T en0", "T en1", "T sw0", "T sw1"]
    assert len(sample_texts(dataset, ("en", "sw"), 1000)) == 60
    plan = estimate_index(run, dataset, HashedWords(), EXACT)
    expected = HashedWords().encode(
        [f"T {text}" for texts in rows.values() for text in texts], "passage"
    )
    np.testing.assert_array_equal(plan.sample, expected)


def test_nothing_is_written(dataset: Dataset, run: Run, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    estimate_index(run, dataset, HashedWords())
    assert sorted(tmp_path.rglob("*")) == before


def test_the_same_mistakes_are_told(dataset: Dataset, run: Run) -> None:
    with pytest.raises(UsageError, match="--languages"):
        estimate_index(run, dataset, HashedWords(), IndexOptions(languages=("fi",)))
    with pytest.raises(DataError, match="NaN"):
        estimate_index(run, dataset, Diverged())
    [report, *_] = build_index(run, dataset, HashedWords(), EXACT)
    (report.folder / "vectors.npy").write_bytes(b"cut")
    with pytest.raises(StateError, match="missing or damaged"):
        estimate_index(run, dataset, HashedWords())
    (run.model / "weights").unlink()
    run.model.rmdir()
    with pytest.raises(StateError, match="no model"):
        estimate_index(run, dataset, HashedWords())
