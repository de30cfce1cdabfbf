"""The tables of a prepared data set, its manifest, and how both are written and opened.

A set is a folder ``data/<set>/`` with one Parquet file per table and language and
``dataset.json``, written last: a folder without it is no data set.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from hybench.digests import sha256_once
from hybench.errors import DataError, UsageError
from hybench.languages import is_language
from hybench.names import is_folder_name
from hybench.records import from_json
from hybench.storage import read_json, sha256_json
from hybench.tables import Schema, read_table, scan_table

FORMAT = 1
MANIFEST = "dataset.json"
SETTINGS = ("mono", "cross", "multi")

TABLES: dict[str, Schema] = {
    "passages": {
        "passage_id": pl.String(),
        "title": pl.String(),
        "text": pl.String(),
        "source_id": pl.String(),
    },
    "queries": {
        "query_id": pl.String(),
        "text": pl.String(),
        "source_id": pl.String(),
        "split": pl.String(),
    },
    "qrels": {
        "query_id": pl.String(),
        "passage_lang": pl.String(),
        "passage_id": pl.String(),
        "relevance": pl.Int32(),
    },
    "pairs": {
        "pair_id": pl.String(),
        "query_source_id": pl.String(),
        "source_id": pl.String(),
        "query": pl.String(),
        "passage": pl.String(),
    },
}
"""Column types of each table; a file holds the rows of one language.

- ``passages``: the whole pool of the language, for every split. ``source_id`` is the same for
  translations of one passage, else the passage_id.
- ``queries``: ``source_id`` is the same for translations of one query; ``split`` is train, dev or
  test.
- ``qrels``: by the query's language; all judged rows, relevance 0 included.
- ``pairs``: training only. ``pair_id`` is the same in all languages; ``query_source_id`` and
  ``source_id`` name the query and the passage independent of language, in one namespace: two
  pairs that share either, or a text, never stand in one batch. ``passage`` is title and text
  together.
"""


def passage_text(title: str, text: str) -> str:
    """What an encoder reads of a passage: its title and its text together."""
    return f"{title} {text}" if title else text


def passage_text_expression() -> pl.Expr:
    """`passage_text` as a Polars expression over the columns title and text."""
    joined = pl.concat_str(pl.col("title"), pl.lit(" "), pl.col("text"))
    return pl.when(pl.col("title") == "").then(pl.col("text")).otherwise(joined)


@dataclass(frozen=True)
class DatasetInfo:
    """What ``dataset.json`` says of a set.

    Attributes:
        name: the folder's name.
        source: the source that it was prepared from: ``atlas``, ``miracl`` …
        revision: version of the upstream data in upstream's own words.
        licence: licence of the texts.
        languages: codes of all languages in any table, sorted.
        settings: which of mono, cross, multi make sense.
        metrics: what to report, the primary metric first, named as ir_measures names them.
        depth: how many hits of a ranking count, None for all of them.
        options: the options of the source that shaped the set.
        inputs: SHA-256 of each input file by its name, or an empty mapping.
        counts: rows by table and language; queries by split and language.
        files: SHA-256 of each Parquet file by its path relative to the set.
        format: version of this layout.
    """

    name: str
    source: str
    revision: str
    licence: str
    languages: tuple[str, ...]
    settings: tuple[str, ...]
    metrics: tuple[str, ...]
    depth: int | None
    options: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    counts: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def origin(self) -> str:
        """Digest of what the set was made from; equal origins give equal sets."""
        return sha256_json(
            {
                "source": self.source,
                "revision": self.revision,
                "options": self.options,
                "inputs": self.inputs,
                "format": self.format,
            }
        )

    @property
    def fingerprint(self) -> str:
        """Digest of the tables themselves."""
        return sha256_json(self.files)

    def to_json(self) -> dict[str, Any]:
        """The manifest as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any], path: Path) -> DatasetInfo:
        """Read the manifest's JSON.

        Raises:
            DataError: a field is missing or the layout is of another version.
        """
        if value.get("format") != FORMAT:
            raise DataError(
                f"{path} has layout version {value.get('format')}, not {FORMAT}.",
                "Prepare the set again with this version of hybench.",
            )
        info = from_json(cls, value, path, "Prepare the set again.")
        tables = {**info.counts, **info.counts.get("splits", {}), "splits": {}}
        codes = [*info.languages]
        for rows in tables.values():
            if not isinstance(rows, dict) or any(type(each) is not int for each in rows.values()):
                raise DataError(f"{path}: counts are no numbers of rows.", "Prepare the set again.")
            codes += rows
        if not is_folder_name(info.name):
            raise DataError(f"{path}: {info.name!r} can name no set.", "Prepare the set again.")
        for code in codes:
            if not is_language(code):
                raise DataError(f"{path}: {code!r} is no language code.", "Prepare the set again.")
        unknown = [setting for setting in info.settings if setting not in SETTINGS]
        if unknown:
            raise DataError(f"{path}: {unknown[0]!r} is no setting.", "Prepare the set again.")
        info._check_counts(path)
        return info

    def _check_counts(self, path: Path) -> None:
        """See that counts, checksums and languages are of the same tables, and splits of all rows.

        Raises:
            DataError: naming the first that is not.
        """
        counted = {(table, code) for table in TABLES for code in self.counts.get(table, {})}
        splits = self.counts.get("splits", {})
        queries: Counter[str] = Counter()
        for rows in splits.values():
            queries.update(rows)
        for what, one, other in (
            ("files", {f"{table}/{code}.parquet" for table, code in counted}, {*self.files}),
            ("languages", {code for _, code in counted}, {*self.languages}),
            ("splits", queries, Counter(self.counts.get("queries", {}))),
        ):
            if one != other:
                raise DataError(
                    f"{path}: its {what} are not those of its counts.", "Prepare the set again."
                )


