"""``hybench prepare``: every source, and what is wrong with a person's files and flags."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from hybench.data.dataset import Dataset
from tests.cli.program import hybench, names_in, next_command, refused, works
from tests.data.conftest import write_lines, write_xquad

PASSAGE = '{"_id": "p1", "text": "one"}'


def own_files(folder: Path) -> Path:
    """A set of one passage and one query in English."""
    write_lines(folder / "corpus" / "en.jsonl", PASSAGE)
    write_lines(folder / "queries" / "en.jsonl", '{"_id": "q1", "text": "one?"}')
    write_lines(folder / "qrels" / "en.tsv", "query-id\tcorpus-id\tscore", "q1\tp1\t1")
    return folder


def test_atlas(empty: Path) -> None:
    done = works("prepare", "atlas", "-l", "en,sw", "-l", "yo", "--scarce", "yo=0.5")
    assert done.out == ""
    assert next_command(done) == ["train", "--data", "atlas"]
    info = Dataset.open(empty / "data" / "atlas").info
    assert info.languages == ("en", "sw", "yo")
    assert info.counts["pairs"]["yo"] < info.counts["pairs"]["sw"]
    again = works("prepare", "atlas", "-l", "sw,en,yo", "--scarce", "yo=0.5")
    assert again.err.splitlines()[0] == "data/atlas is up to date."
    said = refused(1, "prepare", "atlas", "-l", "en,sw")
    assert "made from other data or options" in said
    assert "--force" in said
    works("prepare", "atlas", "-l", "en,sw", "--force")
    assert Dataset.open(empty / "data" / "atlas").info.languages == ("en", "sw")


def test_xquad_r(empty: Path) -> None:
    for language in ("en", "de"):
        write_xquad(empty / "xquad", language)
    done = works("prepare", "xquad-r", "--from", "xquad", "-l", "en,de", "--data-dir", "sets")
    assert done.out == ""
    assert next_command(done)[:2] == ["eval", "bm25"]
    assert "--data-dir sets" in done.err
    [name] = names_in(empty / "sets")
    assert Dataset.open(empty / "sets" / name).info.settings == ("mono", "cross", "multi")


def test_miracl(empty: Path, miracl_dir: Path) -> None:
    done = works("prepare", "miracl", "--from", miracl_dir, "-l", "sw")
    assert done.out == ""
    assert next_command(done) == ["train", "--data", "miracl-sw"]
    assert "5 passages, 4 queries" in done.err


def test_ntrex(empty: Path) -> None:
    folder = empty / "ntrex"
    write_lines(folder / "DOCUMENT_IDS.tsv", *["one"] * 6)
    for file in ("newstest2019-src.eng.txt", "newstest2019-ref.swa.txt"):
        write_lines(folder / "NTREX-128" / file, *(f"{file} {number}" for number in range(6)))
    works("prepare", "ntrex", "--from", folder, "-l", "en,sw")
    info = Dataset.open(empty / "data" / "ntrex").info
    assert info.counts["pairs"].keys() == {"en", "sw"}
    assert "queries" not in info.counts


def test_own_files(empty: Path) -> None:
    done = works("prepare", "jsonl", own_files(empty / "mine"))
    assert done.out == ""
    assert "data/mine: 1 passage, 1 query in 1 language." in done.err
    works(*next_command(done))


def test_bad_lines_are_left_out_aloud(empty: Path) -> None:
    folder = own_files(empty / "mine")
    write_lines(folder / "corpus" / "en.jsonl", PASSAGE, *["{"] * 5)
    for few, says in (((), "--skip-bad N skips N"), ((4,), "--skip-bad skips 4")):
        done = hybench("prepare", "jsonl", folder, *(("--skip-bad", *few) if few else ()))
        assert done.code == 1
        assert says in done.err
    assert names_in(empty / "data") == []
    said = hybench("-q", "prepare", "jsonl", folder, "--skip-bad", 5).err.splitlines()
    assert said[0] == "warning: 5 lines left out:"
    assert [line.partition("line ")[2][:1] for line in said[1:4]] == ["2", "3", "4"]
    assert said[4:] == ["  and 2 more."]
    assert Dataset.open(empty / "data" / "mine").passages("en").height == 1


def test_a_language_of_bad_lines_alone_is_left_out_whole(empty: Path) -> None:
    folder = own_files(empty / "mine")
    write_lines(folder / "corpus" / "yo.jsonl", "{")
    write_lines(folder / "queries" / "yo.jsonl", {"_id": "q1", "text": "ilé"})
    write_lines(folder / "qrels" / "yo.tsv", "query-id\tcorpus-id\tscore", "q1\tp1\t1")
    works("prepare", "jsonl", folder, "--skip-bad", 9)
    info = Dataset.open(empty / "data" / "mine").info
    assert "passages" in info.counts
    assert "yo" not in info.counts["passages"]
    assert info.settings == ("mono",)


@pytest.mark.parametrize("source", ["xquad-r", "miracl", "ntrex"])
def test_a_missing_folder(source: str, empty: Path) -> None:
    languages = ("-l", "sw") if source == "miracl" else ()
    said = refused(2, "prepare", source, "--from", "nowhere", *languages)
    assert "no folder nowhere" in said
    assert names_in(empty) == []


def test_a_missing_folder_of_own_files(empty: Path) -> None:
    assert "no folder nowhere" in refused(2, "prepare", "jsonl", "nowhere")


def test_a_folder_without_the_files(empty: Path) -> None:
    (empty / "bare").mkdir()
    assert "corpus/<lang>.jsonl" in refused(2, "prepare", "jsonl", "bare")
    assert "XQuAD-R's files" in refused(2, "prepare", "xquad-r", "--from", "bare")
    assert "miracl-corpus" in refused(1, "prepare", "miracl", "--from", "bare", "-l", "yo")


@pytest.mark.parametrize("source", ["atlas", "miracl", "xquad-r"])
def test_a_wrong_language(source: str, empty: Path) -> None:
    folder = () if source == "atlas" else ("--from", ".")
    write_xquad(empty, "en")
    said = refused(2, "prepare", source, *folder, "-l", "xx")
    assert "--languages: no language xx here." in said
    assert "Choose from:" in said
    assert names_in(empty / "data") == []


def test_miracl_wants_languages(empty: Path) -> None:
    assert "--languages yo,sw" in refused(2, "prepare", "miracl", "--from", ".")


@pytest.mark.parametrize(
    ("scarce", "says"),
    [
        ("yo", "'yo' is not a language with a share"),
        ("yo=little", "'yo=little' is not a language with a share"),
        ("yo=2", "2.0 is not a valid share for yo"),
        ("yo=0", "0.0 is not a valid share for yo"),
        ("yo=inf", "inf is not a valid share for yo"),
        ("yo=0.0_5", "'yo=0.0_5' is not a language with a share"),
        ("yo=nan", "'yo=nan' is not a language with a share"),
        ("xx=0.5", "no language xx"),
    ],
)
def test_scarce(scarce: str, says: str, empty: Path) -> None:
    assert f"--scarce: {says}" in refused(2, "prepare", "atlas", "--scarce", scarce)
    assert names_in(empty) == []


@pytest.mark.parametrize("name", ["a/b", "../up", "a b", ".hidden", "x" * 151, "tab\t"])
def test_a_name_that_is_no_folder_name(name: str, empty: Path) -> None:
    said = refused(2, "prepare", "jsonl", own_files(empty / "mine"), "--name", name)
    assert "cannot be a folder's name" in said
    assert names_in(empty) == ["mine"]


def _corpus(content: bytes, name: str = "en.jsonl") -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / "corpus" / "en.jsonl").unlink()
        (folder / "corpus" / name).write_bytes(content)

    return change


def _qrels(*lines: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        write_lines(folder / "qrels" / "en.tsv", "query-id\tcorpus-id\tscore", *lines)

    return change


def _queries(*lines: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        write_lines(folder / "queries" / "en.jsonl", *lines)

    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_corpus(b""), "corpus/en.jsonl is empty."),
        (_corpus(gzip.compress(b"x" * 99)[:-9], "en.jsonl.gz"), "en.jsonl.gz is cut short"),
        (_corpus(b"text", "en.jsonl.gz"), "en.jsonl.gz is not gzip"),
        (_corpus(f"{PASSAGE}\n{{no".encode()), "corpus/en.jsonl, line 2: not JSON"),
        (
            _corpus(b'{"_id": "p1", "text": "\xff"}'),
            "corpus/en.jsonl, line 1: byte 24 is not UTF-8",
        ),
        (_corpus(f"{PASSAGE}\n{PASSAGE}".encode()), "line 2: '_id' 'p1' is also in line 1"),
        (_corpus(b'{"_id": "p1"}'), "corpus/en.jsonl: its lines have no 'text'"),
        (_qrels("q1\tp9\t1"), "qrels/en.tsv, line 2: passage 'p9' is not in the en corpus"),
        (_qrels("q9\tp1\t1"), "qrels/en.tsv, line 2: query 'q9' is not among the queries"),
        (_qrels("q1\tp1\thigh"), "qrels/en.tsv, line 2: the relevance 'high' is not a whole"),
        (_queries('{"_id": "q1"}'), "queries/en.jsonl: its lines have no 'text'"),
    ],
)
def test_a_fault_in_own_files(change: Callable[[Path], None], says: str, empty: Path) -> None:
    change(own_files(empty / "mine"))
    assert says in refused(1, "prepare", "jsonl", "mine")
    assert names_in(empty / "data") == []


def test_every_bad_line_is_told(empty: Path) -> None:
    _corpus(b"[]\n{\n" + PASSAGE.encode())(own_files(empty / "mine"))
    done = hybench("prepare", "jsonl", "mine")
    assert (done.code, done.out) == (1, "")
    assert [f"line {number}:" in done.err for number in (1, 2, 3)] == [True, True, False]


def test_a_truncated_corpus_of_miracl(empty: Path, miracl_dir: Path) -> None:
    [file] = miracl_dir.rglob("docs-0.jsonl.gz")
    file.write_bytes(file.read_bytes()[:-10])
    said = refused(1, "prepare", "miracl", "--from", miracl_dir, "-l", "sw")
    assert f"{file} is cut short" in said
    assert names_in(empty / "data") == []


def test_xquad_r_of_another_size(empty: Path) -> None:
    write_xquad(empty, "en", missing=1)
    assert "en" in refused(1, "prepare", "xquad-r", "--from", ".", "-l", "en")
    assert names_in(empty / "data") == []


def test_a_file_in_the_way(empty: Path) -> None:
    folder = own_files(empty / "mine")
    (empty / "data").write_text("not a folder")
    said = refused(1, "prepare", "jsonl", folder)
    assert "Cannot write data/mine: there is a file where a folder must be." in said


def test_a_folder_of_something_else_is_left_alone(empty: Path) -> None:
    folder = own_files(empty / "mine")
    (empty / "data" / "mine").mkdir(parents=True)
    (empty / "data" / "mine" / "thesis.tex").write_text("years of work")
    for force in ((), ("--force",)):
        assert "it has no dataset.json" in refused(1, "prepare", "jsonl", folder, *force)
    assert names_in(empty / "data" / "mine") == ["thesis.tex"]
