"""What answers a query, against sets of plain strings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hybench.data.dataset import Dataset
from hybench.data.frames import Frames
from hybench.data.preparation import prepare
from hybench.negatives.answers import CODES, passage_codes, read_answers

PAIRS = [
    # language, pair, query's source, passage's source, query, passage
    ("en", "a", "q:a", "p:a", "Who?", "The king."),
    ("de", "a", "q:a", "p:a", "Wer?", "Der König."),
    ("en", "b", "q:a", "p:b", "Who?", "A queen."),  # another answer to the same question
    ("en", "c", "q:c", "p:c", "WHO?  ", "The bird."),  # the same text under another id
    ("en", "d", "q:d", "p:d", "Where?", "the KING."),  # another question with that answer
    ("en", "e", "q:e", "q:a", "What?", "Who is asked?"),  # its passage is the question's source
]
PASSAGES = {
    "the passage itself": ("en", "x", "p:a", "The king."),
    "its translation": ("de", "x", "p:a", "Der König."),
    "a text of it": ("en", "x", "p:x", "THE  king."),
    "by its id": ("en", "x", "x", "?"),
    "another answer": ("en", "x", "p:b", "A queen."),
    "of a text like it": ("en", "x", "p:c", "The bird."),
    "the question": ("en", "x", "q:a", "Who?"),
    "the question's text": ("en", "x", "p:y", "who?"),
    "none": ("en", "x", "p:z", "Nothing."),
}
ANSWERED = {
    "a": {*PASSAGES} - {"none", "by its id"},
    "d": {"the passage itself", "a text of it"},
    "c": {*PASSAGES} - {"none", "by its id"},
}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    names = ("language", "pair_id", "query_source_id", "source_id", "query", "passage")
    frame = pl.DataFrame(PAIRS, names, orient="row")
    return prepare(Frames("small", pairs=frame), tmp_path_factory.mktemp("sets")).dataset


@pytest.mark.parametrize("pair", ANSWERED)
def test_what_answers_a_query(dataset: Dataset, pair: str) -> None:
    answers = read_answers(dataset)
    found = set()
    for name, (language, *passage) in PASSAGES.items():
        frame = pl.DataFrame([passage], ["passage_id", "source_id", "text"], orient="row")
        codes = frame.select(passage_codes(language)).select(CODES).to_numpy()
        [at] = answers.places(pl.Series([pair]))
        keys = answers.of_passages(codes)
        if answers.answered(np.array([at]), keys, np.array([0]))[0]:
            found.add(name)
    assert found == ANSWERED[pair]


def test_a_passage_is_known_by_its_language_and_id(tmp_path: Path) -> None:
    row = ("en", "p", "q:en:1", "en:7#0", "Who?", "The king.")
    names = ("language", "pair_id", "query_source_id", "source_id", "query", "passage")
    pairs = pl.DataFrame([row], names, orient="row")
    answers = read_answers(prepare(Frames("one", pairs=pairs), tmp_path).dataset)
    frame = pl.DataFrame({"passage_id": ["7#0"], "source_id": ["7#0"], "text": ["Rewritten."]})
    for language, expected in (("en", True), ("de", False)):
        codes = frame.select(passage_codes(language)).select(CODES).to_numpy()
        keys = answers.of_passages(codes)
        assert answers.answered(np.array([0]), keys, np.array([0]))[0] == expected


def test_ids_that_a_set_has_not_have_no_place(dataset: Dataset) -> None:
    assert read_answers(dataset).places(pl.Series(["a", "nosuch", "e"])).tolist() == [0, -1, 4]
