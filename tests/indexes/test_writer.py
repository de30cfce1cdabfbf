from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from hybench.concurrency.progress import Progress
from hybench.data.dataset import Dataset
from hybench.errors import DataError, StateError, UsageError
from hybench.indexes import shard_encoding
from hybench.indexes.approximate.graph import GraphOptions
from hybench.indexes.options import IndexOptions
from hybench.indexes.reader import open_index
from hybench.indexes.writer import build_index
from tests.indexes.fakes import (
    FrameSource,
    HashedWords,
    passages,
    prepared,
    qrels,
    queries,
    run_with_model,
)

WORDS = [f"w{number % 7} w{number % 11} w{number % 13}" for number in range(300)]
EXACT = IndexOptions(exact=True)


def tiny(root: Path, extra: str = "") -> Dataset:
    texts = {f"p{number}": text + extra for number, text in enumerate(WORDS)}
    tables = {
        "passages": {"sw": passages(texts), "yo": passages({"p0": "w1", "p1": "w2"})},
        "queries": {"sw": queries({f"q{number}": f"w{number}" for number in range(5)})},
        "qrels": {"sw": qrels(*((f"q{number}", "sw", "p0", 1) for number in range(5)))},
    }
    return prepared(root, FrameSource(tables), force=True)


def test_vectors_and_ids_are_written_in_the_order_of_the_passages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shard_encoding, "CHUNK", 64)
    dataset, run, encoder = tiny(tmp_path / "data"), run_with_model(tmp_path), HashedWords()
    seen: list[Progress] = []
    reports = build_index(run, dataset, encoder, EXACT, seen.append)
    assert [report.manifest.language for report in reports] == ["sw", "yo"]
    assert [report.encoded for report in reports] == [300, 2]
    index = open_index(run, dataset, "sw")
    assert index.ids.to_list() == dataset.passages("sw")["passage_id"].to_list()
    np.testing.assert_array_equal(index.vectors, HashedWords().encode(WORDS, "passage"))
    assert isinstance(index.vectors, np.ndarray)
    assert index.vectors.dtype == np.float32
    assert not index.vectors.flags.writeable
    assert encoder.asked[:2] == [("passage", 64), ("passage", 64)]
    assert seen[-1].done == seen[-1].total == 2
    hits = index.search_exact(HashedWords().encode(["w1"], "query"), 3)
    assert hits.rows.shape == (1, 3)


def test_what_is_up_to_date_is_left_alone(tmp_path: Path) -> None:
    dataset, run = tiny(tmp_path / "data"), run_with_model(tmp_path)
    build_index(run, dataset, HashedWords(), EXACT)
    encoder = HashedWords()
    assert all(one.unchanged for one in build_index(run, dataset, encoder, EXACT))
    assert encoder.asked == []
    forced = build_index(run, dataset, encoder, IndexOptions(exact=True, force=True))
    assert not any(one.unchanged for one in forced)


def test_vectors_of_another_precision_are_not_up_to_date(tmp_path: Path) -> None:
    dataset, run = tiny(tmp_path / "data"), run_with_model(tmp_path)
    build_index(run, dataset, HashedWords(), EXACT)
    halved = HashedWords(precision="bf16")
    reports = build_index(run, dataset, halved, EXACT)
    assert {(one.unchanged, one.manifest.precision) for one in reports} == {(False, "bf16")}
    assert all(one.unchanged for one in build_index(run, dataset, halved, EXACT))
    assert not any(one.unchanged for one in build_index(run, dataset, HashedWords(), EXACT))


def test_a_graph_is_added_to_vectors_that_are_there(tmp_path: Path) -> None:
    dataset, run, encoder = tiny(tmp_path / "data"), run_with_model(tmp_path), HashedWords()
    build_index(run, dataset, encoder, EXACT)
    with pytest.raises(StateError, match="no graph"):
        open_index(run, dataset, "sw").search_approximate(np.ones((1, 16), np.float32), 1)
    report, other = build_index(run, dataset, encoder, IndexOptions())
    assert report.encoded == 0
    assert not report.unchanged
    assert [kind for kind, _ in encoder.asked] == ["passage", "passage", "query"]
    assert report.manifest.recall is not None
    # Hashed words tie often, and which of the tied a graph finds is its own affair.
    assert 0.5 < report.manifest.recall <= 1
    assert (report.manifest.recall_of, report.manifest.recall_sample) == ("queries", 5)
    assert (other.manifest.recall_of, other.manifest.recall_sample) == ("passages", 2)
    # Exact search needs no more than is there, so the graph stays.
    assert build_index(run, dataset, encoder, EXACT)[0].unchanged
    assert build_index(run, dataset, encoder, IndexOptions())[0].unchanged
    other_precision = IndexOptions(graph=GraphOptions(dtype="f16"))
    assert not build_index(run, dataset, encoder, other_precision)[0].unchanged
    index = open_index(run, dataset, "sw")
    query = HashedWords().encode(["w1 w2"], "query")
    found, exact = index.search_approximate(query, 5), index.search_exact(query, 5)
    np.testing.assert_allclose(found.scores, exact.scores, atol=1e-6)


def test_another_model_or_other_passages_need_a_new_index(tmp_path: Path) -> None:
    dataset, run = tiny(tmp_path / "data"), run_with_model(tmp_path)
    with pytest.raises(StateError, match="no index"):
        open_index(run, dataset, "sw")
    build_index(run, dataset, HashedWords(), EXACT)
    changed = tiny(tmp_path / "data", extra=" more")
    with pytest.raises(StateError, match="other passages"):
        open_index(run, changed, "sw")
    assert build_index(run, changed, HashedWords(), EXACT)[0].encoded == 300
    (run.model / "weights").write_text("second")
    with pytest.raises(StateError, match="another model"):
        open_index(run, changed, "sw")
    assert build_index(run, changed, HashedWords(), EXACT)[0].encoded == 300


def test_the_vectors_are_a_plain_npy_file(tmp_path: Path) -> None:
    dataset, run = tiny(tmp_path / "data"), run_with_model(tmp_path)
    build_index(run, dataset, HashedWords(), EXACT)
    file = run.index(dataset.name, "sw") / "vectors.npy"
    expected = tmp_path / "expected.npy"
    np.save(expected, HashedWords().encode(WORDS, "passage"))
    assert file.read_bytes() == expected.read_bytes()


@dataclass
class Diverged(HashedWords):
    def encode(self, *arguments: Any, **options: Any) -> npt.NDArray[np.float32]:
        return super().encode(*arguments, **options) * np.float32(np.nan)


def test_vectors_that_are_no_numbers_leave_no_index(tmp_path: Path) -> None:
    dataset, run = tiny(tmp_path / "data"), run_with_model(tmp_path)
    with pytest.raises(DataError, match="NaN"):
        build_index(run, dataset, Diverged(), EXACT)
    assert list(run.index(dataset.name, "sw").parent.iterdir()) == []


def test_a_run_without_a_model_and_an_unknown_language_are_told(tmp_path: Path) -> None:
    dataset, run = tiny(tmp_path / "data"), run_with_model(tmp_path)
    with pytest.raises(UsageError, match="--languages"):
        build_index(run, dataset, HashedWords(), IndexOptions(languages=("fi",)))
    (run.model / "weights").unlink()
    run.model.rmdir()
    with pytest.raises(StateError, match="no model"):
        build_index(run, dataset, HashedWords(), EXACT)
