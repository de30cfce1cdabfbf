"""Read a language's file of one of LAReQA's collections.

A candidate is the slice ``context[start:end]`` of each of ``sentence_breaks``, one per paragraph
and position, not de-duplicated; the relevant one is that with ``start <= answer_start < end``.
Neither the ``sentences`` strings nor the rest of the paragraph are used.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hybench.data.lareqa.collection import Collection
from hybench.errors import DataError


@dataclass(frozen=True)
class Sentence:
    """A candidate: its place and its text."""

    passage_id: str
    text: str


@dataclass(frozen=True)
class Question:
    """A question of one language, its article's title and the sentence that answers it."""

    question_id: str
    article: str
    text: str
    passage_id: str


def read_language(
    path: Path, language: str, collection: Collection
) -> tuple[list[Sentence], list[Question]]:
    """Read one language's file and check it against the published counts.

    Raises:
        DataError: the file is not of this collection, or the counts differ.
    """
    sentences: list[Sentence] = []
    questions: list[Question] = []
    again = f"{collection.address}/{language}.json"
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
            f"{path} is not an {collection.title} file: {type(error).__name__}: {error}.",
            f"Get it again from {again}.",
        ) from error
    asked, candidates = collection.counts[language]
    measured = (len(sentences), len(questions), len({q.question_id for q in questions}))
    if measured != (candidates, asked, asked):
        raise DataError(
            f"{path} has {measured[0]} candidates and {measured[2]} distinct questions of "
            f"{measured[1]}; published are {candidates} and {asked}.",
            f"It was changed or cut short: get it again from {again}.",
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
