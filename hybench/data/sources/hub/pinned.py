"""Sets of the hub in MTEB's layout that hybench knows: one description each, read as any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from hybench.concurrency.progress import ProgressCallback
from hybench.data.download import check_folder, hash_files
from hybench.data.manifest import DatasetInfo
from hybench.data.sources import About
from hybench.errors import DataError, UsageError
from hybench.values.checks import once, one_of
from hybench.values.languages import check_languages
from hybench.values.options import from_dir_option, languages_option, option

if TYPE_CHECKING:
    from hybench.data.sources.hub.repository import HubTable, Repository
    from hybench.data.writer import DatasetWriter

_TABLES = ("corpus", "queries", "qrels")


@dataclass(frozen=True)
class HubSet:
    """What is known of a set on the hub.

    Attributes:
        name: of the source and of the set.
        repository: ``owner/name``.
        revision: the commit that is read, or a branch.
        licence: of the texts.
        languages: what its configs, or splits, call each language, by code.
        splits: those that it has.
        by_split: whether the languages are splits of three configs, all of test; else each has
            three configs.
        whole: whether all languages are prepared if none is named; not of large sets.
        relevant: published numbers of relevant judgements, by language and split; what has none
            is not checked.
    """

    name: str
    repository: str
    revision: str
    licence: str
    languages: Mapping[str, str]
    splits: tuple[str, ...] = ("test",)
    by_split: bool = False
    whole: bool = False
    relevant: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def about(self, download: str) -> About:
        """The facts for the list of sources."""
        return About(
            languages=" ".join(self.languages),
            licence=self.licence,
            download=download,
            revision=f"{self.repository}@{self.revision}",
            live=False,
            page=f"https://huggingface.co/datasets/{self.repository}",
        )

    def check(self, language: str, measured: Mapping[str, int]) -> None:
        """Check a language's numbers of relevant judgements by split.

        Raises:
            DataError: one is not as published.
        """
        published = self.relevant.get(language, {})
        for split, number in measured.items():
            if published.get(split, number) != number:
                raise DataError(
                    f"{self.repository} has {number} relevant judgements in {language} ({split}); "
                    f"published are {published[split]}.",
                    "It was changed: read the pinned commit, or other --splits.",
                )


@dataclass(frozen=True)
class Pinned:
    """A set of the hub as a source; its tables are streamed.

    Attributes:
        languages: codes to prepare, None for all.
        from_dir: folder of a copy of the repository with its README.md; None for the hub.
        splits: some of those that the set has, None for all.
    """

    of: ClassVar[HubSet]

    languages: tuple[str, ...] | None = languages_option()
    from_dir: Path | None = from_dir_option()
    splits: tuple[str, ...] | None = option("Some of its splits; by default all.", None)

    def __post_init__(self) -> None:
        once("--splits", self.splits or ())
        for split in self.splits or ():
            one_of("--splits", split, self.of.splits)
        if self.languages is None and not self.of.whole:
            raise UsageError(
                f"{self.of.name} is too large to prepare in all its languages.",
                f"Name some with --languages: {' '.join(self.of.languages)}.",
            )
        asked = self.languages or self.of.languages
        chosen = check_languages(tuple(asked), self.of.languages, "--languages")
        object.__setattr__(self, "languages", chosen)

    @cached_property
    def _opened(self) -> Repository:
        """The repository, asked for once."""
        from hybench.data.sources.hub.repository import open_repository

        if self.from_dir is not None:
            return open_repository(str(check_folder(self.from_dir)), None)
        return open_repository(self.of.repository, self.of.revision)

    @cached_property
    def _tables(self) -> dict[str, dict[str, HubTable]]:
        """Corpus, queries and qrels of each language."""
        from hybench.data.sources.hub.layout import find_configs

        if self.of.by_split:
            shared = {table: self._opened.table(table) for table in _TABLES}
            return dict.fromkeys(self.languages or (), shared)
        words = {word: code for code, word in self.of.languages.items()}
        found = find_configs(self._opened, None, self.languages, words)
        return {
            language: {table: self._opened.table(config) for table, config in configs.items()}
            for language, configs in found.items()
        }

    def describe(self, progress: ProgressCallback) -> DatasetInfo:
        """See `hybench.data.preparation.Source`."""
        languages = self.languages or ()
        opened, local = self._opened, self.from_dir is not None
        return DatasetInfo(
            name="-".join(
                (self.of.name, *(languages if len(languages) < len(self.of.languages) else ()))
            ),
            source=self.of.name,
            revision="local files" if local else f"{opened.place}@{opened.commit}",
            licence=self.of.licence,
            languages=languages,
            settings=("mono",),
            metrics=("nDCG@10", "R@100"),
            depth=1000,
            options={
                "languages": list(languages),
                "splits": sorted(self.splits or self.of.splits),
            },
            inputs=hash_files(self._local_files(), progress) if local else {},
        )

    def _local_files(self) -> Mapping[str, Path]:
        """The files of a copy by their paths in it."""
        root = Path(self._opened.place)
        tables = [table for own in self._tables.values() for table in own.values()]
        paths = {Path(file) for table in tables for file in table.files}
        return {path.relative_to(root).as_posix(): path for path in sorted(paths)}

    def write(self, writer: DatasetWriter, progress: ProgressCallback) -> None:
        """See `hybench.data.preparation.Source`."""
        from hybench.data.sources.hub.layout import judged_splits
        from hybench.data.sources.hub.tables import write_language

        writer.settings = ()
        for language, tables in self._tables.items():
            splits = (
                {"test": self.of.languages[language]}
                if self.of.by_split
                else judged_splits(tables["qrels"], self.splits or self.of.splits)
            )
            counts = write_language(writer, language, tables, splits, progress)
            self.of.check(language, counts)
