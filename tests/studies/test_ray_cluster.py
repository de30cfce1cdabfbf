"""A study on a real Ray of this machine: a worker killed in mid-cell, nothing lost or doubled."""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from hybench.concurrency.progress import Stop
from hybench.files.checksums import sha256_file
from hybench.runs.events import read_events
from hybench.runs.run import Run
from hybench.studies.options import StudyOptions
from hybench.studies.run import run_study
from hybench.studies.states import cell_states
from hybench.studies.worker import Ended, Message, Working
from tests.own_ray import own_ray
from tests.studies.conftest import STUDY, study_of

pytestmark = [pytest.mark.process, pytest.mark.ray]

pytest.importorskip("ray", reason="Ray is the extra hybench[ray]")


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    """Two workers; the module's tests share them."""
    with own_ray(2):
        yield


@pytest.mark.usefixtures("forked")
@pytest.mark.skipif(sys.platform != "linux", reason="its process is found in /proc")
def test_a_cell_whose_worker_is_killed_is_begun_again_and_comes_out_the_same(
    tmp_path: Path, data_root: Path
) -> None:
    text = STUDY.replace("bm25 = true", "")
    study = study_of(tmp_path, text, steps="steps = 120", validate_every="validate_every = 0")
    folder, killed, ended = tmp_path / "ray", set[str](), Counter[str]()

    def watch(message: Message) -> None:
        if isinstance(message, Ended):
            ended[message.name] += 1
            assert message.state == "done", message
        elif isinstance(message, Working) and message.task == "train" and not killed:
            killed.add(message.name)
            os.kill(_task_at_work(folder), signal.SIGKILL)

    outcome = run_study(
        study, folder, data_root, StudyOptions(engine="ray"), stop=Stop(), watch=watch
    )
    assert killed
    assert ended == {cell.name: 1 for cell in study.cells}
    assert not outcome.failed
    assert set(cell_states(study, folder, data_root).values()) == {"done"}
    # The same without Ray and without a kill.
    plain = tmp_path / "plain"
    run_study(study, plain, data_root, StudyOptions(threads=1), stop=Stop(), watch=lambda _: None)
    for cell in study.cells:
        one, other = (Run(each / cell.name) for each in (folder, plain))
        assert sha256_file(one.results("toy")) == sha256_file(other.results("toy"))
        steps = [e["step"] for e in read_events(one.events_file).events if e["event"] == "done"]
        assert steps == [120]


def _task_at_work(folder: Path) -> int:
    """The process of Ray that runs a cell of this study: the parent of what logs there."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            log = (process / "fd" / "2").readlink()
            status = (process / "status").read_text(encoding="utf-8")
            parent = next(line.split()[1] for line in status.splitlines() if "PPid:" in line)
            title = Path("/proc", parent, "cmdline").read_bytes()
        except OSError:
            continue
        if log.is_relative_to(folder) and title.startswith(b"ray::"):
            return int(parent)
    raise AssertionError("no cell is at work")
