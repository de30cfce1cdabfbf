"""The sentences and questions of XQuAD-R."""

from __future__ import annotations

from dataclasses import dataclass


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
