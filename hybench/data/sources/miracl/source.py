"""MIRACL (Zhang et al. 2023): Wikipedia passages and judged queries in 18 languages.

Topics and judgements are in the hub repository ``miracl/miracl`` (gated), the corpora in
``miracl/miracl-corpus``; their raw files are read, as their loading scripts no longer run.
Judgements of relevance 0 are kept. A query's id may equal a passage's; neither is ever dropped.
A query without a judged relevant passage is kept, too: it is not evidence, and is never scored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.concurrency.progress import ProgressCallback
from hybench.data.download import check_folder, hash_files, hub_files, local_files
from hybench.data.manifest import DatasetInfo
from hybench.data.sources import About, SourceKind
from hybench.errors import DataError, UsageError
from hybench.values.languages import MIRACL_LANGUAGES, check_languages
from hybench.values.options import from_dir_option, languages_option, option

if TYPE_CHECKING:
    from hybench.data.writer import DatasetWriter

SHARDS: dict[str, int] = {
    "ar": 5, "bn": 1, "de": 32, "en": 66, "es": 21, "fa": 5, "fi": 4, "fr": 30, "hi": 2,
    "id": 3, "ja": 14, "ko": 3, "ru": 20, "sw": 1, "te": 2, "th": 2, "yo": 1, "zh": 10,
}  # fmt: skip
"""Published number of corpus files, ``docs-0`` to ``docs-(n-1)``, by language."""

SPLITS = ("train", "dev")
WITHOUT_TRAIN = ("de", "yo")
"""The surprise languages: they have a dev split only."""

LICENCE = "Apache-2.0 (topics and judgements), CC BY-SA (Wikipedia's text)"
TOPICS_REPOSITORY = "miracl/miracl"
TOPICS_REVISION = "main"
CORPUS_REPOSITORY = "miracl/miracl-corpus"
CORPUS_REVISION = "d921ec7e349ce0d28daf30b2da9da5ee698bef0d"
LAYOUT = (
    "the hub's two layouts side by side: miracl-v1.0-yo/topics/topics.miracl-v1.0-yo-dev.tsv, "
    "miracl-v1.0-yo/qrels/qrels.miracl-v1.0-yo-dev.tsv, miracl-corpus-v1.0-yo/docs-0.jsonl.gz "
    "and so on"
)


def judgement_files(language: str, split: str) -> tuple[str, str]:
    """Paths of the topics and the judgements of a split in their repository."""
    stem = f"miracl-v1.0-{language}"
    name = f"{stem}-{split}.tsv"
    return f"{stem}/topics/topics.{name}", f"{stem}/qrels/qrels.{name}"


def corpus_files(language: str) -> list[str]:
    """Paths of a language's passages in their repository, in order."""
    folder = f"miracl-corpus-v1.0-{language}"
    return [f"{folder}/docs-{shard}.jsonl.gz" for shard in range(SHARDS[language])]


