"""Questions and sentences as the tables of a set."""

from __future__ import annotations

import polars as pl

from hybench.data.lareqa.reading import Question, Sentence


def passages(
    language: str, sentences: dict[str, list[Sentence]], sources: dict[tuple[str, str], str]
) -> pl.DataFrame:
    """The candidates of a language."""
    own = sentences[language]
    ids = [sentence.passage_id for sentence in own]
    return pl.DataFrame(
        {
            "passage_id": ids,
            "title": [""] * len(own),
            "text": [sentence.text for sentence in own],
            # Positions are not aligned translations: an unused sentence is its own source.
            "source_id": [sources.get((language, i), f"{language}:{i}") for i in ids],
        }
    )


def queries(questions: list[Question], splits: dict[str, str]) -> pl.DataFrame:
    """The queries of a language: the questions that are not trained on."""
    kept = [question for question in questions if splits[question.article] != "train"]
    return pl.DataFrame(
        {
            "query_id": [question.question_id for question in kept],
            "text": [question.text for question in kept],
            "source_id": [f"q:{question.question_id}" for question in kept],
            "split": [splits[question.article] for question in kept],
        }
    )


def qrels(
    questions: dict[str, list[Question]], language: str, splits: dict[str, str]
) -> pl.DataFrame:
    """The judgements of a language's queries: their answers in all languages that have them."""
    answers = {
        code: {question.question_id: question.passage_id for question in own}
        for code, own in questions.items()
    }
    rows = [
        (question.question_id, code, passages[question.question_id], 1)
        for question in questions[language]
        if splits[question.article] != "train"
        for code, passages in answers.items()
        if question.question_id in passages
    ]
    return pl.DataFrame(rows, ["query_id", "passage_lang", "passage_id", "relevance"], orient="row")


def pairs(
    language: str,
    sentences: dict[str, list[Sentence]],
    questions: dict[str, list[Question]],
    sources: dict[tuple[str, str], str],
    splits: dict[str, str],
) -> pl.DataFrame:
    """The training pairs of a language."""
    texts = {sentence.passage_id: sentence.text for sentence in sentences[language]}
    taught = [q for q in questions[language] if splits[q.article] == "train"]
    return pl.DataFrame(
        {
            "pair_id": [q.question_id for q in taught],
            "query_source_id": [f"q:{q.question_id}" for q in taught],
            "source_id": [sources[language, q.passage_id] for q in taught],
            "query": [q.text for q in taught],
            "passage": [texts[q.passage_id] for q in taught],
        }
    )
