"""Vectors of a small set, as another engine would give them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from hybench.data.dataset import Dataset
from hybench.data.schema import passage_text_expression
from hybench.indexes.handover.folder import FOLDERS, Kind
from tests.indexes.fakes import HashedWords


def texts(dataset: Dataset, kind: Kind, language: str) -> tuple[list[str], list[str]]:
    """Ids and texts."""
    if kind == "query":
        frame = dataset.queries(language)
        return frame["query_id"].to_list(), frame["text"].to_list()
    frame = dataset.passages(language).with_columns(all=passage_text_expression())
    return frame["passage_id"].to_list(), frame["all"].to_list()


def made(dataset: Dataset, kind: Kind, language: str) -> tuple[list[str], NDArray[Any]]:
    """Ids and vectors, those of `HashedWords`."""
    ids, own = texts(dataset, kind, language)
    return ids, HashedWords().encode(own, kind)


def write_parquet(folder: Path, kind: Kind, name: str, ids: list[str], vectors: Any) -> Path:
    """Write a Parquet file of lists."""
    file = folder / FOLDERS[kind] / f"{name}.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    own = np.asarray(vectors)
    kind_of = {2: pl.Float16, 4: pl.Float32, 8: pl.Float64}[own.dtype.itemsize]
    frame = pl.DataFrame({"id": ids, "embedding": pl.Series(own.tolist(), dtype=pl.List(kind_of))})
    frame.write_parquet(file)
    return file


def write_npy(folder: Path, kind: Kind, name: str, ids: list[str], vectors: Any) -> Path:
    """Write an .npy file and its ids."""
    file = folder / FOLDERS[kind] / f"{name}.npy"
    file.parent.mkdir(parents=True, exist_ok=True)
    np.save(file, vectors)
    file.with_name(f"{name}.ids.txt").write_text("".join(f"{each}\n" for each in ids))
    return file


def whole_folder(folder: Path, dataset: Dataset) -> Path:
    """All of a set's passages and queries."""
    for language in dataset.table_languages("passages"):
        write_parquet(folder, "passage", language, *made(dataset, "passage", language))
    for language in dataset.table_languages("queries"):
        write_npy(folder, "query", language, *made(dataset, "query", language))
    return folder
