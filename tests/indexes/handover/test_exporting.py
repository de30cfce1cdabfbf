"""Vectors for other engines: read back by hybench, and by the engines' own libraries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from hybench.data.dataset import Dataset
from hybench.errors import DataError, UsageError
from hybench.evaluation.evaluate import evaluate
from hybench.files.documents import read_json
from hybench.indexes.handover import exporting
from hybench.indexes.handover.exporting import Export, export_vectors
from hybench.indexes.handover.folder import write_ids
from hybench.indexes.handover.stored import StoredVectors
from hybench.indexes.handover.taking import HandOver, take_vectors
from hybench.indexes.options import IndexOptions
from hybench.indexes.writer import build_index
from hybench.runs.run import Run
from tests.indexes.fakes import HashedWords, run_with_model
from tests.indexes.handover.fakes import made
from tests.indexes.test_writer import tiny


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return tiny(tmp_path / "data")


def exported(tmp_path: Path, dataset: Dataset, form: str, **options: Any) -> tuple[Run, Path]:
    run = run_with_model(tmp_path)
    build_index(run, dataset, HashedWords(), IndexOptions(exact=True, shard_rows=64, **options))
    folder = tmp_path / form
    export_vectors(run, dataset, HashedWords(), Export(form, folder), ("sw", "yo"))
    assert read_json(folder / "export.json")["counts"] == {
        "passages": {"sw": 300, "yo": 2},
        "queries": {"sw": 5},
    }
    return run, folder


@pytest.mark.parametrize("form", ["parquet", "npy"])
def test_what_is_exported_is_taken_with_the_same_scores(
    form: str, tmp_path: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "ROWS", 100)
    run, folder = exported(tmp_path, dataset, form, store="f16")
    other = Run(tmp_path / "other")
    take_vectors(other, dataset, HandOver(folder, "dot"))
    stored = StoredVectors.of(other, dataset, "cpu")
    expected = evaluate(run, dataset, HashedWords()).values
    assert evaluate(other, dataset, stored).values.equals(expected)
    again = tmp_path / "again"
    export_vectors(other, dataset, stored, Export(form, again), ("sw", "yo"))
    files = [read_json(each / "export.json")["files"] for each in (folder, again)]
    assert files[0] == files[1]


def test_parquet_is_read_by_others(tmp_path: Path, dataset: Dataset) -> None:
    _, folder = exported(tmp_path, dataset, "parquet")
    table = pl.read_parquet(folder / "passages" / "sw.parquet")
    ids, vectors = made(dataset, "passage", "sw")
    assert table.schema == {"id": pl.String, "vector": pl.Array(pl.Float32, 16)}
    assert table["id"].to_list() == ids
    np.testing.assert_array_equal(table["vector"].to_numpy(), vectors)


def test_faiss(tmp_path: Path, dataset: Dataset) -> None:
    faiss = pytest.importorskip("faiss", reason="pip install 'hybench[faiss]'")
    _, folder = exported(tmp_path, dataset, "faiss")
    index = faiss.read_index(str(folder / "passages" / "sw.faiss"))
    ids = (folder / "passages" / "sw.ids.txt").read_text(encoding="utf-8").splitlines()
    own, vectors = made(dataset, "passage", "sw")
    assert ids == own
    scores, rows = index.search(vectors[40:41], 1)
    assert scores[0, 0] == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(vectors[rows[0, 0]], vectors[40], atol=1e-6)


def test_lance(tmp_path: Path, dataset: Dataset) -> None:
    lance = pytest.importorskip("lance", reason="pip install 'hybench[lance]'")
    _, folder = exported(tmp_path, dataset, "lance")
    table = lance.dataset(str(folder / "passages" / "sw.lance"))
    assert table.count_rows() == 300
    ids, vectors = made(dataset, "passage", "sw")
    nearest = {"column": "vector", "q": vectors[40], "k": 1, "metric": "dot"}
    found = table.to_table(nearest=nearest).to_pylist()
    np.testing.assert_allclose(found[0]["vector"], vectors[40], atol=1e-6)
    assert found[0]["id"] in ids


def test_what_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="--export is 'csv'"):
        Export("csv", tmp_path)
    monkeypatch.setitem(exporting._NEEDED, "lance", ("no_such_module", "pylance"))
    with pytest.raises(UsageError, match="needs pylance") as error:
        Export("lance", tmp_path)
    assert "hybench[lance]" in error.value.do
    with pytest.raises(DataError, match="line break"):
        write_ids(tmp_path / "ids.txt", ["a\nb"])
