"""A retrieval set of the Hugging Face hub, in the layout that MTEB uses, as a source.

A set in one language has the configs ``corpus``, ``queries`` and ``default`` (or ``qrels``), one in
several languages three for each: ``sw-corpus``, ``sw-queries``, ``sw-qrels``, or ``corpus-sw``.
A corpus has the columns ``_id``, ``title`` (may be missing) and ``text``, queries have ``_id`` and
``text``, judgements ``query-id``, ``corpus-id`` and ``score``; they are in Parquet, JSON lines or
CSV. Only queries that are judged in the splits that are prepared are kept. The train split gives
training pairs, too: each query with each of its relevant passages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.concurrency.progress import ProgressCallback
from hybench.data.download import hash_files
from hybench.data.manifest import DatasetInfo
from hybench.data.sources import About, SourceKind
from hybench.values.checks import once, one_of
from hybench.values.languages import stored_code, stored_codes
from hybench.values.options import languages_option, option

if TYPE_CHECKING:
    from hybench.data.sources.hub.layout import Configs
    from hybench.data.sources.hub.repository import Repository
    from hybench.data.writer import DatasetWriter


@dataclass(frozen=True)
class Hub:
    """A set on the hub, or in a folder that is laid out as one.

    Attributes:
        repository: ``owner/name``, or the path of a folder.
        languages: codes to prepare, None for all.
        language: of a set in one language; None for the one that its card says.
        splits: some of train, dev, test; None for those that are judged.
        revision: branch, tag or commit on the hub, None for its main branch.
        licence: of the texts; None for what the card says.
    """

    repository: str = option("A set of the hub, or a folder laid out as one.", argument="REPO")
    languages: tuple[str, ...] | None = languages_option()
    language: str | None = option("Language of a set in one; by default its card's.", None)
    splits: tuple[str, ...] | None = option("train, dev, test; all that are judged.", None)
    revision: str | None = option("Branch, tag or commit on the hub; main by default.", None)
    licence: str | None = option("Licence of the texts; by default the card's.", None)

    def __post_init__(self) -> None:
        from hybench.data.schema import SPLITS

        once("--splits", self.splits or ())
        for split in self.splits or ():
            one_of("--splits", split, SPLITS)

    @cached_property
    def _opened(self) -> Repository:
        """The repository; asked for once, so that a branch names one commit throughout."""
        from hybench.data.sources.hub.repository import open_repository

        return open_repository(self.repository, self.revision)

    @cached_property
    def _configs(self) -> dict[str, Configs]:
        from hybench.data.sources.hub.layout import find_configs

        return find_configs(self._opened, self.language, self.languages)

    def describe(self, progress: ProgressCallback) -> DatasetInfo:
        """See `hybench.data.preparation.Source`."""
        repository, languages = self._opened, tuple(self._configs)
        local = repository.commit is None
        asked = self.languages if self.languages is None else sorted(stored_codes(self.languages))
        named = (repository.name, *(languages if asked is not None else ()))
        return DatasetInfo(
            name="-".join(named),
            source="hub",
            revision="local files" if local else f"{repository.place}@{repository.commit}",
            licence=self.licence or ", ".join(repository.texts("license")) or "not stated",
            languages=languages,
            settings=("mono",),
            metrics=("nDCG@10", "R@100"),
            depth=1000,
            options={
                "languages": asked,
                "language": None if self.language is None else stored_code(self.language),
                "splits": self.splits if self.splits is None else sorted(self.splits),
            },
            inputs=hash_files(self._local_files(), progress) if local else {},
        )

    def _local_files(self) -> Mapping[str, Path]:
        """The files of a folder by their paths in it."""
        root = Path(self._opened.place)
        tables = [
            self._opened.table(config)
            for configs in self._configs.values()
            for config in configs.values()
        ]
        paths = [Path(file) for table in tables for file in table.files]
        return {path.relative_to(root).as_posix(): path for path in paths}

    def write(self, writer: DatasetWriter, progress: ProgressCallback) -> None:
        """See `hybench.data.preparation.Source`."""
        from hybench.data.sources.hub.layout import judged_splits
        from hybench.data.sources.hub.tables import write_language

        writer.settings = ()
        for language, configs in self._configs.items():
            tables = {table: self._opened.table(config) for table, config in configs.items()}
            splits = judged_splits(tables["qrels"], self.splits)
            write_language(writer, language, tables, splits, progress)


SOURCE = SourceKind(
    """A retrieval set of the hub, as MTEB lays them out.

    Its tables are streamed from the hub, or read from a folder that is laid out as there.""",
    Hub,
    About(
        languages="those of the set",
        licence="the set's",
        download="the tables of the languages that are named; streamed, not kept",
        revision="--revision, or the main branch; the manifest names the commit",
        live=False,
        page="https://huggingface.co/datasets",
    ),
)
