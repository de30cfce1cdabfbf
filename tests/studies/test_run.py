"""Studies that are run for real, on the toy set: skipped, resumed, failing, stopped, killed."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import polars as pl
import pytest

from hybench.api.comparing import RunsCompared, compare
from hybench.comparison.gather import CompareOptions
from hybench.concurrency.progress import Stop
from hybench.config.config_file import read_config
from hybench.errors import StateError, UsageError
from hybench.files.checksums import sha256_file
from hybench.files.locks import holding
from hybench.runs.events import EventLog, read_events
from hybench.runs.run import LOGS, Run
from hybench.studies.estimate import estimate_study
from hybench.studies.options import StudyOptions
from hybench.studies.run import LOCK, LOG, run_study
from hybench.studies.states import cell_states
from hybench.studies.status import study_status
from hybench.studies.worker import Message, Working
from hybench.training.train import train
from tests.builders import Toy, toy_dataset
from tests.studies.conftest import CELLS, STUDY, run, study_of

pytestmark = [pytest.mark.process, pytest.mark.usefixtures("forked")]


def results(folder: Path) -> dict[str, pl.DataFrame]:
    """The per-query results of every cell."""
    return {name: pl.read_parquet(Run(folder / name).results("toy")) for name in CELLS}


@pytest.mark.slow
def test_hypotheses_named_after_the_first_cell_are_late(tmp_path: Path, data_root: Path) -> None:
    folder = tmp_path / "runs" / "small"
    named = STUDY + '\n[[hypothesis]]\narms = ["mono", "kl"]\nsetting = "mono"\n'

    def late(text: str) -> object:
        run(study_of(tmp_path, text), folder, data_root)
        return json.loads((folder / "study.json").read_text(encoding="utf-8"))["late"]

    assert late(named) is False
    assert late(named) is False, "the same again"
    assert late(named.replace('setting = "mono"\n', 'setting = "multi"\n')) is True
    assert late(named) is True, "changed and changed back"


def test_a_study_trains_and_evaluates_every_cell_once(
    tmp_path: Path, data_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ["/somewhere/bin/hybench", "study", "run", "small.toml"]
    monkeypatch.setattr(sys, "argv", asked)
    study, folder = study_of(tmp_path), tmp_path / "runs" / "small"
    assert set(cell_states(study, folder, data_root).values()) == {"waiting"}
    first = run(study, folder, data_root, jobs=2)
    assert {ended.name: ended.state for ended in first.ended} == dict.fromkeys(CELLS, "done")
    for cell in study.cells:
        made = json.loads(Run(folder / cell.name).environment_file.read_text(encoding="utf-8"))
        assert made["argv"] == asked
    before = {name: sha256_file(Run(folder / name).results("toy")) for name in CELLS}
    again = run(study, folder, data_root)
    assert (set(again.skipped), again.ended) == (CELLS, [])
    assert {name: sha256_file(Run(folder / name).results("toy")) for name in CELLS} == before
    # Alone, with the same options, a cell comes out the same.
    cell = study.cells[0]
    list(train(cell.config, Run(tmp_path / "alone" / "run"), data_root, device="cpu"))
    weights = "model/model.safetensors"
    alone = next((tmp_path / "alone" / "run" / "model").rglob("*.safetensors"))
    studied = next((folder / cell.name / "model").rglob("*.safetensors"))
    assert sha256_file(alone) == sha256_file(studied), weights


@pytest.mark.slow
def test_cells_that_are_told_examples_are_found_done_and_go_on(
    tmp_path: Path, data_root: Path
) -> None:
    study = study_of(tmp_path, steps="examples = 45", bm25="bm25 = false")
    folder = tmp_path / "runs" / "small"
    cell = study.cells[0]
    # Cut after a checkpoint: its config holds the steps found, the study's does not.
    stops = iter([False, False, True])
    begun = Run(folder / cell.name)
    list(train(cell.config, begun, data_root, device="cpu", stop=lambda: next(stops)))
    assert read_config(begun.config_file).steps == 6
    assert cell_states(study, folder, data_root)[cell.name] == "begun"
    plan = estimate_study(study, folder, data_root, StudyOptions(devices=("cpu",)))
    assert plan.seconds > 0
    said: list[Working] = []
    outcome = run_study(
        study, folder, data_root, StudyOptions(), stop=Stop(),
        watch=lambda each: said.append(each) if isinstance(each, Working) else None,
    )  # fmt: skip
    assert [ended.state for ended in outcome.ended] == ["done", "done"]
    assert {each.total for each in said if each.task == "train" and each.done} == {6}
    for each in study.cells:
        done = read_events(Run(folder / each.name).events_file).events[-1]
        assert (done["event"], done["examples"]) == ("done", 48)
    assert len(run(study, folder, data_root).skipped) == 2
    other = study_of(tmp_path, steps="examples = 46", bm25="bm25 = false")
    with pytest.raises(UsageError, match="trained with other options"):
        run(other, folder, data_root)


@pytest.mark.slow
def test_a_failed_cell_is_told_and_the_rest_goes_on(
    tmp_path: Path, data_root: Path, checkpoint: Path
) -> None:
    teacher = Path(shutil.copytree(checkpoint, tmp_path / "cut-short"))
    weights = (teacher / "model.safetensors").read_bytes()
    (teacher / "model.safetensors").write_bytes(weights[:-100])
    text = STUDY.replace('objective = "kl"', f'objective = "kl"\nteacher = "{teacher}"')
    study, folder = study_of(tmp_path, text), tmp_path / "runs" / "small"
    outcome = run(study, folder, data_root, jobs=2)
    states = {ended.name: ended.state for ended in outcome.ended}
    assert states == {name: "failed" if "kl" in name else "done" for name in CELLS}
    assert not outcome.interrupted
    failed = outcome.failed[0]
    assert "cut-short" in failed.what
    assert failed.do
    status = study_status(folder)
    assert status.counts == {"failed": 1, "done": 2}
    assert any("cut-short" in cell.reason for cell in status.cells)
    # What was wrong is mended: only that is done.
    again = run(study, folder, data_root)
    assert set(again.skipped) == {name for name in CELLS if "kl" not in name}


@pytest.mark.slow
def test_a_stopped_study_goes_on_where_it_was(tmp_path: Path, data_root: Path) -> None:
    longer = {"steps": "steps = 4000", "checkpoint_every": "checkpoint_every = 50"}
    study = study_of(tmp_path, **longer, validate_every="validate_every = 0")
    folder, stop = tmp_path / "runs" / "small", Stop()
    at_work: list[str] = []

    def watch(message: Message) -> None:
        if isinstance(message, Working) and message.task == "train" and message.done:
            at_work.append(message.name)
            stop.set()

    stopped = run_study(study, folder, data_root, StudyOptions(jobs=2), stop=stop, watch=watch)
    assert stopped.interrupted
    assert not stopped.failed
    interrupted = [ended.name for ended in stopped.ended if ended.state == "interrupted"]
    assert at_work[0] in interrupted
    assert len(stopped.left) >= 1
    events = read_events(Run(folder / at_work[0]).events_file).events
    assert events[-1]["event"] == "interrupted"
    reached = events[-1]["step"]
    assert 0 < reached < 4000
    assert cell_states(study, folder, data_root)[at_work[0]] == "begun"
    [cut] = [ended for ended in stopped.ended if ended.name == at_work[0]]
    assert list(cut.seconds) == ["train"]
    assert cut.seconds["train"] > 0
    short = study_of(tmp_path, **{**longer, "steps": f"steps = {reached + 5}"})
    with pytest.raises(UsageError, match="trained with other options"):
        run(short, folder, data_root)


@pytest.mark.slow
def test_seconds_of_a_cell_are_those_of_all_times_that_it_was_worked_on(
    tmp_path: Path, data_root: Path
) -> None:
    study, folder = study_of(tmp_path), tmp_path / "runs" / "small"
    run(study, folder, data_root, jobs=2)
    log = EventLog(folder / LOG)
    before = {cell.name: cell.seconds for cell in study_status(folder).cells}
    told = {"reason": "", "do": ""}
    log.append("cell_interrupted", cell="mono-s0", seconds={"train": 1000.0}, **told)
    log.append("cell_failed", cell="mono-s0", seconds={"train": 500.0, "eval toy": 20.0}, **told)
    log.append("cell_done", cell="mono-s0", seconds={"eval toy": 3.0}, **told)
    after = {cell.name: cell.seconds for cell in study_status(folder).cells}
    assert after == before | {"mono-s0": pytest.approx(before["mono-s0"] + 1523, abs=0.1)}
    # What is left of the same kind is taken to need as much.
    again = study_of(tmp_path, alpha="alpha = 1.0", seed="seed = [0, 1]", bm25="bm25 = false")
    plan = estimate_study(again, folder, data_root, StudyOptions(devices=("cpu",)))
    assert plan.measured == 2
    assert plan.seconds > 1523


@pytest.mark.slow
def test_unequal_budgets_are_refused_or_marked(tmp_path: Path) -> None:
    data_root = tmp_path / "data"
    toy_dataset(data_root, Toy(missing={"en": frozenset({3})}))
    study, folder = study_of(tmp_path), tmp_path / "runs" / "small"
    with pytest.raises(UsageError, match="budgets of the arms are not equal"):
        run(study, folder, data_root)
    assert not (folder / LOG).exists()
    assert not run(study, folder, data_root, jobs=2, allow_unequal=True).failed
    [said] = study_status(folder).unequal
    assert "mono 60, kl 59" in said


@pytest.mark.parametrize("name", [LOG, LOGS])
def test_a_link_out_of_a_studys_folder_is_refused(
    name: str, tmp_path: Path, data_root: Path
) -> None:
    folder, victim = tmp_path / "runs" / "small", tmp_path / "victim"
    folder.mkdir(parents=True)
    (folder / name).symlink_to(victim)
    with pytest.raises(StateError, match="is a link out of"):
        run(study_of(tmp_path), folder, data_root)
    assert not victim.exists()


def test_two_processes_do_not_work_on_one_study(tmp_path: Path, data_root: Path) -> None:
    folder = tmp_path / "runs" / "small"
    with holding(folder / LOCK, "it"), pytest.raises(StateError, match="working on study small"):
        run(study_of(tmp_path), folder, data_root)


@pytest.mark.slow
def test_a_changed_set_is_evaluated_again(tmp_path: Path, data_root: Path) -> None:
    study, folder = study_of(tmp_path), tmp_path / "runs" / "small"
    run(study, folder, data_root, jobs=2)
    (folder / "mono-s0" / "results" / "toy.json").unlink()
    states = cell_states(study, folder, data_root)
    assert [name for name, state in states.items() if state != "done"] == ["mono-s0"]
    [ended] = run(study, folder, data_root).ended
    assert list(ended.seconds) == ["eval toy"]


@pytest.mark.slow
def test_an_arm_of_no_steps_stands_beside_those_that_began_with_it(
    tmp_path: Path, data_root: Path, checkpoint: Path
) -> None:
    text = STUDY.replace("[arms.kl]", "[arms.base]\nsteps = 0\n[arms.cross]\nalpha = 0.0\n[unused]")
    text = text.partition("[unused]")[0] + '[grid]\nseed = [0, 1]\n[eval]\ndata = ["toy"]\n'
    text = text.replace("dimension = 16\nvocabulary = 400", f'encoder = "{checkpoint}"')
    hypothesis = '[[hypothesis]]\narms = ["cross", "base"]\nsetting = "mono"\n'
    study, folder = study_of(tmp_path, text + hypothesis), tmp_path / "runs" / "small"
    assert not estimate_study(study, folder, data_root, StudyOptions()).unequal
    done = run(study, folder, data_root, jobs=2)
    assert {ended.name: ended.state for ended in done.ended} == dict.fromkeys(
        ["mono-s0", "base", "cross-s0", "mono-s1", "cross-s1"], "done"
    )
    found = compare(folder, CompareOptions(setting="mono", group_seeds=True))
    assert isinstance(found, RunsCompared)
    [table] = found.found.comparisons
    labels = [column.label for column in table.columns]
    gains = {(labels[each.first], labels[each.second]) for each in table.gains}
    assert gains == {("mono", "base"), ("cross", "base")}
    assert table.columns[labels.index("base")].seeds == 0
    assert found.found.hypotheses is not None
    [tested] = found.found.hypotheses.tested
    assert tested.difference is not None
