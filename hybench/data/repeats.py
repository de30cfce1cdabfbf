"""Find repeated ids in memory that does not grow with the corpus."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import numpy as np
import numpy.typing as npt
import polars as pl

from hybench.files.tables import scan_table

_BITS = 6
"""Hashes are stored in 2 ** _BITS files by their first bits; one file at a time is read."""


class IdHashes:
    """The 64-bit hashes of ids, in temporary files of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: list[IO[bytes]] = []

    def add(self, ids: pl.Series) -> None:
        """Add the ids of some rows, strings."""
        if not self._files:
            self._files = [TemporaryFile(dir=self._folder) for _ in range(1 << _BITS)]  # noqa: SIM115 - see close
        hashes = np.sort(ids.hash().to_numpy())
        starts = np.arange(1, 1 << _BITS, dtype=np.uint64) << np.uint64(64 - _BITS)
        parts = np.split(hashes, np.searchsorted(hashes, starts))
        for file, part in zip(self._files, parts, strict=True):
            file.write(part.tobytes())

    def repeated(self) -> npt.NDArray[np.uint64]:
        """The hashes that were added more than once, sorted."""
        parts = []
        for file in self._files:
            file.seek(0)
            hashes = np.sort(np.frombuffer(file.read(), np.uint64))
            parts.append(np.unique(hashes[1:][hashes[1:] == hashes[:-1]]))
        return np.concatenate(parts) if parts else np.empty(0, np.uint64)

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            with suppress(OSError):  # what a full disk refused is no longer needed
                file.close()
        self._files = []


def repeated_ids(path: Path, key: str, hashes: npt.NDArray[np.uint64]) -> list[str]:
    """The values that several rows of a Parquet file's column have, sorted.

    Args:
        path: the file.
        key: the column.
        hashes: the hashes of all such values, and perhaps of some others.
    """
    if not len(hashes):
        return []
    suspects = scan_table(path).filter(pl.col(key).hash().is_in(hashes.tolist()))
    counts = suspects.group_by(key).len().filter(pl.col("len") > 1).select(key)
    return counts.collect(engine="streaming").to_series().sort().to_list()
