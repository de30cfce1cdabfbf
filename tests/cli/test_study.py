"""``hybench study``, through the program."""

from __future__ import annotations

import json
import shutil
import signal
import sys
from pathlib import Path

import pytest

from hybench.runs.events import read_events
from tests.builders import Toy, toy_dataset
from tests.cli.program import hybench, names_in, next_command, refused, start, works
from tests.waiting import HANG, wait_until

pytestmark = [pytest.mark.process, pytest.mark.usefixtures("forked")]

STUDY = """
[train]
data = ["toy"]
dimension = 16
vocabulary = 400
batch_size = 8
steps = 6
validate_every = 3
[arms.mono]
alpha = 1.0
[arms.cross]
alpha = 0.0
"""


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with the toy set and a study, ``small.toml``."""
    monkeypatch.chdir(tmp_path)
    toy_dataset(tmp_path / "data")
    (tmp_path / "small.toml").write_text(STUDY, encoding="utf-8")
    return tmp_path


@pytest.mark.slow
def test_a_study_from_estimate_to_comparison(bench: Path) -> None:
    plan = works("study", "run", "small.toml", "--dry-run")
    assert plan.out.startswith("small: 2 cells in 2 arms (mono cross), 2 left; about ")
    assert names_in(bench / "runs" / "small") == []
    done = works("study", "run", "small.toml", "--jobs", "2")
    assert done.out == ""
    assert "mono-s0: done (train " in done.err
    assert "small: 2 cells done." in done.err
    told = works("study", "status", "small.toml")
    assert told.out.startswith("small · 2 of 2 cells done")
    assert works("study", "status", "small").out == told.out
    assert works("study", "status", "runs/small").out == told.out
    value = json.loads(works("study", "status", "runs/small", "--json").out)
    assert value["counts"] == {"done": 2}
    [following] = [line for line in done.err.splitlines() if line.startswith("Next: ")]
    assert following == "Next: hybench compare runs/small"
    assert "cross-s0" in works(*following.split()[2:]).out
    again = works("study", "run", "small.toml")
    assert "small: 0 cells done, 2 done before." in again.err
    over = works("study", "run", "small.toml", "--dry-run")
    assert "0 left" in over.out
    assert over.err.splitlines()[-1] == "Next: hybench compare runs/small"
    # Other options for a run that is there are refused before any work, and by the estimate too.
    (bench / "small.toml").write_text(STUDY.replace("steps = 6", "steps = 7"), encoding="utf-8")
    for flags in ([], ["--dry-run"]):
        said = refused(2, "study", "run", "small.toml", *flags)
        assert "runs/small/mono-s0 was trained with other options than the study's" in said


@pytest.mark.slow
def test_the_command_that_compares_a_study_of_two_sets_works(bench: Path) -> None:
    toy_dataset(bench / "data", Toy(name="other"))
    text = STUDY + '[grid]\nseed = [0, 1]\n[eval]\ndata = ["toy", "other"]\n'
    (bench / "small.toml").write_text(text, encoding="utf-8")
    ran = works("study", "run", "small.toml", "--jobs", "2")
    told = works("study", "status", "small")
    seen = works("status", "--runs-dir", "runs/small")
    assert next_command(ran) == ["compare", "runs/small", "--data", "other", "--group-seeds"]
    assert next_command(told) == next_command(ran)
    assert next_command(seen) == ["compare", "runs/small", "--data", "other"]
    assert "mono" in works(*next_command(ran)).out
    assert "mono" in works(*next_command(seen)).out


@pytest.mark.slow
def test_cells_that_fail_are_told_with_exit_code_1(bench: Path, checkpoint: Path) -> None:
    teacher = Path(shutil.copytree(checkpoint, bench / "cut-short"))
    weights = (teacher / "model.safetensors").read_bytes()
    (teacher / "model.safetensors").write_bytes(weights[:-100])
    text = STUDY + 'strategy = "distill"\nteacher = "cut-short"\n'
    (bench / "small.toml").write_text(text.replace("alpha = 0.0", ""), encoding="utf-8")
    done = hybench("study", "run", "small.toml")
    assert done.code == 1
    assert "Traceback" not in done.err
    assert "error: 1 cell failed: cross-s0." in done.err
    assert "mono-s0: done" in done.err
    told = works("study", "status", "small").out
    assert "cut-short" in told
    assert (bench / "runs" / "small" / ".logs" / "cross-s0.log").is_file()


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ("steps = 6", "steps = -1", 2, "--steps is -1"),
        ("alpha = 0.0", "alpha = 0.0\nbatch_size = 4", 2, "batch_size differs: mono 8, cross 4"),
        ('"toy"', '"gone"', 2, "gone"),
        ("alpha = 0.0", 'validation = "gone"', 2, "No data set 'gone'"),
        ("alpha = 0.0", 'hard_negatives = ["gone"]', 2, "gone"),
        ("alpha = 0.0", 'init = "./gone"', 2, "There is no checkpoint ./gone"),
        (
            "alpha = 0.0",
            'strategy = "distill"\nteacher = "./gone"',
            2,
            "There is no checkpoint ./gone",
        ),
        (
            "alpha = 0.0",
            'strategy = "distill"\nobjective = "kl"\nteacher_scores = ["gone.jsonl"]',
            2,
            "gone.jsonl",
        ),
    ],
)
def test_wrong_studies_are_refused_before_any_work(
    bench: Path, old: str, new: str, code: int, said: str
) -> None:
    (bench / "small.toml").write_text(STUDY.replace(old, new, 1), encoding="utf-8")
    for flags in ([], ["--dry-run"]):
        assert said in refused(code, "study", "run", "small.toml", *flags)
    assert names_in(bench / "runs" / "small") == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "none.toml"), "There is no none.toml"),
        (("run", "small.toml", "--jobs", "-1"), "--jobs is -1"),
        (("run", "small.toml", "--engine", "slurm"), "'--engine': 'slurm' is not one of"),
        (("run", "small.toml", "--dry-run", "--engine", "ray"), "Ray is not installed"),
        (("status", "runs/none"), "is not a study's folder"),
    ],
)
def test_wrong_flags(
    bench: Path, arguments: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    assert said in refused(2, "study", *arguments)


@pytest.mark.slow
def test_ctrl_c_leaves_checkpoints_and_the_same_command_goes_on(bench: Path) -> None:
    text = STUDY.replace("steps = 6", "steps = 3000").replace("validate_every = 3", "")
    (bench / "small.toml").write_text(text, encoding="utf-8")
    process = start("study", "run", "small.toml", "--jobs", "2")
    log = bench / "runs" / "small" / "mono-s0" / "events.jsonl"
    wait_until(lambda: process.poll() is not None or read_events(log).events[4:])
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=HANG)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert "2 cells left. Resume with the same command." in err
    assert names_in(log.parent / "checkpoints")
    assert works("study", "status", "small").out.count("interrupted") >= 1
