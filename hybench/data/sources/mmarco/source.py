"""mMARCO (Bonifacio et al. 2021, arXiv 2108.13897): MS MARCO passages, machine-translated.

The raw files of the hub's ``unicamp-dl/mmarco``, as its loading script no longer runs: version 2,
translated by Google, in 14 languages with one set of ids. In ``data/google`` lie
``collections/chinese_collection.tsv`` (8,841,823 passages),
``queries/train/chinese_queries.train.tsv`` and ``queries/dev/chinese_queries.dev.small.tsv``: lines
of an id, a tab and a text; in ``data`` lie ``qrels.dev.small.tsv`` with TREC's four columns, and
``triples.train.ids.small.tsv`` with the ids of a query, a relevant and another passage. Numbers are
those of ir_datasets (``etc/downloads.json``, ``etc/metadata.json``).

A training pair is a query and a relevant passage of the triples, in all languages; the passages
that are not relevant have no place in a pair. Files are read in blocks: in memory are only the
texts of a language's training pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from hybench.concurrency.progress import ProgressCallback
from hybench.data.download import hash_files, hub_files, local_files
from hybench.data.manifest import DatasetInfo
from hybench.data.sources import About, SourceKind
from hybench.errors import DataError, UsageError
from hybench.values.checks import once, one_of, within
from hybench.values.languages import check_languages
from hybench.values.options import from_dir_option, languages_option, option

if TYPE_CHECKING:
    from hybench.data.writer import DatasetWriter

NAMES = {
    "ar": "arabic", "de": "german", "en": "english", "es": "spanish", "fr": "french",
    "hi": "hindi", "id": "indonesian", "it": "italian", "ja": "japanese", "nl": "dutch",
    "pt": "portuguese", "ru": "russian", "vi": "vietnamese", "zh": "chinese",
}  # fmt: skip
"""What its files call each language."""

REPOSITORY = "unicamp-dl/mmarco"
REVISION = "4618200568100aa0bf7fbf494d8d022e7ecab9a6"
LICENCE = "MS MARCO's terms, non-commercial research; see LICENSE in the repository"
SPLITS = ("train", "dev")
TRIPLES = "data/triples.train.ids.small.tsv"
QRELS = "data/qrels.dev.small.tsv"
LAYOUT = f"the hub's: data/google/collections/chinese_collection.tsv, {QRELS} and so on"


def collection_file(language: str) -> str:
    """Path of a language's passages in the repository."""
    return f"data/google/collections/{NAMES[language]}_collection.tsv"


def queries_file(language: str, split: str) -> str:
    """Path of a language's queries of a split."""
    stem = f"{NAMES[language]}_queries.{split}"
    return f"data/google/queries/{split}/{stem}{'.small' if split == 'dev' else ''}.tsv"


