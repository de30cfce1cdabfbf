"""The manifest of a prepared data set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from hybench.errors import DataError
from hybench.files.documents import sha256_json
from hybench.values.languages import is_language
from hybench.values.names import is_folder_name
from hybench.values.typed import from_json

FORMAT = 1
MANIFEST = "dataset.json"


@dataclass(frozen=True)
class DatasetInfo:
    """The content of ``dataset.json``.

    Attributes:
        name: the folder's name.
        source: the source that it was prepared from: ``atlas``, ``miracl`` …
        revision: upstream's own version of the data.
        licence: licence of the texts.
        languages: codes of all languages in any table, sorted.
        settings: which of mono, cross, multi apply.
        metrics: what to report, the primary metric first, named as ir_measures names them.
        depth: how many hits of a ranking count, None for all of them.
        options: the options of the source that decide the set.
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
        """Digest of the inputs and options; equal origins give equal sets."""
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
        from hybench.data.schema import SETTINGS

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
                raise DataError(
                    f"{path}: counts are not numbers of rows.", "Prepare the set again."
                )
            codes += rows
        if not is_folder_name(info.name):
            raise DataError(
                f"{path}: {info.name!r} is not a valid set name.", "Prepare the set again."
            )
        for code in codes:
            if not is_language(code):
                raise DataError(
                    f"{path}: {code!r} is not a language code.", "Prepare the set again."
                )
        unknown = [setting for setting in info.settings if setting not in SETTINGS]
        if unknown:
            raise DataError(f"{path}: {unknown[0]!r} is not a setting.", "Prepare the set again.")
        info._check_counts(path)
        return info

    def _check_counts(self, path: Path) -> None:
        """Check that counts, checksums, languages and splits are of the same tables and rows.

        Raises:
            DataError: naming the first mismatch.
        """
        from hybench.data.schema import TABLES

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
                    f"{path}: its {what} do not match its counts.", "Prepare the set again."
                )
