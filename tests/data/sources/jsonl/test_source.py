from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hybench.data.dataset import Dataset
from hybench.data.preparation import prepare
from hybench.data.sources.jsonl.source import Jsonl
from hybench.errors import DataError, UsageError
from tests.data.conftest import snapshot, write_lines
from tests.data.sources.jsonl.conftest import BEIR

NO_CODE = "is not a language code such as yo, zh-Hant or swh_Latn"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two languages: English asks of both, Yoruba of itself; one pair in both."""
    root = tmp_path / "own"
    write_lines(
        root / "corpus" / "en.jsonl",
        {"_id": "p1", "title": "T", "text": "one", "source_id": "s1"},
        {"_id": "p2", "text": "two"},
    )
    write_lines(
        root / "corpus" / "yo.jsonl.gz",
        {"_id": "p1", "title": None, "text": "ọ̀kan", "source_id": "s1"},
    )
    write_lines(
        root / "queries" / "en.jsonl",
        {"_id": "q1", "text": "first?", "source_id": "t1"},
        {"_id": "q2", "text": "second?", "split": "dev"},
    )
    write_lines(root / "queries" / "yo.jsonl", {"_id": "q1", "text": "èkíní?", "source_id": "t1"})
    write_lines(
        root / "qrels" / "en.tsv",
        f"{BEIR}\tcorpus-lang",
        "q1\tp1\t1\ten",
        "q1\tp1\t1\tyo",
        "q2\tp2\t2\ten",
    )
    write_lines(root / "qrels" / "yo.tsv", "q1 0 p1 1")
    write_lines(
        root / "pairs.jsonl",
        {"_id": "1", "query": {"en": "a", "yo": "b"}, "passage": {"en": "c", "yo": "d"}},
        {"_id": "2", "source_id": "s1", "query": {"en": "e"}, "passage": {"en": "f"}},
    )
    return root


def prepared(source: Jsonl, tmp_path: Path) -> Dataset:
    return prepare(source, tmp_path / "data").dataset


def faults(folder: Path, tmp_path: Path, **options: Any) -> list[str]:
    """The complaints about a folder, each from the file's relative name on."""
    with pytest.raises(DataError) as raised:
        prepared(Jsonl(folder, **options), tmp_path)
    target = tmp_path / "data"
    assert not target.exists() or not list(target.iterdir())
    return [line.replace(f"{folder}/", "") for line in raised.value.what.splitlines()]


def test_tables_by_language(folder: Path, tmp_path: Path) -> None:
    data = prepared(Jsonl(folder), tmp_path)
    assert data.name == "own"
    assert data.passages("en").rows() == [("p1", "T", "one", "s1"), ("p2", "", "two", "p2")]
    assert data.passages("yo").rows() == [("p1", "", "ọ̀kan", "s1")]
    assert data.queries("en").rows() == [
        ("q1", "first?", "t1", "test"),
        ("q2", "second?", "q:en:q2", "dev"),
    ]
    assert data.qrels("en").rows() == [
        ("q1", "en", "p1", 1),
        ("q1", "yo", "p1", 1),
        ("q2", "en", "p2", 2),
    ]
    assert data.qrels("yo").rows() == [("q1", "yo", "p1", 1)]
    assert data.pairs("en").rows() == [("1", "q:1", "p:1", "a", "c"), ("2", "q:2", "s1", "e", "f")]
    assert data.pairs("yo").rows() == [("1", "q:1", "p:1", "b", "d")]
    assert data.info.settings == ("mono", "cross", "multi")
    assert "corpus/yo.jsonl.gz" in data.info.inputs


def test_a_choice_of_languages_leaves_the_rest_out(folder: Path, tmp_path: Path) -> None:
    data = prepare(Jsonl(folder, ("en",)), tmp_path / "data", "english").dataset
    assert (data.name, data.info.languages, data.info.settings) == ("english", ("en",), ("mono",))
    assert data.qrels("en").height == 2
    with pytest.raises(UsageError, match="no language de here"):
        prepared(Jsonl(folder, ("de",)), tmp_path)


