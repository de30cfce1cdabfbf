from __future__ import annotations

import gzip
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from hybench.concurrency.progress import Progress, ignore
from hybench.data import download
from hybench.data.download import hub_files, web_files
from hybench.data.preparation import prepare
from hybench.data.sources import ntrex
from hybench.data.sources.miracl.source import CORPUS_REVISION, Miracl
from hybench.data.sources.mlqa_r import MLQA_R
from hybench.data.sources.xquad_r import XQUAD_R, XquadR
from hybench.errors import DataError, HybenchError, StateError, UsageError
from tests.data.conftest import (
    COMMIT,
    Answer,
    Web,
    refuse,
    serve_folder,
    set_endpoint,
    snapshot,
    write_xquad,
)

LAYOUT = "the usual files"


def test_web_files_are_fetched_once(web: Web) -> None:
    web.answer = lambda path: (200, {}, f"content of {path}".encode())
    seen: list[Progress] = []
    for _ in range(2):
        files = web_files(f"{web.address}/base", "r1", ["a.json", "b/c.txt"], LAYOUT, seen.append)
    assert files["b/c.txt"].read_text() == "content of /base/b/c.txt"
    assert web.asked == ["/base/a.json", "/base/b/c.txt"]
    assert seen[1] == Progress("download", 1, 2, "files")


def test_another_revision_is_another_file(web: Web) -> None:
    for revision in ("r1", "r2"):
        web.answer = lambda _, content=revision: (200, {}, content.encode())  # type: ignore[misc]
        files = web_files(web.address, revision, ["a"], LAYOUT, ignore)
        assert files["a"].read_text() == revision


@pytest.mark.parametrize(
    ("status", "kind", "what"),
    [
        (404, DataError, r"/a was not found \(404\)"),
        (403, StateError, "Cannot download .*/a: HTTP Error 403"),
        (500, StateError, "Cannot download .*/a: HTTP Error 500"),
    ],
)
def test_a_web_servers_refusal_says_what_to_do(
    web: Web, tmp_path: Path, status: int, kind: type[HybenchError], what: str
) -> None:
    refuse(web, status)
    with pytest.raises(kind, match=what) as raised:
        web_files(web.address, "r", ["a"], LAYOUT, ignore)
    assert raised.value.do.endswith(f"pass --from DIR with {LAYOUT}.")
    assert snapshot(tmp_path) == {}


def test_a_broken_off_download_leaves_nothing(web: Web, tmp_path: Path) -> None:
    web.answer = lambda _: (200, {"Content-Length": "100"}, b"only this")
    with pytest.raises(StateError, match=r"Cannot download .*/a: IncompleteRead"):
        web_files(web.address, "r", ["a"], LAYOUT, ignore)
    assert snapshot(tmp_path) == {}


def test_no_server_at_all(web: Web) -> None:
    with pytest.raises(StateError, match=r"Cannot download http://127\.0\.0\.1:1/a: .*refused"):
        web_files("http://127.0.0.1:1", "r", ["a"], LAYOUT, ignore)


