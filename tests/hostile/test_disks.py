"""Disks that are full, and disks that cannot be written."""

from __future__ import annotations

import resource
import shutil
from pathlib import Path

import pytest

from hybench.errors import StateError
from hybench.files.atomic import replacing_file
from hybench.files.documents import write_json
from hybench.runs.events import EventLog, read_events
from tests.cli.program import TRAIN, names_in, refused, start, works
from tests.data.conftest import snapshot
from tests.hostile.conftest import Mount, hidden_in, pages_of
from tests.waiting import HANG

pytestmark = [pytest.mark.process, pytest.mark.slow, pytest.mark.usefixtures("forked")]

Disk = tuple[Path, Mount]


def test_a_data_set_on_a_full_disk(disk: Disk, tmp_path: Path) -> None:
    folder, mount = disk
    mount("size=200k")
    said = refused(1, "prepare", "atlas", "-l", "en,yo", "--data-dir", folder)
    assert f"Cannot write {folder}/atlas: No space left on device." in said
    assert "free space" in said
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("share", [0.03, 0.3, 0.6, 0.9])
def test_a_training_on_a_full_disk_goes_on_when_there_is_space(
    share: float, disk: Disk, copied: Path
) -> None:
    folder, mount = disk
    works(*TRAIN, "--name", "whole")
    whole = copied / "runs" / "whole"
    mount(f"size={int(share * pages_of(whole))}k")
    arguments = ("--name", "full", "--runs-dir", folder)
    assert "No space left on device" in refused(1, *TRAIN, *arguments)
    assert hidden_in(folder) == []
    mount("size=64m")
    begun = (folder / "full" / "config.toml").is_file()
    works(*(("train", "--resume") if begun else TRAIN), *arguments)
    assert (folder / "full" / "model.json").read_text() == (whole / "model.json").read_text()


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6])
@pytest.mark.parametrize(("command", "makes"), [("index", "index"), ("eval", "rankings")])
def test_a_run_on_a_full_disk_keeps_what_it_has(
    command: str, makes: str, share: float, disk: Disk, copied: Path
) -> None:
    folder, mount = disk
    # Wide vectors take more pages than one: they are written through memory, where a full disk
    # would end the process without a word.
    works(*TRAIN, "--name", "wide", "--dimension", "256")
    works("index", "wide", "--data", "toy", "--exact")
    if command == "eval":
        works("eval", "wide", "--data", "toy")
    needed = pages_of(copied / "runs" / "wide" / makes)
    shutil.rmtree(copied / "runs" / "wide" / makes)
    run = folder / "wide"
    shutil.copytree(copied / "runs" / "wide", run)
    before = snapshot(run)
    mount(f"size={shutil.disk_usage(folder).used // 1024 + int(share * needed)}k")
    process = start(command, run, "--data", "toy")
    _, said = process.communicate(timeout=HANG)
    assert process.returncode == 1, said
    assert "No space left on device" in said
    assert "Traceback" not in said
    after = snapshot(run)
    assert {name: after[name] for name in before} == before
    # A language that was done before the disk was full is whole.
    more = after.keys() - before.keys()
    assert all((run / name).with_name("manifest.json").is_file() for name in more)
    assert hidden_in(folder) == []


def test_a_document_on_a_full_disk(disk: Disk, here: Path) -> None:
    folder, mount = disk
    (folder / "table.json").write_text("old")
    mount("size=8k")
    said = refused(1, "compare", "runs", "--data", "toy", "--json", "-o", folder / "table.json")
    assert "Cannot write" in said
    assert (folder / "table.json").read_text() == "old"
    assert names_in(folder) == ["table.json"]


def test_a_full_stdout(here: Path) -> None:
    with Path("/dev/full").open("w") as full:
        process = start("compare", "runs", "--data", "toy", "--json", stdout=full)
        _, said = process.communicate(timeout=HANG)
    assert process.returncode == 1
    assert said.startswith("error: No space left on device")
    assert "Traceback" not in said


def test_a_file_that_may_not_grow(copied: Path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000))

    process = start(*TRAIN, "--name", "small", preexec_fn=limit)
    _, said = process.communicate(timeout=HANG)
    assert process.returncode == 1, said
    assert "File too large" in said
    assert "Traceback" not in said
    assert hidden_in(copied / "runs") == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("prepare", "atlas", "-l", "en,yo", "--data-dir", "disk"),
        (*TRAIN, "--name", "new", "--runs-dir", "disk"),
        ("train", "--resume", "--name", "disk/mono"),
        ("index", "disk/mono", "--data", "toy"),
        ("eval", "disk/mono", "--data", "toy"),
        ("eval", "bm25", "--data", "toy", "--runs-dir", "disk"),
        ("compare", "runs", "--data", "toy", "-o", "disk/table.md"),
    ],
)
def test_a_disk_that_cannot_be_written(
    arguments: tuple[str, ...], disk: Disk, copied: Path
) -> None:
    folder, mount = disk
    shutil.copytree(copied / "runs" / "mono", folder / "mono")
    (copied / "disk").symlink_to(folder)
    before = snapshot(folder)
    mount("ro")
    said = refused(1, *arguments)
    assert "Read-only file system" in said
    assert "Cannot write disk" in said
    assert snapshot(folder) == before


def test_results_on_a_disk_that_cannot_be_written_are_compared(disk: Disk, here: Path) -> None:
    folder, mount = disk
    shutil.copytree(here / "runs" / "mono", folder / "mono")
    mount("ro")
    assert "mono" in works("compare", folder, "--data", "toy").out
    works("info", "--check", folder / "mono")


def test_events_on_a_full_disk_stay_whole(disk: Disk) -> None:
    folder, mount = disk
    log = EventLog(folder / "events.jsonl")
    mount("size=8k")
    (folder / "other").write_bytes(bytes(4096))  # 4 KiB are left: a page, for one line and a half
    log.append("first", text="x" * 2500)
    with pytest.raises(StateError, match=r"Cannot write .*events\.jsonl: No space left"):
        log.append("second", text="x" * 2500)
    assert (folder / "events.jsonl").stat().st_size == 4096  # the second is torn
    (folder / "other").unlink()
    log.append("third")
    read = read_events(folder / "events.jsonl")
    assert [event["event"] for event in read.events] == ["first", "third"]
    assert read.torn == 1


def test_whose_error_it_is(tmp_path: Path) -> None:
    """A file that cannot be read while another is written is not one that cannot be written."""
    with pytest.raises(FileNotFoundError), replacing_file(tmp_path / "file"):
        (tmp_path / "nowhere").read_bytes()
    with pytest.raises(StateError, match="Cannot write"):
        write_json(tmp_path / ("x" * 300), {})
    assert list(tmp_path.iterdir()) == []
