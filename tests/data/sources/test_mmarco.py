from __future__ import annotations

from pathlib import Path

import pytest

from hybench.data.dataset import Dataset
from hybench.data.preparation import prepare
from hybench.data.sources.mmarco.source import (
    QRELS,
    REVISION,
    TRIPLES,
    Mmarco,
    collection_file,
    queries_file,
)
from hybench.errors import DataError, UsageError
from tests.data.conftest import write_lines


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Five passages, three train and two dev queries, in two languages."""
    root = tmp_path / "mmarco"
    for code in ("en", "zh"):
        passages = (f"{number}\t{code} passage {number}" for number in range(5))
        write_lines(root / collection_file(code), *passages)
        for split, ids in (("train", (10, 11, 12)), ("dev", (20, 21))):
            asked = (f"{number}\t{code} query {number}" for number in ids)
            write_lines(root / queries_file(code, split), *asked)
    triples = ["10\t0\t3", "11\t1\t4", "10\t0\t4", "11\t2\t3", "10\t0\t1"]
    write_lines(root / TRIPLES, *triples)
    write_lines(root / QRELS, "20\t0\t3\t1", "21\t0\t4\t1", "21\t0\t1\t1")
    monkeypatch.setattr(Mmarco, "published", (5, 2))
    return root


def prepared(source: Mmarco, tmp_path: Path) -> Dataset:
    return prepare(source, tmp_path / "data").dataset


def test_it_is_parallel_by_its_ids(place: Path, tmp_path: Path) -> None:
    data = prepared(Mmarco(("zh", "en"), place), tmp_path)
    assert (data.name, data.info.settings) == ("mmarco-en-zh", ("mono", "cross", "multi"))
    assert data.passages("zh").row(1) == ("1", "", "zh passage 1", "p:1")
    assert data.queries("zh").rows() == [
        ("20", "zh query 20", "q:20", "dev"),
        ("21", "zh query 21", "q:21", "dev"),
    ]
    assert set(data.qrels("en").rows()) == {
        (query, code, passage, 1)
        for query, passage in (("20", "3"), ("21", "4"), ("21", "1"))
        for code in ("en", "zh")
    }
    assert data.pairs("zh").rows() == [
        ("10:0", "q:10", "p:0", "zh query 10", "zh passage 0"),
        ("11:1", "q:11", "p:1", "zh query 11", "zh passage 1"),
        ("11:2", "q:11", "p:2", "zh query 11", "zh passage 2"),
    ]
    assert data.pairs("en")["pair_id"].equals(data.pairs("zh")["pair_id"])


def test_pairs_alone_need_no_pool(place: Path, tmp_path: Path) -> None:
    (place / QRELS).unlink()
    data = prepared(Mmarco(("en",), place, ("train",), pairs=2), tmp_path)
    assert set(data.info.counts) == {"pairs", "splits"}
    # SHA-256 of 10 begins with 4a, that of 11 with 4f.
    assert data.pairs("en")["pair_id"].to_list() == ["10:0", "11:1"]
    assert prepared(Mmarco(("en",), place, ("train",)), tmp_path / "b").pairs("en").height == 3


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        (TRIPLES, "10\t0\n", "three ids"),
        (TRIPLES, "10\t9\t1\n", "lack passage '9' or query '10'"),
        (TRIPLES, "99\t1\t2\n", "lack passage '1' or query '99'"),
        (QRELS, "20 0 3\n", "is not 'query 0 passage 1'"),
        (QRELS, "20\t0\t9\t1\n", "passage '9', judged for query '20', is not in"),
        (collection_file("en"), "0\n", "line 1: is not an id, a tab and a text"),
        (collection_file("en"), "0\ta\n", "has 1 passages and 2 queries; published are 5 and 2"),
        (queries_file("en", "dev"), "20\ta\n", "has 5 passages and 1 queries"),
    ],
)
def test_damaged_files_are_told(
    file: str, content: str, told: str, place: Path, tmp_path: Path
) -> None:
    (place / file).write_text(content)
    with pytest.raises(DataError, match=told):
        prepared(Mmarco(("en",), place), tmp_path)


def test_wrong_options_are_the_users_mistake(place: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"8\.8 million passages"):
        Mmarco(None, place)
    with pytest.raises(UsageError, match="no language sw here"):
        Mmarco(("sw",), place)
    with pytest.raises(UsageError, match="--splits"):
        Mmarco(("en",), place, ("test",))
    with pytest.raises(UsageError, match="--pairs"):
        Mmarco(("en",), place, pairs=0)
    (place / TRIPLES).unlink()
    with pytest.raises(DataError, match="lacks data/triples"):
        prepared(Mmarco(("en",), place), tmp_path)
    assert len(REVISION) == 40
