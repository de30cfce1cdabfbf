"""The protocol of a data source, and the function that prepares a set from one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from hybench.concurrency.progress import Progress, ProgressCallback, ignore
from hybench.data.conflicts import read_pair_rows
from hybench.data.dataset import Dataset
from hybench.data.lines import Problems
from hybench.data.manifest import MANIFEST, DatasetInfo
from hybench.data.writer import DatasetWriter
from hybench.errors import StateError
from hybench.files.atomic import replacing_folder
from hybench.files.documents import write_json
from hybench.values.names import check_name


class Source(Protocol):
    """A source of a data set; a frozen dataclass of its options."""

    def describe(self, progress: ProgressCallback) -> DatasetInfo:
        """Describe the set without writing it: all fields but counts and files.

        Input files are found (or downloaded) and hashed here, so that an unchanged set is
        recognised before any real work.

        Raises:
            UsageError: an option makes no sense or a folder is missing.
            DataError: an input file is missing or unreadable.
        """

    def write(self, writer: DatasetWriter, progress: ProgressCallback) -> None:
        """Write the tables.

        Raises:
            DataError: an input is damaged or malformed.
        """


@dataclass(frozen=True)
class Prepared:
    """The result of `prepare`.

    Attributes:
        dataset: the set, opened.
        unchanged: True if the same set already existed and nothing was written.
        left_out: the faults of the source's lines that were skipped.
        repeated_texts: number of pairs that share the text of a query or passage with another
            pair but no id; they are never in one batch.
        apart: how many of its pairs were found that share neither query nor passage with each
            other, so that one batch may have them all.
    """

    dataset: Dataset
    unchanged: bool
    left_out: Problems = field(default_factory=Problems)
    repeated_texts: int = 0
    apart: int = 0


def prepare(
    source: Source,
    root: Path,
    name: str | None = None,
    force: bool = False,
    progress: ProgressCallback = ignore,
) -> Prepared:
    """Prepare a set below `root`, complete and checked, or not at all.

    Args:
        source: the source of the data.
        root: the folder of all sets, ``data/`` by default on the command line.
        name: the set's name; None for the source's own.
        force: write an existing set again, and replace one made from other data or options.
        progress: receives progress reports.

    Raises:
        StateError: another set with that name exists, or the folder cannot be written.
        HybenchError: an error of the source.
    """
    info = source.describe(progress)
    info = replace(info, name=check_name(name or info.name, "--name"))
    target = root / info.name
    if (target / MANIFEST).is_file() and not force:
        existing = Dataset.open(target)
        if existing.info.origin == info.origin:
            return _prepared(existing, True, Problems(), progress)
        raise StateError(
            f"{target} is a set that was made from other data or options.",
            "Give this one another --name, or replace the old one with --force.",
        )
    with replacing_folder(target, MANIFEST) as folder:
        writer = DatasetWriter(folder)
        source.write(writer, progress)
        progress(Progress("check", 0, None, "tables"))
        writer.check()
        counts: dict[str, Any] = {table: rows for table, rows in writer.counts.items() if rows}
        languages = tuple(sorted({code for rows in counts.values() for code in rows}))
        counts["splits"] = writer.split_counts()
        info = replace(
            info,
            languages=languages,
            settings=info.settings if writer.settings is None else writer.settings,
            counts=counts,
            files=writer.file_digests(),
        )
        write_json(folder / MANIFEST, info.to_json())
    return _prepared(Dataset.open(target), False, writer.left_out, progress)


def _prepared(
    dataset: Dataset, unchanged: bool, left_out: Problems, progress: ProgressCallback
) -> Prepared:
    paired = dataset.table_languages("pairs")
    if not paired:
        return Prepared(dataset, unchanged, left_out)
    progress(Progress("compare texts", 0, None, "pairs"))
    rows = read_pair_rows(dataset, paired)
    apart = rows.shared().apart(len(rows.pair_ids))
    return Prepared(dataset, unchanged, left_out, rows.repeated_texts(), apart)
