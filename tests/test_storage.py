from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hybench.errors import DataError, StateError
from hybench.storage import (
    read_json,
    replacing_file,
    replacing_folder,
    sha256_file,
    sha256_json,
    write_json,
)


class OwnError(Exception):
    """What the caller's own code raises."""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file.txt"
    with replacing_file(path) as temporary:
        temporary.write_text("new")
        assert temporary.parent == path.parent
        assert not path.exists()
    assert path.read_text() == "new"
    assert names(path.parent) == ["file.txt"]
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("error", [OwnError, KeyboardInterrupt])
def test_a_failure_leaves_the_old_file(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")

    def fail() -> None:
        with replacing_file(path) as temporary:
            temporary.write_text("half")
            raise error

    with pytest.raises(error):
        fail()
    assert path.read_text() == "old"
    assert names(tmp_path) == ["file.txt"]


def test_a_folder_that_another_process_wrote_meanwhile_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "one"
    with replacing_folder(path) as temporary:
        (temporary / "new.txt").write_text("new")
        path.mkdir()
        (path / "old.txt").write_text("old")
        monkeypatch.setattr(Path, "exists", lambda _: False)  # as if it came after a look
    assert names(path) == ["new.txt"]
    assert names(tmp_path) == ["one"]


def test_a_folder_appears_whole_and_replaces_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "sets" / "one"
    for content in ("first", "second"):
        with replacing_folder(path) as temporary:
            (temporary / content).write_text(content)
        assert names(path) == [content]
        assert names(path.parent) == ["one"]
    assert path.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("error", [OwnError, KeyboardInterrupt])
def test_a_failure_leaves_the_old_folder(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "one"
    path.mkdir()
    (path / "file").write_text("old")

    def fail() -> None:
        with replacing_folder(path) as temporary:
            (temporary / "file").write_text("half")
            raise error

    with pytest.raises(error):
        fail()
    assert (path / "file").read_text() == "old"
    assert names(tmp_path) == ["one"]


def test_a_place_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "below"
    with pytest.raises(StateError, match=f"Cannot write {path}"), replacing_file(path):
        pass
    with pytest.raises(StateError, match=f"Cannot write {path}"), replacing_folder(path):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_says_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StateError, match="Permission denied"), replacing_file(tmp_path / "f"):
        pass


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8")),
        st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    )
)
def test_json_comes_back(tmp_path: Path, value: dict[str, object]) -> None:
    write_json(tmp_path / "value.json", value)
    assert read_json(tmp_path / "value.json") == value
    assert sha256_json(value) == sha256_json(dict(reversed(value.items())))


def test_digests_are_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"1")
    assert sha256_file(tmp_path / "x") == hashlib.sha256(b"1").hexdigest()


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[]", b""])
def test_json_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "value.json"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"value\.json"):
        read_json(path)
