"""Which files a layout's tables are read from, and which are named that would be passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybench.errors import UsageError
from tests.data.sources.jsonl.conftest import fault, prepared


@pytest.mark.parametrize(
    ("old", "new", "language", "says"),
    [
        ("corpus/sw.jsonl", "passages/sw.jsonl", None, "no corpus table for sw; corpus is read"),
        ("corpus/sw.jsonl", "docs.jsonl", None, "no corpus table for sw"),
        ("queries/sw.jsonl", "topics/sw.jsonl", None, "no queries table for sw"),
        ("corpus/sw.jsonl", "docs.jsonl", "sw", "or BEIR's corpus.jsonl; ignored: "),
    ],
)
def test_a_table_in_another_place_is_missed_once(
    old: str, new: str, language: str | None, says: str, own: Path
) -> None:
    (own / new).parent.mkdir(exist_ok=True)
    (own / old).rename(own / new)
    if language is not None:
        (own / "queries" / "sw.jsonl").rename(own / "queries.jsonl")
        (own / "qrels" / "sw.tsv").rename(own / "qrels" / "test.tsv")
    said = fault(own, language=language, skip_bad=1000)
    assert said.startswith("qrels/")
    assert says in said
    assert f"ignored: {new}." in said


@pytest.mark.parametrize(
    "name", ["train.csv", "data.parquet", "sw/corpus.jsonl", "corpus-sw.jsonl", "Corpus-/sw.jsonl"]
)
def test_what_a_folder_without_tables_has_is_named(name: str, tmp_path: Path) -> None:
    path = tmp_path / "own" / name
    path.parent.mkdir(parents=True)
    path.write_text("x")
    (tmp_path / "own" / ".hidden.csv").write_text("x")
    for language in (None, "sw"):
        with pytest.raises(UsageError, match=rf"has no tables; it has {name}\."):
            prepared(tmp_path / "own", language=language)


@pytest.mark.parametrize(
    ("old", "new", "language", "says"),
    [
        ("qrels/sw.tsv", "qrels/sw.txt", None, "qrels is read from qrels/<lang>.tsv"),
        ("qrels/sw.tsv", "qrels.tsv", None, "qrels is read from qrels/<lang>.tsv"),
        ("corpus/sw.jsonl", "corpus/sw.csv", None, "corpus is read from corpus/<lang>.jsonl"),
        ("corpus/sw.jsonl", "corpus.json", "sw", "or BEIR's corpus.jsonl"),
        ("corpus/sw.jsonl", "corpus.parquet", "sw", "or BEIR's corpus.jsonl"),
        ("queries/sw.jsonl", "queries.csv", "sw", "or BEIR's queries.jsonl"),
        ("pairs.jsonl", "pairs.json", None, "pairs is read from pairs.jsonl"),
        ("pairs.jsonl", "pairs/sw.jsonl", None, "pairs is read from pairs.jsonl"),
    ],
)
def test_no_table_is_passed_over(
    old: str, new: str, language: str | None, says: str, own: Path
) -> None:
    (own / new).parent.mkdir(exist_ok=True)
    (own / old).rename(own / new)
    said = fault(own, language=language)
    assert said.startswith(f"{new} would be ignored: ")
    assert says in said


def test_judgements_of_a_split_are_not_passed_over(own: Path) -> None:
    for table in ("corpus", "queries"):
        (own / table / "sw.jsonl").rename(own / f"{table}.jsonl")
    (own / "qrels" / "sw.tsv").rename(own / "qrels" / "test.txt")
    assert fault(own, language="sw").startswith("qrels/test.txt would be ignored")
    (own / "qrels" / "test.txt").rename(own / "qrels" / "test.tsv")
    assert prepared(own, language="swh_Latn").dataset.queries("sw").height == 40


def test_what_is_no_table_may_lie_beside_them(own: Path) -> None:
    for name in (
        "README.md",
        "corpus/README.md",
        "corpus/sw.csv",
        "qrels/.hidden.txt",
        "notes.txt",
    ):
        (own / name).write_text("x")
    assert prepared(own).dataset.info.languages == ("sw",)
