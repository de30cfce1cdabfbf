"""Arms of several stages: their configs, one budget, trained one after the other, and resumed."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybench.comparison.arms import make_arms
from hybench.comparison.budgets import read_budget
from hybench.comparison.costs import read_cost
from hybench.errors import UsageError
from hybench.runs.events import read_events
from hybench.runs.run import Run
from hybench.studies.cell import Interrupted, Place, work_on
from hybench.studies.done import evaluations, is_evaluated, is_trained
from hybench.studies.estimate import estimate_study
from hybench.studies.fairness import unequal
from hybench.studies.options import StudyOptions
from hybench.studies.plan import Study
from hybench.studies.stages import chain
from hybench.studies.states import cell_states
from hybench.studies.status import study_status
from tests.studies.conftest import STUDY, run, study_of
from tests.training.test_train import assert_same_weights

STAGED = STUDY.replace(
    "[arms.kl]",
    """[arms.joint]
temperature = 0.1
[[arms.joint.stages]]
strategy = "distill"
teacher = "TEACHER"
part = 0.667
[[arms.joint.stages]]
alpha = 0.3
part = 0.333
[arms.again]
temperature = 0.1
[[arms.again.stages]]
strategy = "distill"
teacher = "TEACHER"
part = 0.667
[[arms.again.stages]]
alpha = 0.9
part = 0.333
[arms.kl]""",
)


def staged(folder: Path, text: str = STAGED, **changes: str) -> Study:
    return study_of(folder, text.replace("TEACHER", str(folder / "mono-s0" / "model")), **changes)


def test_stages_share_the_budget_and_the_batches_of_their_arm(
    tmp_path: Path, data_root: Path
) -> None:
    study = staged(tmp_path)
    first, last = study.cells[1].configs
    assert [first.steps, last.steps] == [4, 2]
    assert [first.temperature, last.temperature] == [0.1, 0.1]
    assert [first.first_batch, last.first_batch] == [None, 4]
    assert [first.strategy, last.strategy, last.alpha] == ["distill", "hybrid", 0.3]
    assert unequal([study.cells[0], *study.cells[1:3]], data_root) == ()
    shown = staged(tmp_path, steps="examples = 100").cells[1].configs
    assert [config.examples for config in shown] == [67, 33]
    assert [config.first_batch for config in shown] == [None, 9]
    halves = STAGED.replace("part = 0.667\n", "").replace("part = 0.333\n", "")
    assert [config.steps for config in staged(tmp_path, halves).cells[1].configs] == [3, 3]
    own = STAGED.replace("part = 0.667", "steps = 5").replace("part = 0.333", "steps = 2")
    cells = staged(tmp_path, own).cells
    assert [config.steps for config in cells[1].configs] == [5, 2]
    assert unequal(cells[:3], data_root) == ("steps differs: mono 6, joint 7, again 7.",)
    wide = STAGED.replace("alpha = 0.3", "alpha = 0.3\nbatch_size = 4")
    found = unequal(staged(tmp_path, wide).cells[:2], data_root)
    assert found == ("batch_size differs: mono 8, joint 8+4.",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("part = 0.667", "part = 0.5", "the parts of its stages are 0.5, 0.333"),
        ("part = 0.667\n", "", "the parts of its stages are None, 0.333"),
        ("part = 0.667", "steps = 3", "only some stages have examples or steps of their own"),
        ("part = 0.667", 'part = "half"', "stage 1: part is 'half'"),
        ("part = 0.667", "part = 0.667\nalpa = 1.0", "stage 1: unknown field alpa"),
        ("part = 0.667", "part = 0.667\nseed = 1", "seed is in [grid] and in a stage"),
        ("steps = 6", "steps = 1", "1 steps are too few for its stages"),
    ],
)
def test_wrong_stages_are_refused_in_one_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    with pytest.raises(UsageError) as caught:
        staged(tmp_path, STAGED.replace(old, new, 1))
    assert said in caught.value.what
    assert "\n" not in caught.value.what


def work(study: Study, number: int, folder: Path, data_root: Path, stop_at: int = -1) -> None:
    """Do a cell of a study here; stop after a training's step of that number."""
    cell = study.cells[number]
    steps: list[int] = []
    evaluated = evaluations(study.data, ("mono",), data_root)
    work_on(
        cell.name,
        cell.configs,
        Place(folder, data_root),
        evaluated,
        "cpu",
        lambda: bool(steps) and steps[-1] == stop_at,
        lambda progress: steps.append(progress.done) if progress.task == "train" else None,
        {},
    )
    assert is_evaluated(Run(folder / cell.name), evaluated[0])


