"""What a source of data is, and the one way from it to a prepared set."""

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
    """Something that a data set can be prepared from; a frozen dataclass of its options."""

    def describe(self, progress: ProgressCallback) -> DatasetInfo:
        """Say what will be written, without writing: all fields but counts and files.

        Input files are found (or downloaded) and hashed here, so that an unchanged set is
        recognised before any real work.

        Raises:
            UsageError: an option makes no sense or a folder is missing.
            DataError: an input file is missing or unreadable.
        """

    def write(self, writer: DatasetWriter, progress: ProgressCallback) -> None:
        """Write the tables.

        Raises:
            DataError: an input is not what it says it is.
        """


@dataclass(frozen=True)
class Prepared:
    """The outcome of `prepare`.

    Attributes:
        dataset: the set, opened.
        unchanged: True where the same set stood there already and nothing was written.
        left_out: the faults of the source's lines that were left out.
        repeated_texts: pairs that share a query's or passage's text with another, though no id
            says so; they never stand in one batch.
        groups: the conflict groups of its pairs, of which a batch holds a pair each at most.
    """

    dataset: Dataset
    unchanged: bool
    left_out: Problems = field(default_factory=Problems)
    repeated_texts: int = 0
    groups: int = 0


def prepare(
    source: Source,
    root: Path,
    name: str | None = None,
    force: bool = False,
    progress: ProgressCallback = ignore,
) -> Prepared:
    """Prepare a set below `root`: whole and checked, or not at all.

    Args:
        source: where the data comes from.
        root: the folder of all sets, ``data/`` by default on the command line.
        name: the set's name; None for the source's own.
        force: write again what is there, and replace a set that was made otherwise.
        progress: called as the work goes on.

    Raises:
        StateError: another set of that name stands there, or the folder cannot be written.
        HybenchError: whatever the source finds wrong.
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
    groups = len(set(rows.groups().tolist()))
    return Prepared(dataset, unchanged, left_out, rows.repeated_texts(), groups)
