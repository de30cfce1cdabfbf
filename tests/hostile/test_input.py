"""Data and checkpoints from strangers: refused with a reason, or harmless."""

from __future__ import annotations

import gzip
import io
import json
import resource
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.cli.program import TRAIN, hybench, names_in, refused, start, works
from tests.data.conftest import snapshot, write_lines
from tests.waiting import HANG

PASSAGE = {"_id": "p1", "text": "a red house"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a good data set in ``own``."""
    monkeypatch.chdir(tmp_path)
    own = tmp_path / "own"
    write_lines(own / "corpus" / "en.jsonl", PASSAGE)
    write_lines(own / "queries" / "en.jsonl", {"_id": "q1", "text": "which house?"})
    write_lines(own / "qrels" / "en.tsv", "q1 0 p1 1")
    return own


def prepared(folder: Path) -> str:
    """What is said of a folder that must be refused; nothing of it is kept."""
    said = refused(1, "prepare", "jsonl", folder.name)
    assert names_in(folder.parent) == [*(["data"] if Path("data").is_dir() else []), "own"]
    assert not Path("data").is_dir() or list(Path("data").iterdir()) == []
    return said


@pytest.mark.parametrize(
    "mark",
    ["\n", "\r", "\t", "\x00", "\x1b[2J", "\x7f", "\u0085", "\u2028", "\u200b", "\u200d", "\u202e",
     "\u2066", "\ufeff", "\u00ad"],
)  # fmt: skip
@pytest.mark.parametrize("table", ["corpus", "queries", "pairs"])
def test_an_id_with_a_character_that_nobody_sees(table: str, mark: str, folder: Path) -> None:
    if table == "pairs":
        text = {"en": "red", "de": "rot"}
        write_lines(folder / "pairs.jsonl", {"_id": f"a{mark}b", "query": text, "passage": text})
        file = "pairs.jsonl"
    else:
        good = json.loads((folder / table / "en.jsonl").read_text())
        write_lines(folder / table / "en.jsonl", good, {"_id": f"a{mark}b", "text": "red"})
        file = f"{table}/en.jsonl"
    said = prepared(folder)
    assert (
        f"own/{file}, line {1 + (table != 'pairs')}: '_id' has a control or invisible character"
        in said
    )
    assert f"a{mark}b" not in said


def test_an_id_like_a_path_names_no_file(folder: Path, tmp_path: Path) -> None:
    write_lines(folder / "corpus" / "en.jsonl", {"_id": "../../p", "text": "a red house"})
    write_lines(folder / "queries" / "en.jsonl", {"_id": "/etc/q", "text": "which house?"})
    write_lines(folder / "qrels" / "en.tsv", "/etc/q 0 ../../p 1")
    works("prepare", "jsonl", "own", "--name", "paths")
    works("eval", "bm25", "--data", "paths", "--export-trec", "trec")
    assert names_in(tmp_path) == ["data", "own", "runs", "trec"]
    written = [*snapshot(tmp_path / "runs"), *snapshot(tmp_path / "trec")]
    assert not [name for name in written if "etc" in name or ".." in name]
    [run] = (tmp_path / "trec").glob("*.run")
    assert run.read_text().split()[:3] == ["/etc/q", "Q0", "../../p"]


@pytest.mark.parametrize("name", ["../up", "a/b", "/x", "a\nb", "a\u202eb", "a\u200bb", "-x"])
def test_a_name_that_is_no_folders(name: str, folder: Path, tmp_path: Path) -> None:
    for command in (
        ("prepare", "jsonl", "own", f"--name={name}"),
        ("eval", "bm25", "--data", "own", f"--name={name}"),
    ):
        works("prepare", "jsonl", "own")
        assert "cannot be a folder's name" in refused(2, *command)
    assert names_in(tmp_path) == ["data", "own"]


@pytest.mark.parametrize("name", ["x" * 150, "字" * 50])
def test_a_name_as_long_as_may_be(name: str, folder: Path) -> None:
    lines = [json.dumps({"_id": "q1", "text": "which house?", "split": "train"})]
    (folder / "queries" / "en.jsonl").write_text("\n".join(lines), encoding="utf-8")
    works("prepare", "jsonl", "own", "--name", name)
    of = ("--data", name, "--split", "train", "--name", name)
    works("eval", "bm25", *of, "--export-trec", "trec")
    works("compare", "runs")
    assert len(names_in(folder.parent / "trec")) == 2


@pytest.mark.parametrize("name", ["e\nn.jsonl", "..en.jsonl", "en\u200b.jsonl", "con.jsonl"])
def test_a_file_that_is_named_for_no_language(name: str, folder: Path) -> None:
    (folder / "corpus" / name).write_text("{}\n")
    if name.startswith("."):
        works("prepare", "jsonl", "own")  # hidden files are nobody's data
    else:
        assert "language" in prepared(folder)


@pytest.mark.parametrize("code", ["../en", "e/n", "e n", "\u202een"])
def test_a_language_that_is_none(code: str, folder: Path) -> None:
    (folder / "corpus" / "en.jsonl").rename(folder / "corpus.jsonl")
    assert "is not a language code" in refused(2, "prepare", "jsonl", "own", "--language", code)
    assert "no language" in refused(2, "prepare", "miracl", "--languages", code, "--from", "own")


def test_a_line_of_100_megabytes(folder: Path) -> None:
    with (folder / "corpus" / "en.jsonl").open("w") as file:
        file.write('{"_id": "p1", "text": "')
        for _ in range(100):
            file.write("x" * 2**20)
        file.write('"}\n')
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    said = prepared(folder)
    assert "own/corpus/en.jsonl, line 1: longer than 16,777,216 bytes." in said
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 80_000  # KiB


@pytest.mark.parametrize("file", ["corpus/en.jsonl", "queries/en.jsonl", "qrels/en.tsv"])
@pytest.mark.parametrize("data", [b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf5\x80\x80\x80"])
def test_invalid_utf8(data: bytes, file: str, folder: Path) -> None:
    path = folder / file
    path.write_bytes(path.read_bytes() + b'{"_id": "' + data + b'"}\n')
    assert f"own/{file}, line 2: byte 10 is not UTF-8." in prepared(folder)


def test_texts_may_hold_marks_of_direction_and_of_no_width(folder: Path) -> None:
    """Persian and Hindi cannot be written without them."""
    text = "می\u200cخواهم \u200fخانه\u200e क्\u200dष \u202bقرمز\u202c"
    write_lines(folder / "corpus" / "en.jsonl", {"_id": "p1", "text": text})
    works("prepare", "jsonl", "own")
    stored = pl.read_parquet("data/own/passages/en.parquet")["text"].to_list()
    assert stored == [text]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        gzip.compress(b'{"_id": "p1", "text": "x"}\n', mtime=0)[:-9],
        gzip.compress(b'{"_id": "p1", "text": "x"}\n', mtime=0)[:-8] + b"checksum",
        b"PK\x03\x04 no gzip",
    ],
)
def test_a_damaged_archive(content: bytes, folder: Path) -> None:
    (folder / "corpus" / "en.jsonl").rename(folder / "corpus" / "en.jsonl.gz")
    (folder / "corpus" / "en.jsonl.gz").write_bytes(content)
    assert "own/corpus/en.jsonl.gz" in prepared(folder)


@pytest.mark.slow
def test_an_archive_that_unpacks_to_no_end(folder: Path) -> None:
    (folder / "corpus" / "en.jsonl").unlink()
    with gzip.open(folder / "corpus" / "en.jsonl.gz", "wb", compresslevel=9) as file:
        for _ in range(100):
            file.write(b"\n" * 2**20)
    said = prepared(folder)
    assert "own/corpus/en.jsonl.gz unpacks to more than 200 times its size" in said


def _tar() -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("../../evil"), io.BytesIO(b""))
    return gzip.compress(held.getvalue())


def _zip() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("../../evil", "evil")
    return held.getvalue()


@pytest.mark.parametrize("make", [_tar, _zip])
def test_an_archive_of_files_is_never_unpacked(
    make: Callable[[], bytes], folder: Path, tmp_path: Path
) -> None:
    (folder / "corpus" / "en.jsonl").unlink()
    (folder / "corpus" / "en.jsonl.gz").write_bytes(make())
    done = hybench("prepare", "jsonl", "own")
    assert done.code == 1
    assert "error: own/corpus/en.jsonl.gz" in done.err
    assert not list(tmp_path.parent.glob("**/evil"))


def test_a_link_out_of_the_folder_is_read_and_never_written(folder: Path, tmp_path: Path) -> None:
    outside = write_lines(tmp_path / "own" / "outside.jsonl", PASSAGE)
    (folder / "corpus" / "en.jsonl").unlink()
    (folder / "corpus" / "en.jsonl").symlink_to(outside)
    works("prepare", "jsonl", "own")
    assert outside.read_text() == json.dumps(PASSAGE) + "\n"


def test_texts_do_not_steer_the_terminal(folder: Path) -> None:
    texts = [{"en": f"red\x1b[2J\u202e\r\nhouse {n}", "de": f"rot {n}"} for n in range(3)]
    pairs = ({"_id": str(n), "query": text, "passage": text} for n, text in enumerate(texts))
    write_lines(folder / "pairs.jsonl", *pairs)
    works("prepare", "jsonl", "own")
    shown = works("batches", "--data", "own", "--batch-size", "2", "--alpha", "0").out
    assert "red\ufffd[2J\ufffd house" in shown
    (folder.parent / "runs" / "a\x1b[2J").mkdir(parents=True)
    (folder.parent / "runs" / "a\x1b[2J" / "config.toml").touch()
    assert "Runs in runs: a\ufffd[2J." in refused(2, "eval", "b", "--data", "own")


def _pickle(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    (folder / "pytorch_model.bin").write_bytes(b"cposix\nsystem\n(S'touch evil'\ntR.")


def _pickle_named_safetensors(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"cposix\nsystem\n(S'touch evil'\ntR.")


def _remote_code(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["auto_map"] = {"AutoModel": "evil.Evil", "AutoConfig": "evil.EvilConfig"}
    config["model_type"] = "evil"
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "evil.py").write_text("open('evil', 'w')\n")


def _huge_header(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes((2**60).to_bytes(8, "little") + b"{}")


def _module_of_a_stranger(folder: Path) -> None:
    modules = [{"idx": 0, "name": "0", "path": "", "type": "evil.Evil"}]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "evil.py").write_text("open('evil', 'w')\n")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_pickle, "has no safetensors weights"),
        (_pickle_named_safetensors, "cannot be loaded"),
        (_remote_code, "needs remote code"),
        (_huge_header, "cannot be loaded"),
        (_module_of_a_stranger, "has the module evil.Evil"),
    ],
)
def test_a_checkpoint_that_would_run_something(
    spoil: Callable[[Path], None], reason: str, here: Path, checkpoint: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip

    own = tmp_path / "checkpoint"
    shutil.copytree(checkpoint, own)
    spoil(own)
    monkeypatch.setattr(sys, "path", [*sys.path, str(own)])
    monkeypatch.chdir(tmp_path)
    # What is damaged is a fault of the data; what is refused by its kind, of the command.
    code = 1 if reason == "cannot be loaded" else 2
    for flags in (("--encoder", own), ("--strategy", "distill", "--teacher", own)):
        said = refused(code, *TRAIN, "--name", "new", *flags, "--data-dir", here / "data")
        assert reason in said
    assert not list(tmp_path.rglob("evil"))


@pytest.mark.process
@pytest.mark.slow
@pytest.mark.usefixtures("forked")
def test_a_path_that_is_no_utf8(here: Path, tmp_path: Path) -> None:
    """Names of files are bytes, and need not be text."""
    odd = tmp_path / "ru\udcffns"
    for arguments, code in (
        (("eval", "bm25", "--data", "toy", "--runs-dir", odd), 1),
        ((*TRAIN, "--name", "odd", "--runs-dir", odd), 1),
        ((*TRAIN, "--name", "odd", "--encoder", odd / "nowhere"), 2),
        (("prepare", "jsonl", odd), 2),
    ):
        process = start(*arguments)
        _, said = process.communicate(timeout=HANG)
        assert process.returncode == code, said
        assert "Traceback" not in said
        assert "a bug in hybench" not in said


def test_a_set_without_any_relevant_passage(folder: Path) -> None:
    write_lines(folder / "qrels" / "en.tsv", "q1 0 p1 0")
    said = works("prepare", "jsonl", "own").err
    assert "No query has a relevant passage: nothing can be evaluated on this set." in said
    assert "Next:" not in said
    for command in (("eval", "bm25"), ("eval", "bm25", "--dry-run")):
        said = refused(2, *command, "--data", "own")
        assert "Data set own has no query with a relevant passage to evaluate on." in said