def test_xquad_r_from_the_web(web: Web, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write_xquad(tmp_path / "upstream", "en")
    web.answer = lambda path: (200, {}, (tmp_path / "upstream" / Path(path).name).read_bytes())
    monkeypatch.setattr(XquadR, "collection", replace(XQUAD_R, address=web.address))
    data = prepare(XquadR(languages=("en",)), tmp_path / "data").dataset
    assert data.info.revision == XQUAD_R.revision
    assert web.asked == ["/en.json"]


def test_hub_files_come_from_one_commit_and_are_fetched_once(hub: Web, tmp_path: Path) -> None:
    (tmp_path / "upstream" / "x").mkdir(parents=True)
    for name in ("a.tsv", "x/b.tsv"):
        (tmp_path / "upstream" / name).write_text(name)
    serve_folder(hub, tmp_path / "upstream")
    files, commit = hub_files("miracl/miracl", ["a.tsv", "x/b.tsv"], "main", LAYOUT, ignore)
    assert commit == COMMIT
    assert {name: path.read_text() for name, path in files.items()} == {
        "a.tsv": "a.tsv",
        "x/b.tsv": "x/b.tsv",
    }
    assert any(f"/resolve/{COMMIT}/x/b.tsv" in path for path in hub.asked)
    asked = len(hub.asked)
    again, _ = hub_files("miracl/miracl", ["a.tsv", "x/b.tsv"], "main", LAYOUT, ignore)
    assert (again, len(hub.asked)) == (files, asked)


def test_what_a_broken_off_download_has_fetched_is_not_fetched_again(
    hub: Web, tmp_path: Path
) -> None:
    names = [f"{number}.tsv" for number in range(9)]
    (tmp_path / "upstream").mkdir()
    for name in names[:-1]:
        (tmp_path / "upstream" / name).write_text(name)
    serve_folder(hub, tmp_path / "upstream")
    with pytest.raises(DataError, match=r"8\.tsv was not found"):
        hub_files("miracl/miracl", names, COMMIT, LAYOUT, ignore)
    (tmp_path / "upstream" / "8.tsv").write_text("8.tsv")
    hub.asked.clear()
    files, _ = hub_files("miracl/miracl", names, COMMIT, LAYOUT, ignore)
    assert [path.read_text() for path in files.values()] == names
    assert {Path(path).name for path in hub.asked if "/resolve/" in path} == {"8.tsv"}


def test_miracl_from_the_hub(hub: Web, miracl_dir: Path, tmp_path: Path) -> None:
    serve_folder(hub, miracl_dir)
    data = prepare(Miracl(("sw",)), tmp_path / "data").dataset
    assert data.info.counts["passages"] == {"sw": 5}
    assert data.info.revision == f"miracl/miracl@{COMMIT} miracl/miracl-corpus@{COMMIT}"
    local = prepare(Miracl(("sw",), miracl_dir), tmp_path / "local").dataset
    assert data.info.inputs == local.info.inputs
    assert data.info.fingerprint == local.info.fingerprint


@pytest.mark.parametrize(
    ("status", "code", "kind", "what"),
    [
        (401, "GatedRepo", StateError, r"datasets/miracl/miracl denies access \(401\)"),
        (403, "GatedRepo", StateError, r"datasets/miracl/miracl denies access \(403\)"),
        (401, None, StateError, r"datasets/miracl/miracl denies access \(401\)"),
        (404, "RepoNotFound", StateError, r"datasets/miracl/miracl denies access \(404\)"),
        (404, "RevisionNotFound", DataError, r"miracl/miracl: a\.tsv was not found \(404\)"),
        (403, None, StateError, r"datasets/miracl/miracl denies access \(403\)"),
    ],
)
def test_the_hubs_refusal_says_what_to_do(
    hub: Web, status: int, code: str | None, kind: type[HybenchError], what: str
) -> None:
    refuse(hub, status, code)
    with pytest.raises(kind, match=what) as raised:
        hub_files("miracl/miracl", ["a.tsv"], "main", LAYOUT, ignore)
    assert f"pass --from DIR with {LAYOUT}." in raised.value.do
    if kind is StateError:
        assert raised.value.do.startswith("Accept the terms on that page and set HF_TOKEN")


def test_a_gate_that_opens_only_the_front_door(hub: Web, tmp_path: Path) -> None:
    """The hub tells everyone that a gated repository is there, and refuses its files."""
    serve_folder(hub, tmp_path)
    front = hub.answer
    hub.answer = lambda path: (
        front(path) if path.startswith("/api/") else (401, {"X-Error-Code": "GatedRepo"}, b"")
    )
    with pytest.raises(StateError, match=r"denies access \(401\)"):
        hub_files("miracl/miracl", ["a.tsv"], "main", LAYOUT, ignore)


def test_a_file_that_the_hub_lacks(hub: Web, tmp_path: Path) -> None:
    serve_folder(hub, tmp_path / "nothing")
    with pytest.raises(DataError, match=r"miracl/miracl: a\.tsv was not found \(404\)"):
        hub_files("miracl/miracl", ["a.tsv"], "main", LAYOUT, ignore)


def test_no_hub_at_all(hub: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    set_endpoint(monkeypatch, "http://127.0.0.1:1")
    with pytest.raises(StateError, match=r"Cannot download a\.tsv of .*refused") as raised:
        hub_files("miracl/miracl", ["a.tsv"], "main", LAYOUT, ignore)
    assert raised.value.do.startswith("Check the network and try again, or pass --from DIR")


def test_a_hub_that_says_nothing(monkeypatch: pytest.MonkeyPatch, hub: Web) -> None:
    """One line after the time that it has, and no retries."""
    monkeypatch.setattr(download, "HUB_TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        set_endpoint(monkeypatch, f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(StateError, match=r"Cannot download a\.tsv of .*timed out\."):
            hub_files("miracl/miracl", ["a.tsv"], "main", LAYOUT, ignore)
        silent.settimeout(0)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()


def test_a_hub_that_is_not_to_be_asked(
    monkeypatch: pytest.MonkeyPatch, hub: Web, tmp_path: Path
) -> None:
    """HF_HUB_OFFLINE: what the cache has is used, and no request made."""
    from huggingface_hub import constants

    (tmp_path / "upstream").mkdir()
    (tmp_path / "upstream" / "a.tsv").write_text("a")
    serve_folder(hub, tmp_path / "upstream")
    hub_files("miracl/miracl", ["a.tsv"], "main", LAYOUT, ignore)
    asked = len(hub.asked)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert hub_files("miracl/miracl", ["a.tsv"], "main", LAYOUT, ignore)[1] == COMMIT
    with pytest.raises(StateError, match=r"Cannot download b\.tsv of .*offline mode is enabled"):
        hub_files("miracl/miracl", ["a.tsv", "b.tsv"], "main", LAYOUT, ignore)
    assert len(hub.asked) == asked


def test_a_hub_download_that_breaks_off_is_taken_up(
    hub: Web, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "upstream").mkdir()
    (tmp_path / "upstream" / "a.tsv").write_text("all of it")
    serve_folder(hub, tmp_path / "upstream")
    whole = hub.answer

    def broken(path: str) -> Answer:
        status, headers, body = whole(path)
        resolved = [path for path in hub.asked if "/resolve/" in path]
        if len(resolved) == 2:  # the first is a HEAD
            return status, {**headers, "Content-Length": str(len(body))}, body[:3]
        return status, headers, body

    hub.answer = broken
    files, _ = hub_files("miracl/miracl", ["a.tsv"], "main", LAYOUT, ignore)
    assert files["a.tsv"].read_text() == "all of it"
    assert capfd.readouterr() == ("", "")


def test_downloads_are_pinned() -> None:
    assert ntrex.REVISION in ntrex.URL
    for collection in (XQUAD_R, MLQA_R):
        assert collection.address.endswith(f"/{collection.revision}/{collection.name}")
    revisions = (ntrex.REVISION, CORPUS_REVISION, XQUAD_R.revision, MLQA_R.revision)
    assert {len(revision) for revision in revisions} == {40}


def test_local_files_name_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--from: there is no folder"):
        download.local_files(tmp_path / "no", ["a"], LAYOUT)
    with pytest.raises(DataError, match="lacks a and 1 more") as raised:
        download.local_files(tmp_path, ["a", "b"], LAYOUT)
    assert raised.value.do == f"--from expects {LAYOUT}."


def test_hashes_are_of_the_files_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"x", mtime=0))
    (tmp_path / "b").write_bytes(b"")
    digests = download.hash_files({"b": tmp_path / "b", "a": tmp_path / "a.gz"}, ignore)
    assert list(digests) == ["a", "b"]
    assert digests["b"] == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    with pytest.raises(DataError, match="Cannot read"):
        download.hash_files({"c": tmp_path}, ignore)
