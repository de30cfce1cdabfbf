from __future__ import annotations

from pathlib import Path

import pytest

from hybench.data.dataset import Dataset
from hybench.data.preparation import prepare
from hybench.data.sources.ntrex import DOCUMENTS, UPSTREAM_CODES, Ntrex, file_name
from hybench.errors import DataError, UsageError
from hybench.values.languages import MIRACL_LANGUAGES
from tests.data.conftest import write_lines


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """Two documents of three and four sentences, in two languages."""
    root = tmp_path / "ntrex"
    write_lines(root / DOCUMENTS, *["a"] * 3, *["b"] * 4)
    for language in ("en", "yo"):
        write_lines(root / file_name(language), *(f"{language} {n}" for n in range(1, 8)))
    return root


def prepared(source: Ntrex, tmp_path: Path) -> Dataset:
    return prepare(source, tmp_path / "data").dataset


def test_pairs_are_consecutive_sentences_of_one_document(mirror: Path, tmp_path: Path) -> None:
    data = prepared(Ntrex(mirror), tmp_path)
    assert data.pairs("yo").rows() == [
        ("a:1", "s1", "s2", "yo 1", "yo 2"),
        ("b:4", "s4", "s5", "yo 4", "yo 5"),
        ("b:6", "s6", "s7", "yo 6", "yo 7"),
    ]
    assert data.pairs("en")["pair_id"].to_list() == data.pairs("yo")["pair_id"].to_list()
    assert (data.info.settings, data.info.metrics, data.splits) == ((), (), ())
    assert set(data.info.counts) == {"pairs", "splits"}


def test_stride_one_names_shared_sentences_in_one_namespace(mirror: Path, tmp_path: Path) -> None:
    pairs = prepared(Ntrex(mirror, ("en",), stride=1), tmp_path).pairs("en")
    assert pairs["pair_id"].to_list() == ["a:1", "a:2", "b:4", "b:5", "b:6"]
    assert pairs["source_id"][0] == pairs["query_source_id"][1] == "s2"


def test_sentences_are_queries_and_passages(mirror: Path, tmp_path: Path) -> None:
    data = prepared(Ntrex(mirror, bitext=True), tmp_path)
    assert (data.name, data.info.settings, data.splits) == ("ntrex-bitext", ("cross",), ("test",))
    assert "pairs" not in data.info.counts
    assert data.queries("yo").row(3) == ("b:4", "yo 4", "s4", "test")
    assert data.passages("en").row(3) == ("b:4", "", "en 4", "s4")
    assert data.qrels("yo").rows() == [
        (key, "en", key, 1) for key in data.queries("yo")["query_id"]
    ]
    with pytest.raises(UsageError, match="--stride is for training pairs"):
        Ntrex(mirror, stride=1, bitext=True)


def test_real_data(shared_data: Path, tmp_path: Path) -> None:
    data = prepared(Ntrex(shared_data / "ntrex"), tmp_path)
    assert set(data.info.counts["pairs"].values()) == {964}
    assert len(data.info.languages) == 12


def test_every_miracl_language_has_a_file() -> None:
    assert set(UPSTREAM_CODES) == set(MIRACL_LANGUAGES)


def test_unequal_lines_name_the_file(mirror: Path, tmp_path: Path) -> None:
    write_lines(mirror / file_name("yo"), "one", "two")
    with pytest.raises(DataError, match=r"ref\.yor\.txt has 2 lines, DOCUMENT_IDS\.tsv has 7"):
        prepared(Ntrex(mirror), tmp_path)
    assert not list((tmp_path / "data").iterdir())


def test_a_blank_line_names_file_and_line(mirror: Path, tmp_path: Path) -> None:
    write_lines(mirror / file_name("yo"), "1", "2", " ", "4", "5", "6", "7")
    with pytest.raises(DataError, match=r"ref\.yor\.txt, line 3: is blank"):
        prepared(Ntrex(mirror), tmp_path)


def test_missing_files_and_wrong_options(mirror: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no language de here"):
        prepared(Ntrex(mirror, ("de",)), tmp_path)
    with pytest.raises(UsageError, match="--stride is 0"):
        Ntrex(mirror, stride=0)
    (mirror / DOCUMENTS).unlink()
    with pytest.raises(DataError, match=r"lacks DOCUMENT_IDS\.tsv"):
        prepared(Ntrex(mirror), tmp_path)
    with pytest.raises(UsageError, match="does not contain NTREX"):
        prepared(Ntrex(tmp_path), tmp_path)
