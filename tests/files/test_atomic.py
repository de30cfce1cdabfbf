from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from hybench.errors import StateError
from hybench.files.atomic import replacing_file, replacing_folder, writing_to


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
    with replacing_folder(path, "new.txt") as temporary:
        (temporary / "new.txt").write_text("new")
        path.mkdir()
        (path / "old.txt").write_text("old")
        monkeypatch.setattr(Path, "exists", lambda _: False)  # as if it came after a look
    assert names(path) == ["new.txt"]
    assert names(tmp_path) == ["one"]


def test_a_folder_appears_whole_and_replaces_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "sets" / "one"
    for content in ("first", "second"):
        with replacing_folder(path, "manifest") as temporary:
            (temporary / "manifest").write_text(content)
            (temporary / content).write_text(content)
        assert names(path) == sorted([content, "manifest"])
        assert names(path.parent) == ["one"]


@pytest.mark.parametrize("error", [OwnError, KeyboardInterrupt])
def test_a_failure_leaves_the_old_folder(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "one"
    path.mkdir()
    (path / "file").write_text("old")

    def fail() -> None:
        with replacing_folder(path, "file") as temporary:
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
    with pytest.raises(StateError, match=f"Cannot write {path}"), replacing_folder(path, "file"):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_says_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StateError, match="Permission denied"), replacing_file(tmp_path / "f"):
        pass


@pytest.fixture
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002], indirect=True)
def test_new_files_and_folders_have_the_modes_that_the_umask_leaves(
    tmp_path: Path, umask: int
) -> None:
    with replacing_file(tmp_path / "file") as temporary:
        temporary.unlink()  # as libraries do that write beside and rename, for their owner alone
        temporary.touch(0o600)
    with replacing_folder(tmp_path / "folder", "x") as temporary:
        (temporary / "below").mkdir(0o700)
        (temporary / "below" / "x").touch(0o600)
    for path in tmp_path.rglob("*"):
        whole = 0o777 if path.is_dir() else 0o666
        assert path.stat().st_mode & 0o777 == whole & ~umask, path


def test_a_file_that_is_replaced_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    path.chmod(0o640)
    with replacing_file(path) as temporary:
        temporary.write_text("new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_folder_of_another_kind_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "Documents"
    path.mkdir()
    (path / "letter").write_text("dear")
    with (
        pytest.raises(StateError, match=r"it has no manifest\.json"),
        replacing_folder(path, "manifest.json"),
    ):
        pass
    assert names(path) == ["letter"]
    assert names(tmp_path) == ["Documents"]
    (path / "letter").unlink()
    with replacing_folder(path, "manifest.json") as folder:
        (folder / "manifest.json").touch()
    assert names(path) == ["manifest.json"]


def _write(path: Path, text: str = "new") -> None:
    with writing_to(path) as file:
        file.write_text(text)


def test_a_link_that_a_user_names_is_followed(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "report").write_text("old")
    for name, target in (("link", "far/report"), ("new", "far/other"), ("twice", "link")):
        (tmp_path / name).symlink_to(target)
        _write(tmp_path / name, name)
        assert (tmp_path / name).is_symlink()
        assert (tmp_path / target).read_text() == name
    assert names(tmp_path / "far") == ["other", "report"]


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    _write(pipe)
    assert os.read(reader, 10) == b"new"
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert names(tmp_path) == ["pipe"]


def test_a_device_stays_one(tmp_path: Path) -> None:
    device = tmp_path / "null"
    try:
        os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    except OSError:
        device.symlink_to("/dev/null")
    _write(device)
    assert stat.S_ISCHR(device.stat().st_mode)
    assert device.read_bytes() == b""


def test_a_file_that_may_not_be_written_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    monkeypatch.setattr(os, "access", lambda *_: False)  # as for all users but root
    with pytest.raises(StateError, match="Permission denied"):
        _write(path)
    assert path.read_text() == "old"
