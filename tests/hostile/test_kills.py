"""Processes that are killed while they write, and two that want the same."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hybench.files.atomic import replacing_file, replacing_folder
from hybench.runs.events import EventLog, read_events
from hybench.runs.run import Run
from tests.cli.program import BUDGET, TRAIN, line_with, names_in, refused, start, works
from tests.data.conftest import snapshot
from tests.hostile.conftest import hidden_in
from tests.waiting import HANG

pytestmark = [pytest.mark.process, pytest.mark.slow]

MOVES = (
    "import sys; from pathlib import Path; from hybench.files.atomic import replacing_folder\n"
    "path = Path(sys.argv[1])\n"
    "def tell(event, arguments):\n"
    "    if event == 'os.rename' and Path(arguments[0]) == path: print(arguments)\n"
    "sys.addaudithook(tell)\n"
    "for name in ('old', 'new'):\n"
    "    with replacing_folder(path, 'old') as folder:\n"
    "        for file in {'old', name}: (folder / file).write_text(name)\n"
)


@contextmanager
def process(program: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A process that says ``ready`` and waits; it is killed at the end if nothing else did it."""
    with subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        try:
            yield running
        finally:
            running.kill()


WAIT = "print('ready', flush=True); sys.stdin.read()\n"
WRITING = (
    "import sys; from pathlib import Path\n"
    "from hybench.files.atomic import replacing_file, replacing_folder\n"
    "path = Path(sys.argv[1])\n"
    "with (replacing_folder(path / 'folder', 'old') as folder,\n"
    "      replacing_file(path / 'file') as file):\n"
    "    (folder / 'half').write_text('half'); file.write_text('half')\n"
    "    " + WAIT
)
BETWEEN = (  # stopped where a kill may fall, on a system that cannot exchange folders
    "import ctypes, sys; from pathlib import Path; from hybench.files import atomic\n"
    "ctypes.CDLL = lambda name: object()\n"
    "path = Path(sys.argv[1])\n"
    "def stop(event, arguments):\n"
    "    if event == 'os.rename' and Path(arguments[1]) == path and not path.exists():\n"
    "        " + WAIT + "sys.addaudithook(stop)\n"
    "with atomic.replacing_folder(path, 'old') as folder: (folder / 'new').write_text('new')\n"
)


def test_what_a_killed_process_was_writing_is_tidied_up(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "old").write_text("old")
    with process(WRITING, tmp_path):
        assert len(hidden_in(tmp_path)) == 2
    assert snapshot(tmp_path / "folder") == {"old": b"old"}
    assert len(hidden_in(tmp_path)) == 2
    with replacing_file(tmp_path / "another") as file:
        file.write_text("whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["another", "folder"]


def test_what_a_living_process_is_writing_stays(tmp_path: Path) -> None:
    with process(WRITING, tmp_path) as writer:
        for name in ("file", "another"):
            with replacing_file(tmp_path / name) as file:
                file.write_text("whole")
        assert len(hidden_in(tmp_path)) == 2
        writer.communicate("")
        assert writer.returncode == 0
    assert (tmp_path / "file").read_text() == "half"
    assert snapshot(tmp_path / "folder") == {"half": b"half"}
    assert hidden_in(tmp_path) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux exchanges folders")
def test_a_folder_that_is_replaced_is_never_moved_away(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MOVES, tmp_path / "set"], check=False, capture_output=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert names_in(tmp_path / "set") == ["new", "old"]
    assert [each.name for each in tmp_path.iterdir()] == ["set"]


def test_a_kill_between_two_renames_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "set"
    with replacing_folder(path, "old") as folder:
        (folder / "old").write_text("old")
    with process(BETWEEN, path):
        assert not path.exists()
    with pytest.raises(KeyboardInterrupt), replacing_folder(path, "old"):
        raise KeyboardInterrupt
    assert names_in(path) == ["old"]
    assert [each.name for each in tmp_path.iterdir()] == ["set"]


@pytest.mark.usefixtures("forked")
def test_a_run_whose_owner_was_killed_is_free_at_once(copied: Path) -> None:
    owner = start("-v", "train", "--data", "toy", *BUDGET, "--steps", "500", "--name", "mine",
                  "--validate-every", "1")  # fmt: skip
    line_with(owner, "mine: step 1 of")
    for command in (
        ("train", "--resume", "--name", "mine"),
        ("index", "mine", "--data", "toy"),
        (*TRAIN, "--name", "mine", "--force"),
    ):
        said = refused(1, *command)
        assert "Another process is working on run mine" in said or "has no model" in said
    owner.kill()
    owner.communicate()
    works(*TRAIN, "--name", "mine", "--force")
    assert (copied / "runs" / "mine" / "model").is_dir()


@pytest.mark.usefixtures("forked")
@pytest.mark.parametrize("moment", ["step 1 of", "step 7 of", "step 12 of"])
def test_a_training_that_was_killed_goes_on(moment: str, copied: Path) -> None:
    options = ("--data", "toy", *BUDGET, "--steps", "40", "--validate-every", "1")
    owner = start("-v", "train", *options, "--name", "killed")
    line_with(owner, f"killed: {moment}")
    owner.kill()
    owner.communicate()
    works("train", "--resume", "--name", "killed")
    works("train", *options, "--name", "whole")
    ours, theirs = (copied / "runs" / name / "model.json" for name in ("killed", "whole"))
    assert ours.read_text() == theirs.read_text()  # the checksums of the weights are among it
    assert hidden_in(copied / "runs") == []
    read = read_events(copied / "runs" / "killed" / "events.jsonl")
    assert [event["event"] for event in read.events].count("done") == 1


def test_two_writers_of_one_log(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from hybench.runs.events import EventLog\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "log = EventLog(Path(sys.argv[1]))\n"
        "for number in range(300): log.append(sys.argv[2], number=number, text='x' * number)\n"
    )
    file = tmp_path / "events.jsonl"
    with process(program, file, "a") as one, process(program, file, "b") as other:
        for writer in (one, other):
            assert writer.stdin is not None
            writer.stdin.write("\n")
            writer.stdin.flush()
        assert one.wait(HANG) == other.wait(HANG) == 0
    read = read_events(file)
    assert read.torn == 0
    for name in ("a", "b"):
        assert [e["number"] for e in read.events if e["event"] == name] == list(range(300))


def test_a_writer_killed_in_the_middle_of_a_line(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    log = EventLog(file)
    log.append("a")
    whole = file.read_bytes()
    for cut in range(1, len(whole)):
        file.write_bytes(whole + whole[:cut])
        log.append("b")
        read = read_events(file)
        # A line that lacks its end alone is whole once the next writer has ended it.
        assert [e["event"] for e in read.events] == ["a", *["a"] * (cut == len(whole) - 1), "b"]


def test_a_lock_file_left_behind_holds_nobody(copied: Path) -> None:
    (copied / "runs" / "mono" / ".lock").write_text("4194303\nelsewhere\n")
    works("eval", "mono", "--data", "toy")
    with Run(copied / "runs" / "mono").lock():
        assert "Another process" in refused(1, "eval", "mono", "--data", "toy")