def _unreadable(file: Path, reason: object) -> DataError:
    first = next(iter(str(reason).splitlines()), type(reason).__name__)
    return DataError(f"{file} cannot be read: {first}.", "Prepare the set again with --force.")


@dataclass(frozen=True)
class Dataset:
    """A prepared set, opened; tables are read when asked for."""

    path: Path
    info: DatasetInfo

    @classmethod
    def open(cls, path: Path) -> Dataset:
        """Open the set in the folder `path`.

        Raises:
            UsageError: there is no set.
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
        """Path of one table's file, after a look at all its bytes.

        Raises:
            DataError: it is missing or damaged, or is no such table.
        """
        file = self.file(table, language)
        try:
            if sha256_once(file) != self.info.files.get(f"{table}/{file.name}"):
                raise _unreadable(file, f"its checksum is not the one in {MANIFEST}")
            if scan_table(file).collect_schema() != TABLES[table]:
                raise _unreadable(file, f"its columns are not those of {table}")
            rows = scan_table(file).select(pl.len()).collect().item()
            if rows != self.info.counts.get(table, {}).get(language):
                raise _unreadable(file, f"it has {rows} rows, unlike what {MANIFEST} says")
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
        """The table files that are missing, or are not what the manifest says of them."""
        found = []
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
            found += [self.path / name] if wrong else []
        return found

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
        return tuple(split for split in ("train", "dev", "test") if split in present)

    def evaluation_split(self, split: str | None = None) -> str:
        """The split to report: the one asked for, else test where there is one, else dev.

        Raises:
            UsageError: the set has no such split, or nothing to evaluate on.
        """
        choices = [split] if split is not None else ["test", "dev", "train"]
        for choice in choices:
            if choice in self.splits:
                return choice
        available = " ".join(self.splits) or "none: it only holds training pairs"
        raise UsageError(
            f"Data set {self.name} has no split {split or 'to evaluate on'}.",
            f"Its splits: {available}.",
        )


def open_datasets(names: Sequence[str], root: Path) -> list[Dataset]:
    """Open data sets by name below `root`, or by the path of their folder.

    Raises:
        UsageError: one is not there, or none is named, or one is named in two ways.
    """
    if not names:
        raise UsageError("No data set is named.", "Add --data SET; hybench prepare makes one.")
    opened = [Dataset.open(Path(name) if os.sep in name else root / name) for name in names]
    folders: dict[Path, str] = {}
    for name, dataset in zip(names, opened, strict=True):
        before = folders.setdefault(dataset.path.resolve(), name)
        if before != name:
            raise UsageError(f"--data {before} and --data {name} are one set.", "Name it once.")
    return opened
