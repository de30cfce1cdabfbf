"""A folder of vectors that were made elsewhere: its files, their ids and their vectors.

``passages/<lang>`` and ``queries/<lang>``, each a Parquet file with a column of ids and one of
vectors, or an .npy file with the ids, one a line, in ``<lang>.ids.txt`` beside it; or several such
files, ``<lang>-00000`` and so on, one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from hybench.errors import DataError, UsageError
from hybench.files.checksums import sha256_file
from hybench.files.tables import scan_table, table_chunks, table_columns
from hybench.values.languages import CODE_PATTERN, stored_code
from hybench.wording.amounts import listed

Kind = Literal["passage", "query"]
FOLDERS: dict[Kind, str] = {"passage": "passages", "query": "queries"}

IDS_END = ".ids.txt"
"""What the name of the ids of an .npy file ends in."""

ROWS = 8192
"""Vectors read at a time."""

_FILE = re.compile(rf"({CODE_PATTERN})(?:-\d+)?\.(npy|parquet)")
_VECTORS = ("vector", "embedding")
_FLOATS = {pl.Float16, pl.Float32, pl.Float64}


@dataclass(frozen=True)
class VectorFiles:
    """The files of one kind and language, in their order.

    Attributes:
        kind: passage or query.
        language: code.
        files: at least one.
    """

    kind: Kind
    language: str
    files: tuple[Path, ...]

    def digests(self) -> dict[str, str]:
        """SHA-256 of the files, those of ids too, by name."""
        every = [path for file in self.files for path in (file, _ids_of(file)) if path.is_file()]
        return {path.name: sha256_file(path) for path in every}

    @cached_property
    def ids(self) -> pl.Series:
        """The ids of all vectors, in the order of the files.

        Raises:
            DataError: a file cannot be read, or has more or fewer ids than vectors.
        """
        return pl.concat([self._ids(file) for file in self.files])

    @cached_property
    def dimension(self) -> int:
        """Components of a vector.

        Raises:
            DataError: the first file has no vectors.
        """
        for vectors in self.vectors():
            return int(vectors.shape[1])
        raise _wrong(self.files[0], "it has no vectors")

    @cached_property
    def dtype(self) -> str:
        """What the first file's components are: float16, float32 or float64."""
        return next(str(vectors.dtype) for vectors in self.vectors())

    def vectors(self) -> Iterator[NDArray[Any]]:
        """The vectors, some at a time: floats [m, d], in the order of the ids.

        Raises:
            DataError: a file cannot be read, or its vectors are no floats or of other lengths.
        """
        for file in self.files:
            if file.suffix == ".npy":
                array = _mapped(file)
                for start in range(0, len(array), ROWS):
                    yield array[start : start + ROWS]
            else:
                column = self._columns(file)[1]
                for frame in table_chunks(file, [column], ROWS):
                    yield _matrix(file, frame[column])

    def _ids(self, file: Path) -> pl.Series:
        if file.suffix == ".npy":
            own = _ids_of(file)
            if not own.is_file():
                raise DataError(
                    f"{file} has no ids: there is no {own.name}.",
                    "Write them into that file, one a line, in the order of the vectors.",
                )
            lines = own.read_text(encoding="utf-8").split("\n")
            ids = pl.Series("id", lines[:-1] if lines[-1] == "" else lines, pl.String)
            count = len(_mapped(file))
            if len(ids) != count:
                raise _wrong(file, f"{own.name} has {len(ids):,} ids for {count:,} vectors")
            return ids
        frame = table_columns(file, [self._columns(file)[0]])
        ids = frame.to_series().cast(pl.String).rename("id")
        if ids.null_count():
            raise _wrong(file, f"{ids.null_count():,} of its ids are null")
        return ids

    def _columns(self, file: Path) -> tuple[str, str]:
        """The names of a Parquet file's columns of ids and of vectors."""
        try:
            schema = scan_table(file).collect_schema()
        except (OSError, pl.exceptions.PolarsError) as error:
            raise _wrong(file, str(error).partition("\n")[0]) from error
        names = ("id", "_id", "docid", f"{self.kind}_id")
        found = [[name for name in each if name in schema] for each in (names, _VECTORS)]
        if any(len(each) != 1 for each in found):
            raise _wrong(
                file,
                f"its columns are {listed(list(schema))}, and one must be called "
                f"{' or '.join(names)}, one {' or '.join(_VECTORS)}",
            )
        return found[0][0], found[1][0]


def find_vectors(folder: Path) -> list[VectorFiles]:
    """The vectors in a folder, passages first, by language.

    Raises:
        UsageError: there are none, or a file's name is none of theirs.
    """
    found: dict[tuple[Kind, str], list[Path]] = {}
    for kind, name in FOLDERS.items():
        for file in sorted((folder / name).glob("[!.]*")):
            if file.name.endswith(IDS_END):
                continue
            match = _FILE.fullmatch(file.name)
            if match is None:
                raise UsageError(
                    f"--vectors: {file} is no file of vectors.",
                    f"Name it after its language: {name}/en.parquet, or {name}/en.npy and "
                    f"{name}/en{IDS_END}.",
                )
            found.setdefault((kind, stored_code(match[1])), []).append(file)
    if not any(kind == "passage" for kind, _ in found):
        raise UsageError(
            f"--vectors: {folder} has no vectors of passages.",
            "Put them into passages/<lang>.parquet, or passages/<lang>.npy and "
            f"passages/<lang>{IDS_END}; those of queries into queries/.",
        )
    return [VectorFiles(*key, tuple(files)) for key, files in found.items()]


def write_ids(path: Path, ids: Sequence[str]) -> None:
    """Write the ids of an .npy file, one a line.

    Raises:
        DataError: an id has a line break.
    """
    for each in ids:
        if "\n" in each:
            raise DataError(f"The id {each!r} has a line break.", "Export to parquet instead.")
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{each}\n" for each in ids)


def _ids_of(file: Path) -> Path:
    return file.with_name(file.stem + IDS_END)


def _mapped(file: Path) -> NDArray[Any]:
    try:
        array = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise _wrong(file, str(error).partition("\n")[0]) from error
    if array.ndim != 2 or array.dtype.kind != "f" or array.dtype.itemsize > 8:
        shape = " × ".join(map(str, array.shape))
        raise _wrong(file, f"it is {array.dtype} {shape}, not a table of floats")
    return np.asarray(array)


def _matrix(file: Path, column: pl.Series) -> NDArray[Any]:
    """A column of lists or arrays of floats, [m, d]."""
    kind = column.dtype
    inner = kind.inner if isinstance(kind, pl.List | pl.Array) else None
    if inner not in _FLOATS or column.null_count():
        raise _wrong(file, f"{column.name} is {kind!r}, not a column of lists of floats")
    if isinstance(kind, pl.List):
        lengths = np.unique(column.list.len().to_numpy()).tolist()
        if len(lengths) > 1:
            raise _wrong(file, f"its vectors have {lengths[0]} to {lengths[-1]} components")
        column = column.list.to_array(lengths[0]) if lengths else column
    if column.explode().null_count():
        raise _wrong(file, "there are nulls among its components")
    return column.to_numpy()


def _wrong(file: Path, what: str) -> DataError:
    return DataError(f"{file}: {what}.", "Write it again; docs/handover.md has the layout.")
