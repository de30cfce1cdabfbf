"""Vectors from elsewhere: scored as if hybench had made them, or refused by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import hybench
from hybench.api.indexing import Indexed
from hybench.data.dataset import Dataset
from hybench.errors import DataError, HybenchError, StateError, UsageError
from hybench.evaluation.evaluate import evaluate
from hybench.indexes.handover import folder as folder_module
from hybench.indexes.handover.taking import HandOver, take_vectors
from hybench.indexes.options import IndexOptions
from hybench.indexes.reader import open_index
from hybench.indexes.writer import build_index
from hybench.runs.run import Run
from tests.indexes.fakes import HashedWords, run_with_model
from tests.indexes.handover.fakes import made, whole_folder, write_npy, write_parquet
from tests.indexes.test_writer import tiny

EXACT = IndexOptions(exact=True)


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return tiny(tmp_path / "data")


def taken(tmp_path: Path, dataset: Dataset, given: HandOver, **more: Any) -> Indexed:
    return hybench.index(
        "engine", dataset, EXACT, vectors=given, device="cpu", runs_dir=tmp_path / "runs", **more
    )


def test_scores_are_those_of_the_model_that_made_them(tmp_path: Path, dataset: Dataset) -> None:
    own = run_with_model(tmp_path)
    expected = evaluate(own, dataset, HashedWords()).values
    given = HandOver(whole_folder(tmp_path / "out", dataset), made_by="hashing 1.0")
    indexed = taken(tmp_path, dataset, given)
    assert [each.vectors for each in indexed.taken] == [300, 2, 5]
    scores = hybench.evaluate("engine", dataset, device="cpu", runs_dir=tmp_path / "runs")
    assert scores.to_frame().equals(expected)
    build_index(own, dataset, HashedWords(), EXACT)
    for language in ("sw", "yo"):
        ours, theirs = (open_index(run, dataset, language) for run in (own, indexed.run))
        np.testing.assert_array_equal(np.asarray(ours.vectors), np.asarray(theirs.vectors))
        assert ours.order.tolist() == theirs.order.tolist()
        origin = theirs.manifest.origin
        assert origin is not None
        assert set(origin["files"]) == {f"{language}.parquet"}
        assert origin["least"] == pytest.approx(1, abs=1e-6)
    config = indexed.run.read_config()
    assert (config["kind"], config["made_by"], config["dimension"]) == (
        "vectors",
        "hashing 1.0",
        16,
    )
    assert "5 vectors of queries (sw)." in str(indexed)


def test_a_graph_is_built_over_them_and_texts_are_not_encoded(
    tmp_path: Path, dataset: Dataset
) -> None:
    given = HandOver(whole_folder(tmp_path / "out", dataset))
    runs = tmp_path / "runs"
    indexed = hybench.index("engine", dataset, vectors=given, device="cpu", runs_dir=runs)
    recalled = [report.manifest for report in indexed.reports]
    assert [(each.recall_of, each.recall_sample) for each in recalled] == [
        ("queries", 5),
        ("passages", 2),
    ]
    assert all(each.recall and each.origin for each in recalled)
    options = hybench.EvalOptions(ann=True)
    assert hybench.evaluate(
        "engine", dataset, options, device="cpu", runs_dir=runs
    ).report.values.height
    for use in (
        lambda: hybench.search("w1", "engine", dataset, runs_dir=runs),
        lambda: hybench.mine("engine", dataset, runs_dir=runs),
    ):
        with pytest.raises(HybenchError, match=r"no model|no training pairs"):
            use()
    with pytest.raises(UsageError, match="--precision bf16"):
        hybench.evaluate("engine", dataset, precision="bf16", device="cpu", runs_dir=runs)


def test_files_in_pieces_in_any_order_with_more_than_is_needed(
    tmp_path: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_module, "ROWS", 37)
    ids, vectors = made(dataset, "passage", "sw")
    mixed = np.random.default_rng(0).permutation(len(ids))
    shuffled, moved = [ids[at] for at in mixed], vectors[mixed]
    out = tmp_path / "out"
    write_npy(out, "passage", "sw-0", shuffled[:100], moved[:100])
    write_npy(out, "passage", "sw-1", [*shuffled[100:], "none"], [*moved[100:], moved[0]])
    write_parquet(out, "passage", "yo", *made(dataset, "passage", "yo"))
    indexed = taken(tmp_path, dataset, HandOver(out))
    assert "Left out: 1 vector of passages (sw)" in str(indexed)
    index = open_index(indexed.run, dataset, "sw")
    np.testing.assert_array_equal(np.asarray(index.vectors), vectors)
    origin = index.manifest.origin
    assert origin is not None
    assert (origin["reordered"], origin["extra"]) == (True, 1)
    assert not list(index.folder.glob("unordered*"))


def test_lengths_and_types(tmp_path: Path, dataset: Dataset) -> None:
    ids, unit = made(dataset, "passage", "sw")
    long = unit.astype(np.float64) * np.linspace(1, 3, len(ids))[:, None]
    write_parquet(tmp_path / "out", "passage", "sw", ids, long)
    with pytest.raises(UsageError, match="its length is") as error:
        taken(tmp_path, dataset, HandOver(tmp_path / "out"))
    assert "--similarity cosine or --similarity dot" in error.value.do
    assert not (tmp_path / "runs" / "engine").exists()
    for similarity, expected in (("cosine", unit), ("dot", long.astype(np.float32))):
        run = Run(tmp_path / "runs" / similarity)
        take_vectors(run, dataset, HandOver(tmp_path / "out", similarity))  # type: ignore[arg-type]
        index = open_index(run, dataset, "sw")
        np.testing.assert_allclose(np.asarray(index.vectors), expected, atol=1e-7)
        assert index.manifest.origin is not None
        assert index.manifest.origin["dtype"] == "float64"
        assert index.manifest.origin["largest"] == pytest.approx(3, abs=1e-5)
    half = tmp_path / "half"
    write_npy(half, "passage", "sw", ids, unit.astype(np.float16))
    run = Run(tmp_path / "runs" / "half")
    take_vectors(run, dataset, HandOver(half))
    vectors = np.asarray(open_index(run, dataset, "sw").vectors)
    np.testing.assert_array_equal(vectors, unit.astype(np.float16).astype(np.float32))


def _without_one(out: Path, ids: list[str], vectors: Any) -> None:
    write_npy(out, "passage", "sw", ids[1:], vectors[1:])


def _twice(out: Path, ids: list[str], vectors: Any) -> None:
    write_npy(out, "passage", "sw", [*ids, ids[0]], [*vectors, vectors[0]])


def _nan(out: Path, ids: list[str], vectors: Any) -> None:
    vectors[7, 0] = np.nan
    write_npy(out, "passage", "sw", ids, vectors)


def _too_large(out: Path, ids: list[str], vectors: Any) -> None:
    wide = vectors.astype(np.float64)
    wide[7] *= 1e300
    write_npy(out, "passage", "sw", ids, wide)


def _no_ids(out: Path, ids: list[str], vectors: Any) -> None:
    write_npy(out, "passage", "sw", ids, vectors).with_name("sw.ids.txt").unlink()


def _few_ids(out: Path, ids: list[str], vectors: Any) -> None:
    write_npy(out, "passage", "sw", ids[1:], vectors)


def _whole_numbers(out: Path, ids: list[str], vectors: Any) -> None:
    write_npy(out, "passage", "sw", ids, (vectors * 100).astype(np.int8))


def _ragged(out: Path, ids: list[str], vectors: Any) -> None:
    file = write_parquet(out, "passage", "sw", ids, vectors)
    lists = [each.tolist()[: 16 - (at == 3)] for at, each in enumerate(vectors)]
    pl.DataFrame({"id": ids, "vector": lists}).write_parquet(file)


def _other_columns(out: Path, ids: list[str], vectors: Any) -> None:
    file = write_parquet(out, "passage", "sw", ids, vectors)
    pl.read_parquet(file).rename({"embedding": "values"}).write_parquet(file)


def _two_dimensions(out: Path, ids: list[str], vectors: Any) -> None:
    write_npy(out, "passage", "sw", ids, vectors)
    write_npy(out, "passage", "yo", ["p0", "p1"], np.eye(2, 8, dtype=np.float32))


def _another_language(out: Path, ids: list[str], vectors: Any) -> None:
    write_npy(out, "passage", "fi", ids, vectors)


def _another_name(out: Path, ids: list[str], vectors: Any) -> None:
    write_npy(out, "passage", "sw", ids, vectors).rename(out / "passages" / "swahili.bin")


def _queries_alone(out: Path, ids: list[str], vectors: Any) -> None:
    write_npy(out, "query", "sw", ids, vectors)


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (_without_one, r"1 of 300 passages \(sw\) have no vector: 'p0'"),
        (_twice, r"1 id of passages \(sw\) have several vectors: 'p0'"),
        (_nan, "The vector of passage 'p7' .* has NaN or infinity"),
        (_too_large, "The vector of passage 'p7' .* has NaN or infinity"),
        (_no_ids, r"there is no sw\.ids\.txt"),
        (_few_ids, "has 299 ids for 300 vectors"),
        (_whole_numbers, "it is int8 300 × 16, not a table of floats"),
        (_ragged, "its vectors have 15 to 16 components"),
        (_other_columns, "one vector or embedding"),
        (_two_dimensions, "Vectors have different dimensions: 16 in passages/sw, 8 in passages/yo"),
        (_another_language, "no language fi here"),
        (_another_name, r"swahili\.bin is no file of vectors"),
        (_queries_alone, "has no vectors of passages"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_left(
    write: Callable[[Path, list[str], Any], None], said: str, tmp_path: Path, dataset: Dataset
) -> None:
    write(tmp_path / "out", *made(dataset, "passage", "sw"))
    with pytest.raises(HybenchError, match=said):
        taken(tmp_path, dataset, HandOver(tmp_path / "out"))
    assert not (tmp_path / "runs" / "engine").exists()


def test_zero_has_no_cosine(tmp_path: Path, dataset: Dataset) -> None:
    ids, vectors = made(dataset, "passage", "sw")
    vectors[2] = 0
    write_npy(tmp_path / "out", "passage", "sw", ids, vectors)
    with pytest.raises(DataError, match=r"'p2' .* its length is 0"):
        taken(tmp_path, dataset, HandOver(tmp_path / "out", "cosine"))


def test_other_vectors_replace_these_and_their_results_only_by_force(
    tmp_path: Path, dataset: Dataset
) -> None:
    out, runs = whole_folder(tmp_path / "out", dataset), tmp_path / "runs"
    taken(tmp_path, dataset, HandOver(out))
    hybench.evaluate("engine", dataset, device="cpu", runs_dir=runs)
    again = taken(tmp_path, dataset, HandOver(out))
    assert all(each.unchanged for each in again.taken)
    ids, vectors = made(dataset, "passage", "sw")
    write_parquet(out, "passage", "sw", ids, -vectors)
    with pytest.raises(StateError, match="has other vectors of passages"):
        taken(tmp_path, dataset, HandOver(out))
    with pytest.raises(StateError, match="made_by ''"):
        taken(tmp_path, dataset, HandOver(out, made_by="another"))
    assert again.run.results_info("tiny").is_file()
    forced = IndexOptions(exact=True, force=True)
    hybench.index("engine", dataset, forced, vectors=HandOver(out), device="cpu", runs_dir=runs)
    assert not again.run.results_info("tiny").is_file()
    np.testing.assert_array_equal(
        np.asarray(open_index(again.run, dataset, "sw").vectors), -vectors
    )


def test_queries_without_vectors_are_asked_for_when_they_are_scored(
    tmp_path: Path, dataset: Dataset
) -> None:
    out = whole_folder(tmp_path / "out", dataset)
    ids, vectors = made(dataset, "query", "sw")
    write_npy(out, "query", "sw", ids[1:], vectors[1:])
    with pytest.raises(DataError, match=r"1 of 5 queries \(sw\) have no vector: 'q0'"):
        taken(tmp_path, dataset, HandOver(out))
    for file in (out / "queries").iterdir():
        file.unlink()
    taken(tmp_path, dataset, HandOver(out))
    with pytest.raises(StateError, match="no vectors of all queries") as error:
        hybench.evaluate("engine", dataset, device="cpu", runs_dir=tmp_path / "runs")
    assert "--vectors FOLDER" in error.value.do