def test_beirs_own_layout(tmp_path: Path) -> None:
    root = tmp_path / "scifact"
    write_lines(root / "corpus.jsonl", *({"_id": str(n), "text": f"t{n}"} for n in range(3)))
    write_lines(root / "queries.jsonl", *({"_id": f"q{n}", "text": "?"} for n in range(3)))
    write_lines(root / "qrels" / "train.tsv", BEIR, "q0\t0\t1")
    write_lines(root / "qrels" / "test.tsv", BEIR, "q1\t1\t1", "q1\t2\t0")
    data = prepared(Jsonl(root, language="en"), tmp_path)
    assert data.queries("en").select("query_id", "split").rows() == [
        ("q0", "train"),
        ("q1", "test"),
    ]
    assert data.info.settings == ("mono",)
    with pytest.raises(UsageError, match="does not name its language"):
        prepared(Jsonl(root), tmp_path)
    with pytest.raises(UsageError, match="--language: 'Yoruba' is not a language code"):
        prepared(Jsonl(root, language="Yoruba"), tmp_path)
    write_lines(root / "qrels" / "dev.tsv", BEIR, "q0\t2\t1")
    assert faults(root, tmp_path / "other", language="en") == [
        "qrels/train.tsv, line 2: query 'q0' is also judged in dev."
    ]