@dataclass(frozen=True)
class Mmarco:
    """mMARCO as a source of parallel training pairs and dev queries.

    Attributes:
        languages: codes to prepare.
        from_dir: folder with the repository's files, None to download them.
        splits: train, dev or both; without dev no passages are written.
        pairs: how many training pairs to keep, those whose queries' ids have the lowest digests;
            None for all.
    """

    published: ClassVar[tuple[int, int]] = (8_841_823, 6_980)
    """Passages and dev queries of each language."""

    languages: tuple[str, ...] | None = languages_option()
    from_dir: Path | None = from_dir_option()
    splits: tuple[str, ...] = option("train, dev or both.", SPLITS)
    pairs: int | None = option("Number of training pairs; by default all.", None)

    def __post_init__(self) -> None:
        if self.languages is None:
            raise UsageError(
                "Each language of mmarco has 8.8 million passages, 2.7 to 7.6 GB.",
                f"Name the languages to prepare: --languages en,zh, of: {' '.join(NAMES)}.",
            )
        object.__setattr__(self, "languages", check_languages(self.languages, NAMES, "--languages"))
        once("--splits", self.splits)
        for split in self.splits:
            one_of("--splits", split, SPLITS)
        if self.pairs is not None:
            within("--pairs", self.pairs, 1, 10**9)

    def _files(self, progress: ProgressCallback) -> tuple[dict[str, Path], str]:
        names = {"train": [TRIPLES], "dev": [QRELS]}
        shared = [name for split in SPLITS if split in self.splits for name in names[split]]
        own = [
            name
            for language in self.languages or ()
            for name in (
                collection_file(language),
                *(queries_file(language, split) for split in SPLITS if split in self.splits),
            )
        ]
        if self.from_dir is not None:
            return local_files(self.from_dir, [*shared, *own], LAYOUT), "local files"
        files, commit = hub_files(REPOSITORY, [*shared, *own], REVISION, LAYOUT, progress)
        return files, f"{REPOSITORY}@{commit}"

    def describe(self, progress: ProgressCallback) -> DatasetInfo:
        """See `hybench.data.preparation.Source`."""
        files, revision = self._files(progress)
        languages = self.languages or ()
        tested = "dev" in self.splits
        settings = ("mono", "cross", "multi") if len(languages) > 1 else ("mono",)
        return DatasetInfo(
            name="-".join(("mmarco", *languages)),
            source="mmarco",
            revision=revision,
            licence=LICENCE,
            languages=languages,
            settings=settings if tested else (),
            metrics=("RR@10", "nDCG@10", "R@100") if tested else (),
            depth=1000 if tested else None,
            options={"splits": sorted(self.splits), "pairs": self.pairs},
            inputs=hash_files(files, progress),
        )

    def write(self, writer: DatasetWriter, progress: ProgressCallback) -> None:
        """See `hybench.data.preparation.Source`."""
        import polars as pl

        from hybench.data.judged_pairs import KeptPassages
        from hybench.data.schema import TABLES
        from hybench.data.sources.mmarco import reading

        files, _ = self._files(progress)
        languages = self.languages or ()
        relevant = pl.DataFrame(schema={"query_id": pl.String, "passage_id": pl.String})
        if "train" in self.splits:
            relevant = reading.drawn(reading.positives(files[TRIPLES], progress), self.pairs)
        judged = reading.read_qrels(files[QRELS]) if "dev" in self.splits else None
        for language in languages:
            kept = KeptPassages(relevant["passage_id"].unique())
            collection = files[collection_file(language)]
            passages = kept.passing(reading.passages(collection, language, progress))
            if judged is not None:
                writer.write("passages", language, passages)
                asked = reading.read_queries(files[queries_file(language, "dev")], None)
                source = pl.format("q:{}", "query_id")
                writer.write(
                    "queries", language, asked.with_columns(source_id=source, split=pl.lit("dev"))
                )
                answers = [judged.with_columns(passage_lang=pl.lit(code)) for code in languages]
                writer.write("qrels", language, answers)
                self._check(writer, language)
            else:
                for _ in passages:
                    pass
            if "train" in self.splits:
                wanted = relevant["query_id"].unique()
                asked = reading.read_queries(files[queries_file(language, "train")], wanted)
                pairs = reading.pairs(relevant, asked, kept.frame, collection)
                writer.write("pairs", language, pairs.select(*TABLES["pairs"]))

    def _check(self, writer: DatasetWriter, language: str) -> None:
        passages, queries = self.published
        measured = (writer.counts["passages"][language], writer.counts["queries"][language])
        if measured != (passages, queries):
            raise DataError(
                f"mMARCO ({language}) has {measured[0]:,} passages and {measured[1]:,} queries; "
                f"published are {passages:,} and {queries:,}.",
                "A file was changed or cut short: get it again.",
            )


SOURCE = SourceKind(
    """mMARCO: MS MARCO, translated into 14 languages.

    Parallel, to train and to test on. 8.8 million passages a language; --splits train writes
    pairs alone.""",
    Mmarco,
    About(
        languages=" ".join(NAMES),
        licence=LICENCE,
        download="2.7 GB (zh) to 7.6 GB (hi) a language, and 0.9 GB of triples",
        revision=f"{REPOSITORY}@{REVISION}",
        live=False,
        page=f"https://huggingface.co/datasets/{REPOSITORY}",
    ),
)
