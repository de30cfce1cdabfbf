from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from hybench.data.dataset import Dataset
from hybench.data.preparation import prepare
from hybench.data.sources.belebele import REVISION, Belebele
from hybench.errors import DataError, UsageError
from tests.data.sources.hub.conftest import write_hub


def rows(language: str, *asked: tuple[str, int, str]) -> pl.DataFrame:
    """A language's table: link, number and question of each row; answers are not read."""
    return pl.DataFrame(
        [
            {
                "link": f"https://en.wikinews.org/{link}",
                "question_number": number,
                "flores_passage": f"{language} {link}",
                "question": question,
                "mc_answer1": "yes",
                "correct_answer_num": "1",
            }
            for link, number, question in asked
        ]
    )


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Two passages, three questions; in Yoruba two of them have the same text."""
    english = (("a", 1, "Who?"), ("b", 1, "What?"), ("a", 2, "When?"))
    yoruba = (("a", 1, "Tani?"), ("b", 1, "Kini?"), ("a", 2, "Kini?"))
    tables = {
        "eng_Latn": {"test": rows("en", *english)},
        "yor_Latn": {"test": rows("yo", *yoruba)},
        "hin_Latn": {"test": rows("hi", *english)},
    }
    return write_hub(tmp_path / "belebele", tables)


def prepared(source: Belebele, tmp_path: Path) -> Dataset:
    return prepare(source, tmp_path / "data").dataset


def test_questions_are_parallel_by_link_and_number(place: Path, tmp_path: Path) -> None:
    data = prepared(Belebele(from_dir=place), tmp_path)
    assert (data.name, data.info.languages) == ("belebele", ("en", "hi-Latn", "yo"))
    assert data.info.settings == ("mono", "cross", "multi")
    stem = "https://en.wikinews.org/"
    assert data.passages("yo").rows() == [
        (f"{stem}a", "", "yo a", f"{stem}a"),
        (f"{stem}b", "", "yo b", f"{stem}b"),
    ]
    assert data.queries("en").row(2) == (f"{stem}a#2", "When?", f"q:{stem}a#2", "test")
    english = data.qrels("en").filter(query_id=f"{stem}b#1")
    assert set(english.select("passage_lang", "passage_id").rows()) == {
        (code, f"{stem}b") for code in data.info.languages
    }


def test_questions_with_one_text_are_one_query_as_in_mteb(place: Path, tmp_path: Path) -> None:
    data = prepared(Belebele(("yor", "eng"), place), tmp_path)
    assert data.name == "belebele-en-yo"
    assert data.queries("yo")["text"].to_list() == ["Tani?", "Kini?"]
    stem = "https://en.wikinews.org/"
    answers = data.qrels("yo").filter(query_id=f"{stem}b#1", passage_lang="en")
    assert answers["passage_id"].to_list() == [f"{stem}b", f"{stem}a"]
    assert data.queries("en").height == 3


def test_other_tables_and_languages_are_refused(place: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no language de here"):
        prepared(Belebele(("de",), place), tmp_path)
    with pytest.raises(UsageError, match="there is no folder"):
        prepared(Belebele(from_dir=tmp_path / "nowhere"), tmp_path)
    tables = {"yor_Latn": {"test": rows("yo", ("a", 1, "?")).drop("link")}}
    with pytest.raises(DataError, match="has no column link"):
        prepared(Belebele(from_dir=write_hub(tmp_path / "b", tables)), tmp_path)
    tables = {"yor_Latn": {"test": rows("yo", ("a", 1, "?"), ("a", 1, "!"))}}
    with pytest.raises(DataError, match=r"has two questions '.*a#1'"):
        prepared(Belebele(from_dir=write_hub(tmp_path / "c", tables)), tmp_path)
    with pytest.raises(DataError, match="no config that is named by a language"):
        prepared(
            Belebele(from_dir=write_hub(tmp_path / "d", {"default": tables["yor_Latn"]})), tmp_path
        )
    assert len(REVISION) == 40