def test_pairs_alone_are_a_set(folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "only"
    root.mkdir()
    (folder / "pairs.jsonl").rename(root / "pairs.jsonl")
    data = prepared(Jsonl(root), tmp_path)
    assert (data.info.settings, data.info.metrics, data.info.languages) == ((), (), ("en", "yo"))


def test_every_bad_line_is_reported_at_once(folder: Path, tmp_path: Path) -> None:
    write_lines(
        folder / "corpus" / "en.jsonl",
        {"_id": "p1", "text": "one"},
        '{"_id":',
        {"_id": "p1", "text": "again"},
        {"_id": "p\n2", "text": "line break"},
        {"_id": "p3", "text": " "},
        {"_id": 4.5, "text": "number"},
        '{"_id": "p5", "text": "\\udc00"}',
        "[]",
        {"text": "no id"},
    )
    write_lines(
        folder / "queries" / "en.jsonl",
        {"_id": "q1", "text": ""},
        {"_id": "q2", "text": "?", "split": "valid"},
    )
    assert faults(folder, tmp_path) == [
        "corpus/en.jsonl, line 2: not JSON: Expecting value at character 8.",
        "corpus/en.jsonl, line 3: '_id' 'p1' is also in line 1.",
        "corpus/en.jsonl, line 4: '_id' has a control or invisible character: 'p\\n2'.",
        "corpus/en.jsonl, line 5: title and text are empty.",
        "corpus/en.jsonl, line 6: '_id' is not a string.",
        "corpus/en.jsonl, line 7: 'text' contains half of a surrogate pair.",
        "corpus/en.jsonl, line 8: not a JSON object.",
        "corpus/en.jsonl, line 9: '_id' is missing.",
        "queries/en.jsonl, line 1: 'text' is empty.",
        "queries/en.jsonl, line 2: 'split' is 'valid', not train dev test.",
        "qrels/en.tsv, line 4: passage 'p2' is not in the en corpus.",
    ]


def test_many_bad_lines_are_counted(folder: Path, tmp_path: Path) -> None:
    write_lines(folder / "corpus" / "en.jsonl", {"_id": "p0", "text": "a"}, *["{"] * 100)
    complaints = faults(folder, tmp_path)
    assert len(complaints) == 21
    assert complaints[-1] == "and 82 more."


def test_bad_qrels_are_reported(folder: Path, tmp_path: Path) -> None:
    write_lines(
        folder / "qrels" / "en.tsv",
        f"{BEIR}\tcorpus-lang",
        "q1\tp1\t1",
        "q1\tp1\tyes\ten",
        "q1\tp1\t1\tEnglish",
        "q1\tp1\t1\ten",
        "q1\tp1\t0\ten",
    )
    write_lines(folder / "qrels" / "yo.tsv", "q1 p1 1", "q1 0 p1 1")
    assert faults(folder, tmp_path) == [
        "qrels/en.tsv, line 2: has 3 columns, not query-id corpus-id score corpus-lang.",
        "qrels/en.tsv, line 3: the relevance 'yes' is not a whole number.",
        f"qrels/en.tsv, line 4: in 'corpus-lang', 'English' {NO_CODE}.",
        "qrels/en.tsv, line 6: judges the same passage as line 5.",
        "qrels/yo.tsv, line 1: has 3 columns, not query 0 passage relevance.",
    ]


def test_judgements_of_what_is_not_there_are_reported(folder: Path, tmp_path: Path) -> None:
    write_lines(
        folder / "qrels" / "en.tsv",
        f"{BEIR}\tcorpus-lang",
        "q1\tp9\t1\ten",
        "q9\tp1\t1\ten",
        "q1\tp1\t1\tde",
    )
    assert faults(folder, tmp_path) == [
        "qrels/en.tsv, line 2: passage 'p9' is not in the en corpus.",
        "qrels/en.tsv, line 3: query 'q9' is not among the queries.",
        "qrels/en.tsv, line 4: there is no corpus for 'de'.",
    ]


def test_queries_without_qrels_and_qrels_without_queries(folder: Path, tmp_path: Path) -> None:
    (folder / "qrels" / "yo.tsv").unlink()
    assert faults(folder, tmp_path) == ["queries/yo.jsonl: there are no qrels for its queries."]
    write_lines(folder / "qrels" / "yo.tsv", "q1 0 p1 1")
    (folder / "queries" / "yo.jsonl").unlink()
    assert faults(folder, tmp_path) == [
        (
            "qrels/yo.tsv: there is no queries table for yo; queries is read from "
            "queries/<lang>.jsonl, or BEIR's queries.jsonl."
        )
    ]


def test_bad_pairs_are_reported(folder: Path, tmp_path: Path) -> None:
    good = {"en": "a"}
    write_lines(
        folder / "pairs.jsonl",
        {"_id": "1", "query": good, "passage": {"yo": "b"}},
        {"_id": "2", "query": "a", "passage": good},
        {"_id": "3", "query": {"en": 3}, "passage": good},
        {"_id": "4", "query": {"../x": "a"}, "passage": {"../x": "a"}},
        {"_id": "5", "query": {}, "passage": {}},
        {"_id": "6", "query": good, "passage": {"en": " "}},
        {"_id": "7", "query": good, "passage": good},
        {"_id": "7", "query": good, "passage": good},
    )
    assert faults(folder, tmp_path) == [
        "pairs.jsonl, line 1: 'query' and 'passage' are not in the same languages.",
        "pairs.jsonl, line 2: 'query' is not an object of texts by language.",
        "pairs.jsonl, line 3: 'en' is not a string.",
        f"pairs.jsonl, line 4: in 'query', '../x' {NO_CODE}.",
        "pairs.jsonl, line 5: 'query' is not an object of texts by language.",
        "pairs.jsonl, line 6: 'en' is empty.",
        "pairs.jsonl, line 8: '_id' '7' is also in line 7.",
    ]


def test_wrong_folders_are_the_users_mistake(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no folder"):
        prepared(Jsonl(tmp_path / "nowhere"), tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="has no tables"):
        prepared(Jsonl(tmp_path / "empty"), tmp_path)
    with pytest.raises(UsageError, match="not in BEIR's layout"):
        prepared(Jsonl(folder, language="en"), tmp_path)


def test_file_names_that_say_nothing_are_refused(folder: Path, tmp_path: Path) -> None:
    write_lines(folder / "corpus" / "english.jsonl", {"_id": "1", "text": "a"})
    assert faults(folder, tmp_path) == [f"corpus: in the name of a file, 'english' {NO_CODE}."]
    (folder / "corpus" / "english.jsonl").rename(folder / "corpus" / "yo.jsonl")
    assert faults(folder, tmp_path) == ["corpus/yo.jsonl and yo.jsonl.gz both exist."]


def test_an_empty_file_and_bad_bytes_are_named(folder: Path, tmp_path: Path) -> None:
    (folder / "corpus" / "en.jsonl").write_bytes(b'{"_id": "p1", "text": "\xff"}\n')
    assert faults(folder, tmp_path) == ["corpus/en.jsonl, line 1: byte 24 is not UTF-8."]
    (folder / "corpus" / "en.jsonl").write_bytes(b"")
    assert faults(folder, tmp_path) == ["corpus/en.jsonl is empty."]


def test_a_failure_leaves_the_old_set_as_it_was(folder: Path, tmp_path: Path) -> None:
    source = Jsonl(folder)
    prepared(source, tmp_path)
    before = snapshot(tmp_path / "data")
    write_lines(folder / "queries" / "yo.jsonl", "{")
    with pytest.raises(DataError, match="line 1: not JSON"):
        prepare(source, tmp_path / "data", force=True)
    assert snapshot(tmp_path / "data") == before
