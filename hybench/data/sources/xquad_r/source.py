"""XQuAD-R of LAReQA (Roy et al. 2020): questions in 11 languages, answered by one sentence each.

A candidate is the slice ``context[start:end]`` of each of ``sentence_breaks``, one per paragraph
and position, not de-duplicated; the relevant one is that with ``start <= answer_start < end``.
Neither the ``sentences`` strings nor the rest of the paragraph are used.

The number of sentences of a paragraph differs between languages, so sentences at the same position
are not translations of each other. Passages count as one source when they answer the same question
in any of the languages: ``source_id`` names the connected component of questions and their
sentences.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hybench.concurrency.progress import Progress, ProgressCallback
from hybench.data.download import check_folder, hash_files, local_files, web_files
from hybench.data.manifest import DatasetInfo
from hybench.data.sources import SourceKind
from hybench.data.sources.xquad_r.sentences import Question, Sentence
from hybench.errors import DataError, UsageError
from hybench.values.languages import check_languages
from hybench.values.options import from_dir_option, languages_option, option

if TYPE_CHECKING:
    from hybench.data.writer import DatasetWriter

CANDIDATES: dict[str, int] = {
    "ar": 1222, "de": 1276, "el": 1234, "en": 1180, "es": 1215, "hi": 1244,
    "ru": 1219, "th": 852, "tr": 1167, "vi": 1209, "zh": 1196,
}  # fmt: skip
"""Published number of candidate sentences by language (LAReQA, table 1)."""

QUESTIONS = 1190
"""Published number of questions of each language."""

REVISION = "9bc8c7fb6dd8d01d72a05a93c2cb96882b0d299c"
URL = f"https://raw.githubusercontent.com/google-research-datasets/lareqa/{REVISION}/xquad-r"
LAYOUT = "XQuAD-R's files: en.json, de.json and so on"

TRAIN_SHARE, DEV_SHARE = 0.60, 0.15


@dataclass(frozen=True)
class XquadR:
    """XQuAD-R as a source: every question a test query, or split by article.

    Attributes:
        from_dir: folder with the upstream files, None to download them.
        languages: codes to prepare, None for all that `from_dir` (or upstream) has.
        split_articles: make training pairs of about 60 % of the articles, and of the questions of
            15 % dev queries and of 25 % test queries; the pools stay whole.
    """

    from_dir: Path | None = from_dir_option()
    languages: tuple[str, ...] | None = languages_option()
    split_articles: bool = option(
        "Split it by article into train, dev and test, to train on it.", False
    )

    def _files(self, progress: ProgressCallback) -> dict[str, Path]:
        known = tuple(CANDIDATES)
        if self.from_dir is not None:
            folder = check_folder(self.from_dir)
            known = tuple(code for code in CANDIDATES if (folder / f"{code}.json").is_file())
            if not known:
                raise UsageError(
                    f"--from: {folder} does not contain XQuAD-R.", f"It expects {LAYOUT}."
                )
        chosen = check_languages(self.languages or known, known, "--languages")
        names = [f"{code}.json" for code in chosen]
        if self.from_dir is not None:
            return local_files(self.from_dir, names, LAYOUT)
        return web_files(URL, REVISION, names, LAYOUT, progress)

    def describe(self, progress: ProgressCallback) -> DatasetInfo:
        """See `hybench.data.preparation.Source`."""
        files = self._files(progress)
        languages = tuple(sorted(Path(name).stem for name in files))
        return DatasetInfo(
            name="xquad-r-articles" if self.split_articles else "xquad-r",
            source="xquad-r",
            revision=REVISION if self.from_dir is None else "local files",
            licence="CC BY-SA 4.0",
            languages=languages,
            settings=("mono", "cross", "multi") if len(languages) > 1 else ("mono",),
            metrics=("AP", "R@1", "R@10"),
            depth=None,
            options={"split_articles": self.split_articles},
            inputs=hash_files(files, progress),
        )

    def write(self, writer: DatasetWriter, progress: ProgressCallback) -> None:
        """See `hybench.data.preparation.Source`."""
        from hybench.data.sources.xquad_r import tables

        files = self._files(progress)
        sentences: dict[str, list[Sentence]] = {}
        questions: dict[str, list[Question]] = {}
        for done, (name, path) in enumerate(files.items()):
            progress(Progress("read XQuAD-R", done, len(files), "languages"))
            language = Path(name).stem
            sentences[language], questions[language] = read_language(path, language)
        progress(Progress("read XQuAD-R", len(files), len(files), "languages"))
        _check_parallel(questions, files)
        sources = source_ids(questions)
        splits = _splits(next(iter(questions.values())), self.split_articles)
        for language, own in questions.items():
            writer.write("passages", language, tables.passages(language, sentences, sources))
            writer.write("queries", language, tables.queries(own, splits))
            writer.write("qrels", language, tables.qrels(questions, language, splits))
            writer.write(
                "pairs", language, tables.pairs(language, sentences, questions, sources, splits)
            )


def read_language(path: Path, language: str) -> tuple[list[Sentence], list[Question]]:
    """Read one language's file and check it against the published counts.

    Raises:
        DataError: the file is not XQuAD-R, or the counts differ.
    """
    sentences: list[Sentence] = []
    questions: list[Question] = []
    try:
        articles = json.loads(path.read_bytes().decode("utf-8-sig"))["data"]
        for number, article in enumerate(articles):
            for paragraph_number, paragraph in enumerate(article["paragraphs"]):
                place = f"{number:02}.{paragraph_number:02}"
                _read_paragraph(paragraph, place, article["title"], sentences, questions)
    except OSError as error:
        raise DataError(
            f"Cannot read {path}: {error.strerror}.", "Check the path and its permissions."
        ) from error
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise DataError(
            f"{path} is not an XQuAD-R file: {type(error).__name__}: {error}.",
            f"Get it again from {URL}/{language}.json.",
        ) from error
    measured = (len(sentences), len(questions), len({q.question_id for q in questions}))
    published = (CANDIDATES[language], QUESTIONS, QUESTIONS)
    if measured != published:
        raise DataError(
            f"{path} has {measured[0]} candidates and {measured[2]} distinct questions of "
            f"{measured[1]}; published are {published[0]} and {QUESTIONS}.",
            f"It was changed or cut short: get it again from {URL}/{language}.json.",
        )
    return sentences, questions


def _read_paragraph(
    paragraph: dict[str, Any],
    place: str,
    article: str,
    sentences: list[Sentence],
    questions: list[Question],
) -> None:
    context, breaks = paragraph["context"], paragraph["sentence_breaks"]
    ids = [f"{place}.{position:03}" for position in range(len(breaks))]
    for passage_id, (start, end) in zip(ids, breaks, strict=True):
        sentences.append(Sentence(passage_id, context[start:end].strip()))
    for question in paragraph["qas"]:
        at = question["answers"][0]["answer_start"]
        holding = [i for i, (start, end) in zip(ids, breaks, strict=True) if start <= at < end]
        if len(holding) != 1:
            raise ValueError(
                f"question {question['id']}: {len(holding)} sentences contain its answer"
            )
        questions.append(Question(question["id"], article, question["question"], holding[0]))


def _check_parallel(questions: dict[str, list[Question]], files: dict[str, Path]) -> None:
    (first, reference), *others = questions.items()
    for language, own in others:
        for ours, theirs in zip(own, reference, strict=True):
            if (ours.question_id, ours.article) != (theirs.question_id, theirs.article):
                raise DataError(
                    f"{files[f'{language}.json']} has question {ours.question_id} where "
                    f"{first}.json has {theirs.question_id}.",
                    "All languages must be of one version: get the files again.",
                )


def source_ids(questions: dict[str, list[Question]]) -> dict[tuple[str, str], str]:
    """Name each (language, passage_id) that answers a question by the component it belongs to."""
    parent: dict[tuple[str, str], tuple[str, str]] = {}

    def root(node: tuple[str, str]) -> tuple[str, str]:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for language, own in questions.items():
        for question in own:
            # A question's node has no language, so it joins its answers in all of them. The smaller
            # root wins and the empty string sorts first: a component's root is its first question.
            ends = root(("", question.question_id)), root((language, question.passage_id))
            parent[max(ends)] = min(ends)
    return {node: f"p:{root(node)[1]}" for node in parent if node[0]}


def _splits(questions: list[Question], split_articles: bool) -> dict[str, str]:
    """The split of each article: by the order of the titles' hashes, the same everywhere."""
    titles = sorted(
        {question.article for question in questions},
        key=lambda title: hashlib.sha256(title.encode("utf-8")).hexdigest(),
    )
    if not split_articles:
        return dict.fromkeys(titles, "test")
    train = round(TRAIN_SHARE * len(titles))
    dev = train + round(DEV_SHARE * len(titles))
    return {
        title: "train" if place < train else "dev" if place < dev else "test"
        for place, title in enumerate(titles)
    }


SOURCE = SourceKind(
    """XQuAD-R of LAReQA: questions and answer sentences, parallel.

    In 11 languages.""",
    XquadR,
)
