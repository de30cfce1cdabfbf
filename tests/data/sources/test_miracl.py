from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import pytest

from hybench.data import lines
from hybench.data.dataset import Dataset
from hybench.data.preparation import prepare
from hybench.data.sources.miracl.source import CORPUS_REVISION, SHARDS, Miracl
from hybench.errors import DataError, UsageError
from hybench.values.languages import MIRACL_LANGUAGES
from tests.data.conftest import write_lines

CORPUS = "miracl-corpus-v1.0-sw/docs-0.jsonl.gz"


def prepared(root: Path, tmp_path: Path, languages: tuple[str, ...] = ("sw",)) -> Dataset:
    return prepare(Miracl(languages, root), tmp_path / "data").dataset


def test_real_yoruba(shared_data: Path, tmp_path: Path) -> None:
    data = prepared(shared_data / "miracl", tmp_path, ("yo",))
    assert data.info.counts == {
        "passages": {"yo": 49_043},
        "queries": {"yo": 119},
        "qrels": {"yo": 1188},
        "splits": {"dev": {"yo": 119}},
    }
    # Query 10020#0 is also a passage: both stay, and the judgement of one for the other, too.
    assert "10020#0" in data.passages("yo")["passage_id"]
    assert ("10020#0", "yo", "10020#0", 0) in data.qrels("yo").rows()
    assert data.passages("yo").row(1)[1:3] == (
        "A",
        "a (1A) kan: I gave him a dog. (Mo fun un ní ajá kan).",
    )


def test_a_language_without_its_corpus_says_so(shared_data: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"has no corpus of sw: miracl-corpus-v1\.0-sw/"):
        prepared(shared_data / "miracl", tmp_path)


def test_tables_of_a_small_collection(miracl_dir: Path, tmp_path: Path) -> None:
    data = prepared(miracl_dir, tmp_path)
    assert data.name == "miracl-sw"
    assert data.passages("sw").rows()[-2:] == [
        ("3#0", "T3", "maandishi 3", "3#0"),
        ("4#0", "", "bila\u2028jina", "4#0"),
    ]
    assert data.queries("sw", "dev").rows() == [
        ("3#0", "Swali 3?", "q:sw:3#0", "dev"),
        ("4", "Swali 4?", "q:sw:4", "dev"),
    ]
    assert data.qrels("sw").height == 6
    assert data.qrels("sw").filter(relevance=0).height == 2
    assert data.pairs("sw").rows() == [
        ("sw:1#0:1#0", "q:sw:1#0", "sw:1#0", "Swali 1?", "T1 maandishi 1"),
        ("sw:2:4#0", "q:sw:2", "sw:4#0", "Swali 2?", "bila\u2028jina"),
    ]
    assert (data.info.settings, data.info.metrics) == (("mono",), ("nDCG@10", "R@100"))


def test_dev_alone_makes_no_pairs(miracl_dir: Path, tmp_path: Path) -> None:
    data = prepare(Miracl(("sw",), miracl_dir, ("dev",)), tmp_path / "data").dataset
    assert data.splits == ("dev",)
    assert "pairs" not in data.info.counts


def test_a_query_without_judgements_is_kept(miracl_dir: Path, tmp_path: Path) -> None:
    topics = miracl_dir / "miracl-v1.0-sw/topics/topics.miracl-v1.0-sw-dev.tsv"
    topics.write_text(topics.read_text() + "99\tSwali 99?\n")
    assert "99" in prepared(miracl_dir, tmp_path).queries("sw", "dev")["query_id"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ('{"docid": "1#0"', r"line 2: not JSON: .* at character"),
        ('{"docid": "1#0", "title": "t"}', "line 2: 'text' is missing"),
        ('{"title": "t", "text": "x"}', "line 2: 'docid' is missing"),
        ('{"docid": "1#0", "text": "\\ud800"}', "line 2: 'text' contains half of a surrogate pair"),
        ("[]", "line 2: not a JSON object"),
        (
            '{"docid": "1\\n#0", "title": "", "text": "x"}',
            "line 2: 'docid' has a control or invisible character",
        ),
        ('{"docid": "", "text": "x"}', "line 2: 'docid' is empty"),
    ],
)
def test_a_bad_passage_names_its_line(
    miracl_dir: Path, tmp_path: Path, content: str, fault: str
) -> None:
    good = {"docid": "2#0", "text": "a"}
    write_lines(miracl_dir / CORPUS, good, content, good)
    with pytest.raises(DataError, match=rf"docs-0\.jsonl\.gz, {fault}"):
        prepared(miracl_dir, tmp_path)
    assert not list((tmp_path / "data").iterdir())