def test_stages_are_trained_in_turn_once_and_counted_with_the_arm(
    tmp_path: Path, data_root: Path
) -> None:
    study = staged(tmp_path)
    for number in range(3):
        work(study, number, tmp_path, data_root)
    stages = {cell.name: chain(tmp_path, cell.name, cell.configs) for cell in study.cells[1:3]}
    (first, joint), (shared, again) = stages.values()
    assert first.run == shared.run
    starts = [e for e in read_events(first.run.events_file).events if e["event"] == "start"]
    assert len(starts) == 1
    assert is_trained(joint.run, joint.config)
    assert not any(run.checkpoints.exists() for run in (first.run, joint.run, again.run))
    ends = [read_events(each.run.events_file).events[-1] for each in (first, joint)]
    budget = read_budget([joint.run.events_file])
    assert budget is not None
    assert budget.examples == 6 * 8 == sum(end["examples"] for end in ends)
    cost = read_cost([joint.run], [None])
    assert cost.train_seconds == pytest.approx(sum(end["seconds"] for end in ends))
    states = cell_states(study, tmp_path, data_root)
    assert [states[cell.name] for cell in study.cells] == ["begun", "begun", "begun", "waiting"]
    arms = make_arms([joint.run, again.run], group_seeds=True)
    assert [arm.label for arm in arms] == ["joint-s0", "again-s0"]
    assert arms[0].members[0].value("init") is None
    with pytest.raises(Exception, match="other options"):
        is_trained(joint.run, again.config)


def test_a_cell_that_was_stopped_in_its_first_stage_ends_alike(
    tmp_path: Path, data_root: Path
) -> None:
    study, whole, cut = staged(tmp_path), tmp_path / "whole", tmp_path / "cut"
    work(study, 0, tmp_path, data_root)
    work(study, 1, whole, data_root)
    for stop_at in (2, 1):  # in the first stage, then in the second
        with pytest.raises(Interrupted):
            work(study, 1, cut, data_root, stop_at)
        assert cell_states(study, cut, data_root)["joint-s0"] == "begun"
    work(study, 1, cut, data_root)
    assert_same_weights(whole / "joint-s0" / "model", cut / "joint-s0" / "model")


@pytest.mark.process
@pytest.mark.slow
@pytest.mark.usefixtures("forked")
def test_a_study_of_stages_is_planned_run_and_told(tmp_path: Path, data_root: Path) -> None:
    folder = tmp_path / "runs"
    study = study_of(tmp_path, STAGED.replace('teacher = "TEACHER"\n', ""), bm25="bm25 = false")
    options = StudyOptions(devices=("cpu",), allow_unequal=True)
    plan = estimate_study(study, folder, data_root, options)
    assert plan.seconds > 0
    assert not folder.exists()
    done = run(study, folder, data_root, jobs=2, allow_unequal=True)
    assert {ended.state for ended in done.ended} == {"done"}
    status = {cell.name: cell for cell in study_status(folder).cells}
    assert status["joint-s0"].stage == "2 of 2"
    assert status["mono-s0"].stage == ""
    assert run(study, folder, data_root, allow_unequal=True).ended == []
    kept = study_of(tmp_path, "keep_checkpoints = true\n" + STUDY, bm25="bm25 = false")
    run(kept, tmp_path / "kept", data_root, allow_unequal=True)
    assert (tmp_path / "kept" / "mono-s0" / "checkpoints").is_dir()
