"""Sets of a loopback server that answers as the hub does."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from hybench.concurrency.progress import ignore
from hybench.data import download
from hybench.data.preparation import prepare
from hybench.data.sources.hub import Hub
from hybench.errors import DataError, HybenchError, StateError, UsageError
from tests.data.conftest import COMMIT, Answer, Web, refuse, serve_folder, set_endpoint


@pytest.fixture
def sets(hub: Web, monkeypatch: pytest.MonkeyPatch) -> Web:
    """The hub's server, for `datasets` too."""
    import datasets

    monkeypatch.setattr(datasets.config, "HF_ENDPOINT", hub.address)
    monkeypatch.setattr(datasets.config, "HF_UPDATE_DOWNLOAD_COUNTS", False)
    return hub


def test_a_set_of_the_hub_is_that_of_its_folder(
    sets: Web, small: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    serve_folder(sets, small)
    data = prepare(Hub("owner/small"), tmp_path / "data").dataset
    local = prepare(Hub(str(small)), tmp_path / "local").dataset
    assert data.info.revision == f"owner/small@{COMMIT}"
    assert (data.info.inputs, data.info.licence) == ({}, "cc-by-4.0")
    assert data.info.files == local.info.files
    assert capfd.readouterr() == ("", "")


def test_the_same_commit_is_known_by_one_question(sets: Web, small: Path, tmp_path: Path) -> None:
    serve_folder(sets, small)
    prepare(Hub("owner/small"), tmp_path / "data")
    sets.asked.clear()
    assert prepare(Hub("owner/small", revision="main"), tmp_path / "data").unchanged
    assert [path for path in sets.asked if "/owner/" in path] == [
        "/api/datasets/owner/small/revision/main"
    ]
    serve_folder(sets, small, "f" * 40)
    with pytest.raises(StateError, match="made from other data or options"):
        prepare(Hub("owner/small"), tmp_path / "data")


@pytest.mark.parametrize(
    ("status", "code", "kind", "what"),
    [
        (404, "RepoNotFound", UsageError, r"owner/small does not exist, or is private \(404\)"),
        (401, "RepoNotFound", UsageError, r"owner/small does not exist, or is private \(401\)"),
        (404, "RevisionNotFound", UsageError, "--revision: .*owner/small has no v2"),
        (403, "GatedRepo", StateError, r"owner/small denies access \(403\)"),
        (500, None, StateError, "Cannot download .*owner/small: Server error '500"),
    ],
)
def test_what_the_hub_refuses(
    sets: Web, status: int, code: str | None, kind: type[HybenchError], what: str
) -> None:
    refuse(sets, status, code)
    with pytest.raises(kind, match=what) as raised:
        Hub("owner/small", revision="v2").describe(ignore)
    assert "\n" not in raised.value.what


def test_a_gate_before_the_files(sets: Web, small: Path, tmp_path: Path) -> None:
    """The hub tells everyone of a gated set, and refuses its files."""
    serve_folder(sets, small)
    front = sets.answer
    sets.answer = lambda path: (
        front(path) if path.startswith("/api/") else (401, {"X-Error-Code": "GatedRepo"}, b"")
    )
    with pytest.raises(StateError, match=r"owner/small denies access \(gated\)"):
        prepare(Hub("owner/small"), tmp_path / "data")


def test_a_file_that_the_hub_lost(sets: Web, small: Path, tmp_path: Path) -> None:
    serve_folder(sets, small)
    whole = sets.answer

    def without(path: str) -> Answer:
        return (404, {"X-Error-Code": "EntryNotFound"}, b"") if "/corpus-0" in path else whole(path)

    sets.answer = without
    with pytest.raises(DataError, match=r"owner/small: corpus was not found \(404\)"):
        prepare(Hub("owner/small"), tmp_path / "data")


def test_a_hub_out_of_reach_is_one_line(
    sets: Web, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    set_endpoint(monkeypatch, "http://127.0.0.1:1")
    with pytest.raises(StateError, match=r"Cannot download .*owner/small: .*refused") as raised:
        Hub("owner/small").describe(ignore)
    assert raised.value.do.endswith("or give the folder of a copy instead of the name.")
    monkeypatch.setattr(download, "HUB_TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        set_endpoint(monkeypatch, f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(StateError, match=r"Cannot download .*owner/small: .*timed out"):
            Hub("owner/small").describe(ignore)