def test_invalid_utf8_in_a_corpus_names_its_line(miracl_dir: Path, tmp_path: Path) -> None:
    content = (
        b'{"docid": "1", "title": "", "text": "a"}\n{"docid": "2", "title": "", "text": "\xff"}'
    )
    (miracl_dir / CORPUS).write_bytes(gzip.compress(content))
    with pytest.raises(DataError, match="line 2: byte 38 is not UTF-8"):
        prepared(miracl_dir, tmp_path)


def test_a_missing_title_is_an_empty_one(miracl_dir: Path, tmp_path: Path) -> None:
    write_lines(miracl_dir / CORPUS, *({"docid": f"{n}#0", "text": f"a{n}"} for n in range(5)), "")
    assert prepared(miracl_dir, tmp_path).passages("sw").row(4) == ("4#0", "", "a4", "4#0")


def test_a_cut_corpus_says_so(miracl_dir: Path, tmp_path: Path) -> None:
    corpus = miracl_dir / CORPUS
    corpus.write_bytes(corpus.read_bytes()[:-20])
    with pytest.raises(DataError, match=r"docs-0\.jsonl\.gz is cut short"):
        prepared(miracl_dir, tmp_path)


def test_a_gap_in_the_shards_is_named(tmp_path: Path) -> None:
    for shard in (0, 2):
        write_lines(tmp_path / f"miracl-corpus-v1.0-ko/docs-{shard}.jsonl.gz", "{}")
    with pytest.raises(DataError, match=r"lacks docs-1\.jsonl\.gz: 1 of 3 files are missing"):
        prepared(tmp_path, tmp_path, ("ko",))


def test_a_judged_passage_must_be_in_the_corpus(miracl_dir: Path, tmp_path: Path) -> None:
    write_lines(miracl_dir / CORPUS, {"docid": "1#0", "title": "", "text": "a"})
    with pytest.raises(
        DataError, match=r"passage '\d#0', judged for query .* not in the sw corpus"
    ):
        prepared(miracl_dir, tmp_path)


def test_a_judged_query_must_be_a_topic(miracl_dir: Path, tmp_path: Path) -> None:
    topics = miracl_dir / "miracl-v1.0-sw/topics/topics.miracl-v1.0-sw-dev.tsv"
    write_lines(topics, "3#0\tSwali?")
    with pytest.raises(DataError, match="query '4' is judged but not among the queries"):
        prepared(miracl_dir, tmp_path)


def test_repeated_passages_are_refused(miracl_dir: Path, tmp_path: Path) -> None:
    record = {"docid": "1#0", "title": "", "text": "a"}
    write_lines(miracl_dir / CORPUS, record, record)
    with pytest.raises(DataError, match="passage_id '1#0' is in more than one row"):
        prepared(miracl_dir, tmp_path)


@pytest.mark.parametrize(
    ("file", "line", "fault"),
    [
        ("topics/topics", "3#0 no tab", "line 1: is not an id, a tab and a query"),
        ("qrels/qrels", "3#0\tQ0\t1#0\tyes", "line 1: the relevance 'yes' is not a whole number"),
        ("qrels/qrels", "3#0\tQ0\t1#0\t1_0", "line 1: the relevance '1_0' is not a whole number"),
        ("qrels/qrels", "3#0\t1#0\t1", "line 1: is not 'query Q0 passage relevance'"),
    ],
)
def test_a_bad_line_of_topics_or_qrels_is_named(
    miracl_dir: Path, tmp_path: Path, file: str, line: str, fault: str
) -> None:
    write_lines(miracl_dir / f"miracl-v1.0-sw/{file}.miracl-v1.0-sw-dev.tsv", line)
    with pytest.raises(DataError, match=fault):
        prepared(miracl_dir, tmp_path)


def test_options_that_make_no_sense() -> None:
    with pytest.raises(UsageError, match="judgements of test-b were never published"):
        Miracl(("sw",), splits=("test-b",))
    with pytest.raises(UsageError, match="MIRACL has no 'validation'"):
        Miracl(("sw",), splits=("validation",))
    with pytest.raises(UsageError, match="no train split in yo"):
        Miracl(("sw", "yo"), splits=("train",))
    with pytest.raises(UsageError, match="no language xx here"):
        Miracl(("xx",))
    with pytest.raises(UsageError, match="--languages is empty"):
        Miracl(())


def test_a_missing_folder_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no folder"):
        prepared(tmp_path / "nowhere", tmp_path)


def test_upstream_facts() -> None:
    assert set(SHARDS) == set(MIRACL_LANGUAGES)
    assert len(CORPUS_REVISION) == 40


def test_memory_does_not_grow_with_the_corpus(
    miracl_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "BLOCK", 2**18)
    records = ({"docid": f"{n}#0", "title": "t", "text": "x" * 2000} for n in range(8_000))
    write_lines(miracl_dir / CORPUS, *records)
    prepared(miracl_dir, tmp_path / "first")  # what this imports is not measured below
    tracemalloc.start()
    prepared(miracl_dir, tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # The corpus is 16 MB.
    assert peak < 8 * 2**20
