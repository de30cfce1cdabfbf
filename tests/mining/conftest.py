"""A small partly parallel set with a corpus, and a model of random vectors."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import polars as pl
import pytest

from hybench.data.dataset import Dataset
from hybench.data.frames import Frames
from hybench.data.preparation import prepare
from tests.builders import words

NUMBERS = [int("".join(digits)) for digits in combinations("0123456789", 3)]
"""Numbers of different digits: no two texts are bags of the same words, whose scores are equal."""

PAIR = ("language", "pair_id", "query_source_id", "source_id", "query", "passage")


def _texts() -> Frames:
    pairs, passages, queries, qrels = [], [], [], []
    for language in ("de", "en", "yo"):
        for number in range(12):
            own = f"p{number}"
            text = words(language, NUMBERS[number])
            passages.append((language, f"{language}{number}", "", text, own))
            if language == "yo" and number < 3:  # which Yoruba lacks as pairs
                continue
            pairs.append((language, f"f{number}", f"q{number}", own, f"{text}?", text))
        # Two questions with one text, and a passage that is another's in capitals.
        other = f"{words(language, 0)}?"
        pairs.append((language, "g0", "q90", "p90", other, words(language, 90)))
        passages.append(
            (language, f"{language}95", "", words(language, 0).upper(), f"{language}95")
        )
        # What a dev query is about; and a training query's judged answer, which no pair has.
        passages.append((language, f"{language}96", "", words(language, NUMBERS[21]), "p96"))
        passages.append(
            (language, f"{language}97", "", words(language, NUMBERS[22]), f"{language}97")
        )
        queries += [
            (language, "dev", "Dev?", "qdev", "dev"),
            (language, "t5", f"{words(language, NUMBERS[5])}?", "q5", "train"),
        ]
        qrels += [
            (language, "dev", language, f"{language}96", 1),
            (language, "t5", language, f"{language}97", 1),
            (language, "t5", language, f"{language}1", 0),
        ]
    return Frames(
        "small",
        pairs=pl.DataFrame(pairs, PAIR, orient="row"),
        passages=pl.DataFrame(
            passages, ["language", "passage_id", "title", "text", "source_id"], orient="row"
        ),
        queries=pl.DataFrame(
            queries, ["language", "query_id", "text", "source_id", "split"], orient="row"
        ),
        qrels=pl.DataFrame(
            qrels,
            ["language", "query_id", "passage_lang", "passage_id", "relevance"],
            orient="row",
        ),
    )


@pytest.fixture(scope="session")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the set small. Not to be changed."""
    root = tmp_path_factory.mktemp("sets")
    prepare(_texts(), root)
    return root


@pytest.fixture(scope="session")
def small(sets: Path) -> Dataset:
    return Dataset.open(sets / "small")