@dataclass(frozen=True)
class Miracl:
    """MIRACL as a source: a monolingual test bed per language, and training pairs.

    Attributes:
        languages: codes to prepare.
        from_dir: folder with the files of both repositories, None to download them.
        splits: some of train, dev; None for those that each language has.
    """

    languages: tuple[str, ...] = languages_option(())
    from_dir: Path | None = from_dir_option()
    splits: tuple[str, ...] | None = option(
        "train, dev; by default those that each language has.", None
    )

    def __post_init__(self) -> None:
        chosen = check_languages(self.languages, MIRACL_LANGUAGES, "--languages")
        if not chosen:
            raise UsageError(
                "--languages is empty, and all 18 corpora have 106 million passages.",
                "Name the languages to prepare: --languages yo,sw.",
            )
        object.__setattr__(self, "languages", chosen)
        for split in self.splits or ():
            if split in {"test-a", "test-b"}:
                raise UsageError(
                    f"--splits: the judgements of {split} were never published.",
                    "Report dev, and choose checkpoints on something else.",
                )
            if split not in SPLITS:
                raise UsageError(f"--splits: MIRACL has no {split!r}.", "Choose: train dev.")
            without = [code for code in chosen if split == "train" and code in WITHOUT_TRAIN]
            if without:
                raise UsageError(
                    f"--splits: MIRACL has no train split in {', '.join(without)}.",
                    "Omit --splits to take those that each language has.",
                )

    def _splits(self, language: str) -> tuple[str, ...]:
        published = ("dev",) if language in WITHOUT_TRAIN else SPLITS
        return tuple(split for split in published if split in (self.splits or published))

    def _files(self, progress: ProgressCallback) -> tuple[dict[str, Path], str]:
        judgements = [
            name
            for language in self.languages
            for split in self._splits(language)
            for name in judgement_files(language, split)
        ]
        corpora = [name for language in self.languages for name in corpus_files(language)]
        if self.from_dir is not None:
            check_folder(self.from_dir)
            for language in self.languages:
                _check_shards(self.from_dir, language)
            return local_files(self.from_dir, [*judgements, *corpora], LAYOUT), "local files"
        files, topics = hub_files(TOPICS_REPOSITORY, judgements, TOPICS_REVISION, LAYOUT, progress)
        passages, corpus = hub_files(CORPUS_REPOSITORY, corpora, CORPUS_REVISION, LAYOUT, progress)
        revision = f"{TOPICS_REPOSITORY}@{topics} {CORPUS_REPOSITORY}@{corpus}"
        return files | passages, revision

    def describe(self, progress: ProgressCallback) -> DatasetInfo:
        """See `hybench.data.preparation.Source`."""
        files, revision = self._files(progress)
        whole = self.languages == MIRACL_LANGUAGES
        return DatasetInfo(
            name="miracl" if whole else "-".join(("miracl", *self.languages)),
            source="miracl",
            revision=revision,
            licence=LICENCE,
            languages=self.languages,
            settings=("mono",),
            metrics=("nDCG@10", "R@100"),
            depth=1000,
            options={"splits": {code: list(self._splits(code)) for code in self.languages}},
            inputs=hash_files(files, progress),
        )

    def write(self, writer: DatasetWriter, progress: ProgressCallback) -> None:
        """See `hybench.data.preparation.Source`."""
        files, _ = self._files(progress)
        for language in self.languages:
            self._write_language(language, files, writer, progress)

    def _write_language(
        self,
        language: str,
        files: dict[str, Path],
        writer: DatasetWriter,
        progress: ProgressCallback,
    ) -> None:
        import polars as pl

        from hybench.data.judged_pairs import KeptPassages, judged_pairs
        from hybench.data.sources.miracl import tables

        queries, qrels = [], []
        for split in self._splits(language):
            topics, judgements = (files[name] for name in judgement_files(language, split))
            queries.append(tables.read_topics(topics, language, split))
            qrels.append(tables.read_qrels(judgements, language, split))
        asked, judged = pl.concat(queries), pl.concat(qrels)
        relevant = judged.filter((pl.col("split") == "train") & (pl.col("relevance") > 0))
        kept = KeptPassages(relevant["passage_id"].unique())
        corpus = tables.read_corpus(
            language, [files[name] for name in corpus_files(language)], progress
        )
        writer.write("passages", language, kept.passing(corpus))
        writer.write("queries", language, asked)
        writer.write("qrels", language, judged)
        writer.write("pairs", language, judged_pairs(language, relevant, asked, kept.frame))


def _check_shards(folder: Path, language: str) -> None:
    """Check that no corpus file is missing."""
    pattern = re.compile(r"docs-([0-9]+)\.jsonl\.gz")
    place = folder / f"miracl-corpus-v1.0-{language}"
    if not place.is_dir():
        raise DataError(
            f"{folder} has no corpus of {language}: {place.name}/ is missing.",
            f"--from expects {LAYOUT}.",
        )
    matches = [pattern.fullmatch(file.name) for file in place.iterdir()]
    there = {int(match[1]) for match in matches if match}
    missing = sorted(set(range(SHARDS[language])) - there)
    if missing:
        raise DataError(
            f"{place} lacks docs-{missing[0]}.jsonl.gz: {len(missing)} of "
            f"{SHARDS[language]} files are missing.",
            "Scores on a partial corpus cannot be compared: get all its files.",
        )


SOURCE = SourceKind(
    "MIRACL: monolingual retrieval over Wikipedia in 18 languages.",
    Miracl,
    About(
        languages=" ".join(MIRACL_LANGUAGES),
        licence=LICENCE,
        download="3 MB for yo (49,043 passages), 66 files for en (32,893,221 passages)",
        revision=f"{TOPICS_REPOSITORY}@{TOPICS_REVISION} {CORPUS_REPOSITORY}@{CORPUS_REVISION}",
        live=False,
        page=f"https://huggingface.co/datasets/{TOPICS_REPOSITORY}",
    ),
)
