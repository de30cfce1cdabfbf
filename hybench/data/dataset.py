"""A prepared data set, opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from hybench.data.manifest import MANIFEST, DatasetInfo
from hybench.data.schema import SPLITS, TABLES
from hybench.errors import DataError, UsageError
from hybench.files.atomic import real
from hybench.files.checksums import sha256_once
from hybench.files.documents import read_json
from hybench.files.tables import read_table, scan_table
from hybench.values.names import folder_named


def _unreadable(file: Path, reason: object) -> DataError:
    first = next(iter(str(reason).splitlines()), type(reason).__name__)
    return DataError(f"{file} cannot be read: {first}.", "Prepare the set again with --force.")


@dataclass(frozen=True)
class Dataset:
    """A prepared set, opened; tables are read on demand."""

    path: Path
    info: DatasetInfo

    @classmethod
    def open(cls, path: Path) -> Dataset:
        """Open the set in the folder `path`.

        Raises:
            UsageError: the set does not exist.
            DataError: its manifest cannot be read.
        """
        manifest = path / MANIFEST
        if not manifest.is_file():
            others = sorted(other.parent.name for other in path.parent.glob(f"[!.]*/{MANIFEST}"))
            known = f" Prepared here: {' '.join(others)}." if others else ""
            raise UsageError(
                f"No data set {path.name!r} in {path.parent}.",
                f"Prepare it: hybench prepare SOURCE (hybench prepare --help lists them).{known}",
            )
        return cls(path, DatasetInfo.from_json(read_json(manifest), manifest))

    @property
    def name(self) -> str:
        """The set's name."""
        return self.info.name

    def file(self, table: str, language: str) -> Path:
        """Path of one table's file."""
        return self.path / table / f"{language}.parquet"

    def table_languages(self, table: str) -> tuple[str, ...]:
        """Languages that have rows in `table`, sorted."""
        return tuple(sorted(self.info.counts.get(table, {})))

    def readable_file(self, table: str, language: str) -> Path:
        """Path of one table's file, after all its bytes were verified.

        Raises:
            DataError: it is missing or damaged, or has other columns.
        """
        file = self.file(table, language)
        try:
            if sha256_once(file) != self.info.files.get(f"{table}/{file.name}"):
                raise _unreadable(file, f"its checksum differs from the one in {MANIFEST}")
            if scan_table(file).collect_schema() != TABLES[table]:
                raise _unreadable(file, f"its columns are not those of {table}")
            rows = scan_table(file).select(pl.len()).collect().item()
            if rows != self.info.counts.get(table, {}).get(language):
                raise _unreadable(file, f"it has {rows} rows, not the number in {MANIFEST}")
        except (pl.exceptions.PolarsError, OSError) as error:
            raise _unreadable(file, error) from error
        return file

    def scan(self, table: str, language: str) -> pl.LazyFrame:
        """One table of one language, lazily, with the columns of `TABLES`.

        Raises:
            DataError: its file is missing or damaged.
        """
        return scan_table(self.readable_file(table, language))

    def _read(self, table: str, language: str) -> pl.DataFrame:
        if language not in self.table_languages(table):
            return pl.DataFrame(schema=TABLES[table])
        file = self.readable_file(table, language)
        try:
            return read_table(file)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise _unreadable(file, error) from error

    def damaged_files(self) -> list[Path]:
        """The table files that are missing or differ from the manifest."""
        damaged = []
        for name in self.info.files:
            table, _, file = name.partition("/")
            language = file.removesuffix(".parquet")
            try:
                self.readable_file(table, language)
                wrong = table == "queries" and self._splits(language) != {
                    split: rows[language]
                    for split, rows in self.info.counts.get("splits", {}).items()
                    if language in rows
                }
            except DataError:
                wrong = True
            damaged += [self.path / name] if wrong else []
        return damaged

    def _splits(self, language: str) -> dict[str, int]:
        rows = self.queries(language).group_by("split").len()
        return dict(rows.iter_rows())

    def passages(self, language: str) -> pl.DataFrame:
        """The passages of a language, in the file's order."""
        return self._read("passages", language)

    def queries(self, language: str, split: str | None = None) -> pl.DataFrame:
        """The queries of a language, of one split or of all."""
        frame = self._read("queries", language)
        return frame if split is None else frame.filter(pl.col("split") == split)

    def qrels(self, language: str) -> pl.DataFrame:
        """The judgements of a language's queries, of all splits."""
        return self._read("qrels", language)

    def pairs(self, language: str) -> pl.DataFrame:
        """The training pairs of a language."""
        return self._read("pairs", language)

    @property
    def splits(self) -> tuple[str, ...]:
        """Splits that have queries: some of train, dev, test, in that order."""
        present = self.info.counts.get("splits", {})
        return tuple(split for split in SPLITS if split in present)

    def evaluation_split(self, split: str | None = None) -> str:
        """The split to report: the requested one, else test if there is one, else dev.

        Raises:
            UsageError: the set has no such split, or nothing to evaluate on.
        """
        choices = [split] if split is not None else ["test", "dev", "train"]
        for choice in choices:
            if choice in self.splits:
                return choice
        available = " ".join(self.splits) or "none; it has only training pairs"
        raise UsageError(
            f"Data set {self.name} has no split {split or 'to evaluate on'}.",
            f"Its splits: {available}.",
        )


def open_datasets(names: Sequence[str], root: Path) -> list[Dataset]:
    """Open data sets by name below `root`, or by the path of their folder.

    Raises:
        UsageError: one does not exist, none is named, or one is named twice.
    """
    if not names:
        raise UsageError("No data set was given.", "Add --data SET; hybench prepare makes one.")
    opened = [Dataset.open(folder_named(name, root)) for name in names]
    folders: dict[Path, str] = {}
    for name, dataset in zip(names, opened, strict=True):
        before = folders.setdefault(real(dataset.path), name)
        if before != name:
            raise UsageError(
                f"--data {before} and --data {name} are the same set.", "Name it once."
            )
    return opened
