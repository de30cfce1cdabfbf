from __future__ import annotations

from hybench.data.lareqa.parallels import article_splits, source_ids
from hybench.data.lareqa.reading import Question


def question(number: int, passage: str) -> Question:
    return Question(f"q{number}", "article", "?", passage)


def test_passages_are_one_source_when_questions_connect_them() -> None:
    sources = source_ids(
        {
            # q1 and q2 share a sentence in English, q2 and q3 in German: all are one source.
            "en": [question(1, "a"), question(2, "a"), question(3, "b"), question(4, "c")],
            "de": [question(1, "a"), question(2, "b"), question(3, "b"), question(4, "a2")],
        }
    )
    assert {sources["en", p] for p in "ab"} | {sources["de", p] for p in "ab"} == {"p:q1"}
    assert sources["en", "c"] == sources["de", "a2"] == "p:q4"


def test_articles_are_split_by_their_titles_alone() -> None:
    titles = [f"Title {number}" for number in range(20)]
    splits = article_splits(titles, split_articles=True)
    assert splits == article_splits([*reversed(titles), *titles], split_articles=True)
    counts = {split: [*splits.values()].count(split) for split in ("train", "dev", "test")}
    assert counts == {"train": 12, "dev": 3, "test": 5}
    assert set(article_splits(titles, split_articles=False).values()) == {"test"}
