"""What is the same in several languages: passages by their questions, and articles."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from hybench.data.lareqa.reading import Question
from hybench.errors import DataError

TRAIN_SHARE, DEV_SHARE = 0.60, 0.15

Questions = Mapping[str, Sequence[Question]]
"""Questions by language."""


def check_parallel(questions: Questions, files: Mapping[str, Path]) -> None:
    """Check that all languages have the same questions and articles, in the same order.

    Raises:
        DataError: naming the first file that differs.
    """
    (first, reference), *others = questions.items()
    for language, own in others:
        for ours, theirs in zip(own, reference, strict=True):
            if (ours.question_id, ours.article) != (theirs.question_id, theirs.article):
                raise DataError(
                    f"{files[f'{language}.json']} has question {ours.question_id} where "
                    f"{first}.json has {theirs.question_id}.",
                    "All languages must be of one version: get the files again.",
                )


def with_english_articles(
    questions: Questions, files: Mapping[str, Path]
) -> dict[str, list[Question]]:
    """The questions, each with the English title of its article.

    Args:
        questions: of some languages and English.
        files: that they were read from, by name.

    Raises:
        DataError: a question does not exist in English.
    """
    titles = {question.question_id: question.article for question in questions["en"]}
    for language, own in questions.items():
        for question in own:
            if question.question_id not in titles:
                raise DataError(
                    f"{files[f'{language}.json']} has question {question.question_id}, which "
                    "en.json lacks.",
                    "All languages must be of one version: get the files again.",
                )
    return {
        language: [replace(each, article=titles[each.question_id]) for each in own]
        for language, own in questions.items()
    }


def source_ids(questions: Questions) -> dict[tuple[str, str], str]:
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


def article_splits(articles: Iterable[str], split_articles: bool) -> dict[str, str]:
    """The split of each article: by the order of the titles' hashes, the same everywhere."""
    titles = sorted(
        set(articles), key=lambda title: hashlib.sha256(title.encode("utf-8")).hexdigest()
    )
    if not split_articles:
        return dict.fromkeys(titles, "test")
    train = round(TRAIN_SHARE * len(titles))
    dev = train + round(DEV_SHARE * len(titles))
    return {
        title: "train" if place < train else "dev" if place < dev else "test"
        for place, title in enumerate(titles)
    }
