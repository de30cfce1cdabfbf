"""A collection of LAReQA (Roy et al. 2020, arXiv 2004.05484) as a source.

The number of sentences of a paragraph differs between languages, so sentences at the same position
are not translations of each other. Passages count as one source when they answer the same question
in any of the languages: ``source_id`` names the connected component of questions and their
sentences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from hybench.concurrency.progress import Progress, ProgressCallback
from hybench.data.download import check_folder, hash_files, local_files, web_files
from hybench.data.lareqa.collection import Collection
from hybench.data.manifest import DatasetInfo
from hybench.errors import UsageError
from hybench.values.languages import check_languages
from hybench.values.options import from_dir_option, languages_option, option

if TYPE_CHECKING:
    from hybench.data.lareqa.reading import Question, Sentence
    from hybench.data.writer import DatasetWriter

_ENGLISH = "en.json"


@dataclass(frozen=True)
class Lareqa:
    """A collection as a source: every question a test query, or split by article.

    Attributes:
        from_dir: folder with the upstream files, None to download them.
        languages: codes to prepare, None for all that `from_dir` (or upstream) has.
        split_articles: make training pairs of about 60 % of the articles, and of the questions of
            15 % dev queries and of 25 % test queries; the pools stay whole. An article has the same
            split in every language, whichever are prepared.
    """

    collection: ClassVar[Collection]

    from_dir: Path | None = from_dir_option()
    languages: tuple[str, ...] | None = languages_option()
    split_articles: bool = option(
        "Split it by article into train, dev and test, to train on it.", False
    )

    def _files(self, progress: ProgressCallback) -> tuple[dict[str, Path], tuple[str, ...]]:
        """The files to read, by name, and the languages to prepare."""
        of = self.collection
        known = tuple(of.counts)
        if self.from_dir is not None:
            folder = check_folder(self.from_dir)
            known = tuple(code for code in known if (folder / f"{code}.json").is_file())
            if not known:
                raise UsageError(
                    f"--from: {folder} does not contain {of.title}.", f"It expects {of.layout}."
                )
        chosen = check_languages(self.languages or known, known, "--languages")
        names = [f"{code}.json" for code in chosen]
        if self.split_articles and not of.parallel and _ENGLISH not in names:
            names.append(_ENGLISH)
        if self.from_dir is not None:
            return local_files(self.from_dir, names, of.layout), chosen
        return web_files(of.address, of.revision, names, of.layout, progress), chosen

    def describe(self, progress: ProgressCallback) -> DatasetInfo:
        """See `hybench.data.preparation.Source`."""
        of = self.collection
        files, languages = self._files(progress)
        return DatasetInfo(
            name=f"{of.name}-articles" if self.split_articles else of.name,
            source=of.name,
            revision=of.revision if self.from_dir is None else "local files",
            licence=of.licence,
            languages=languages,
            settings=("mono", "cross", "multi") if len(languages) > 1 else ("mono",),
            metrics=("AP", "R@1", "R@10"),
            depth=None,
            options={"split_articles": self.split_articles},
            inputs=hash_files(files, progress),
        )

    def write(self, writer: DatasetWriter, progress: ProgressCallback) -> None:
        """See `hybench.data.preparation.Source`."""
        from hybench.data.lareqa import tables
        from hybench.data.lareqa.parallels import source_ids

        files, languages = self._files(progress)
        sentences, questions, splits = self._read(files, languages, progress)
        sources = source_ids(questions)
        for language, own in questions.items():
            writer.write("passages", language, tables.passages(language, sentences, sources))
            writer.write("queries", language, tables.queries(own, splits))
            writer.write("qrels", language, tables.qrels(questions, language, splits))
            writer.write(
                "pairs", language, tables.pairs(language, sentences, questions, sources, splits)
            )

    def _read(
        self, files: Mapping[str, Path], languages: tuple[str, ...], progress: ProgressCallback
    ) -> tuple[dict[str, list[Sentence]], dict[str, list[Question]], dict[str, str]]:
        """Sentences and questions by language, and the split of each article."""
        from hybench.data.lareqa.parallels import (
            article_splits,
            check_parallel,
            with_english_articles,
        )
        from hybench.data.lareqa.reading import read_language

        of, task = self.collection, f"read {self.collection.title}"
        sentences: dict[str, list[Sentence]] = {}
        questions: dict[str, list[Question]] = {}
        for done, (name, path) in enumerate(files.items()):
            progress(Progress(task, done, len(files), "languages"))
            language = Path(name).stem
            sentences[language], questions[language] = read_language(path, language, of)
        progress(Progress(task, len(files), len(files), "languages"))
        if of.parallel:
            check_parallel(questions, files)
        elif self.split_articles:
            questions = with_english_articles(questions, files)
        # English, too, if it was read for its articles: their order decides their splits.
        articles = {question.article for own in questions.values() for question in own}
        chosen = {language: questions[language] for language in languages}
        return sentences, chosen, article_splits(articles, self.split_articles)
