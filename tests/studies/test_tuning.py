"""Tuning: equal trials, the best dev score, nothing of the test before, and resuming."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kstest

from hybench.comparison.table import compare
from hybench.runs.events import read_events
from hybench.runs.run import Run
from hybench.studies.axes import Range, drawn
from hybench.studies.cell import Place, try_out
from hybench.studies.choosing import settled, untuned
from hybench.studies.estimate import estimate_study
from hybench.studies.keeping import drop_models_of_trials
from hybench.studies.options import StudyOptions
from hybench.studies.plan import Study
from hybench.studies.stages import chain
from hybench.studies.states import cell_states
from hybench.studies.status import study_status
from tests.comparison.test_table import QUICK
from tests.studies.conftest import STUDY, refused, run, study_of

TUNED = (
    STUDY.replace(
        '[arms.kl]\nstrategy = "distill"\nobjective = "kl"\n', "[arms.cross]\nalpha = 0.0\n"
    )
    + """
[tune]
[tune.values]
learning_rate = [0.001, 0.03]
"""
)
RANDOM = TUNED.replace("[tune]\n", '[tune]\nmethod = "random"\ntrials = 3\n').replace(
    "learning_rate = [0.001, 0.03]", "learning_rate = {low = 1e-4, high = 1e-1, log = true}"
)


def rates(study: Study) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for cell in study.trials:
        found.setdefault(cell.arm, []).append(cell.config.learning_rate)
    return found


def test_every_arm_has_as_many_trials_with_the_same_values(tmp_path: Path) -> None:
    study = study_of(tmp_path, TUNED)
    assert rates(study) == {"mono": [0.001, 0.03], "cross": [0.001, 0.03]}
    assert {cell.config.seed for cell in study.trials} == {1}, "none that a cell has"
    assert [cell.name for cell in study.trials][:2] == [".trial-0-mono-s1", ".trial-0-cross-s1"]
    both = study_of(tmp_path, TUNED.replace("[tune]\n", "[tune]\nseeds = [5, 6]\nsteps = 4\n"))
    assert [cell.config.seed for cell in both.trials][:4] == [5, 6, 5, 6]
    assert {cell.config.steps for cell in both.trials} == {4}
    assert {cell.config.steps for cell in both.cells} == {6}


def test_random_values_depend_on_seed_field_and_trial_alone(tmp_path: Path) -> None:
    study = study_of(tmp_path, RANDOM)
    values = rates(study)
    assert values["mono"] == values["cross"]
    assert len(set(values["mono"])) == 3
    assert rates(study_of(tmp_path, RANDOM)) == values
    assert rates(study_of(tmp_path, RANDOM.replace("trials = 3", "trials = 3\nseed = 1"))) != values
    more = rates(study_of(tmp_path, RANDOM.replace("trials = 3", "trials = 5")))
    assert more["mono"][:3] == values["mono"]
    axis = Range(1e-4, 1e-1, log=True)
    many = np.log10([drawn("learning_rate", axis, 0, at) for at in range(400)])
    assert kstest(many, "uniform", (-4, 3)).pvalue > 0.01
    assert {drawn("warmup", (0.0, 0.5), 0, at) for at in range(30)} == {0.0, 0.5}
    assert all(type(drawn("patience", Range(1, 9), 0, at)) is int for at in range(9))


def test_an_arm_has_values_of_its_own(tmp_path: Path) -> None:
    own = TUNED.replace(
        "alpha = 0.0\n", "alpha = 0.0\n[arms.cross.tune]\nlearning_rate = [0.1, 0.2]\n"
    )
    assert rates(study_of(tmp_path, own))["cross"] == [0.1, 0.2]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[0.001, 0.03]", "[0.001, 0.001]", "several different values"),
        (
            "[0.001, 0.03]",
            "{low = 1, high = 2}",
            "is a range, but the method is grid",
        ),
        ("learning_rate = [0.001, 0.03]", "steps = [1, 2]", "steps cannot be tuned"),
        ("learning_rate = [0.001, 0.03]", "data = [1, 2]", "data cannot be tuned"),
        ("learning_rate = [0.001, 0.03]", "alpha = [0.3, 0.4]", "mono sets all fields"),
        ("alpha = 0.0", "learning_rate = 0.1", "cross sets all fields that are tuned"),
        (
            "alpha = 0.0",
            "[arms.cross.tune]\ntemperature = [0.1, 0.2]",
            "different numbers of trials: mono 2, cross 4",
        ),
        ("[tune]\n", "[tune]\ntrials = 3\n", "a grid tries every combination"),
        ("[tune]\n", '[tune]\nmethod = "best"\n', "method is 'best'"),
        ("[tune]\n", '[tune]\nmethod = "random"\n', "[tune] trials is 0"),
        ("validate_every = 3", "validate_every = 0", "arm mono has validate_every = 0"),
        ("steps = 6", "steps = 6\nlearning_rate = 1.0", "learning_rate is also in [train]"),
        ("[tune]\n", "[tune]\ntrys = 3\n", "unknown field trys"),
    ],
)
def test_a_wrong_tuning_is_refused_in_one_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in TUNED
    assert said in refused(tmp_path, TUNED.replace(old, new))


def try_here(study: Study, folder: Path, data_root: Path, *numbers: int) -> None:
    for number in numbers:
        cell = study.trials[number]
        place = Place(folder, data_root)
        try_out(cell.name, cell.configs, place, (), "cpu", lambda: False, lambda _: None, {})


def test_the_best_dev_score_is_chosen_when_all_trials_have_ended(
    tmp_path: Path, data_root: Path
) -> None:
    study = study_of(tmp_path, TUNED, bm25="bm25 = false")
    try_here(study, tmp_path, data_root, 0, 1, 2)
    assert set(cell_states(study, tmp_path, data_root).values()) == {"done", "waiting"}
    half = settled(study, tmp_path)
    assert untuned(half) == {"cross-s0"}
    try_here(study, tmp_path, data_root, 3)
    whole = settled(study, tmp_path)
    assert untuned(whole) == set()
    for cell, tuned in zip(whole.cells, whole.tuned, strict=True):
        scores = {}
        for trial in study.trials:
            if trial.arm == cell.arm:
                run_ = Run(tmp_path / trial.name)
                events = read_events(run_.events_file).events
                scores[trial.config.learning_rate] = events[-1]["best_score"]
                assert not run_.model.exists()
                assert not run_.checkpoints.exists()
                assert not list((run_.path / "results").glob("*"))
        assert cell.config.learning_rate == max(scores, key=lambda rate: scores[rate])
        assert [trial.score for trial in tuned.trials] == list(scores.values())
        assert [trial.looks for trial in tuned.trials] == [2, 2]
    assert replace(whole.cells[0].config, learning_rate=study.cells[0].config.learning_rate) == (
        study.cells[0].config
    )


def test_models_of_trials_go_when_all_is_chosen(tmp_path: Path, data_root: Path) -> None:
    staged = TUNED.replace(
        "[arms.cross]\nalpha = 0.0\n",
        "[[arms.cross.stages]]\nalpha = 0.0\n[[arms.cross.stages]]\nalpha = 1.0\n",
    )
    study = study_of(tmp_path, staged, bm25="bm25 = false")
    try_here(study, tmp_path, data_root, 0, 1, 2)
    drop_models_of_trials(settled(study, tmp_path), tmp_path)
    [first, _] = chain(tmp_path, study.trials[1].name, study.trials[1].configs)
    assert first.run.model.is_dir(), "another trial is still to come"
    try_here(study, tmp_path, data_root, 3)
    drop_models_of_trials(settled(study, tmp_path), tmp_path)
    assert not first.run.model.exists()
    assert set(cell_states(study, tmp_path, data_root).values()) == {"done", "waiting"}
    assert not untuned(settled(study, tmp_path))


def test_a_trial_that_diverges_has_ended_and_is_not_chosen(tmp_path: Path, data_root: Path) -> None:
    wild = TUNED.replace("[0.001, 0.03]", "[10.0, 0.001]").replace(
        "alpha = 1.0", "alpha = 1.0\nclip = 0.0\ntemperature = 0.0001"
    )
    study = study_of(tmp_path, wild, bm25="bm25 = false")
    first = Run(tmp_path / study.trials[0].name)
    first.path.mkdir()
    first.write_config(study.trials[0].config.to_toml())
    first.events_file.write_text(
        json.dumps({"event": "failed", "time": 0.0, "step": 1, "diverged": True}) + "\n",
        encoding="utf-8",
    )
    try_here(study, tmp_path, data_root, 2)
    [tuned] = settled(study, tmp_path).tuned
    assert tuned.arm == "mono"
    assert tuned.values == {"learning_rate": 0.001}
    assert tuned.trials[0].score is None
    assert cell_states(study, tmp_path, data_root)[study.trials[0].name] == "done"


@pytest.mark.process
@pytest.mark.slow
@pytest.mark.usefixtures("forked")
def test_a_tuned_study_is_planned_run_and_told(tmp_path: Path, data_root: Path) -> None:
    folder = tmp_path / "runs"
    study = study_of(tmp_path, TUNED, bm25="bm25 = false")
    options = StudyOptions(devices=("cpu",), jobs=2)
    assert len(estimate_study(study, folder, data_root, options).states) == 6
    done = run(study, folder, data_root, jobs=2)
    assert [ended.state for ended in done.ended] == ["done"] * 6
    assert {ended.name[0] for ended in done.ended[:4]} == {"."}, "trials come first"
    status = study_status(folder)
    assert [cell.state for cell in status.trials] == ["done"] * 4
    again = run(study, folder, data_root)
    assert again.ended == []
    assert len(again.skipped) == 6
    chosen = settled(study, folder)
    for cell in chosen.cells:
        config = Run(folder / cell.name).train_config()
        assert config.learning_rate == cell.config.learning_rate
    tables = compare([Run(folder / cell.name) for cell in chosen.cells], QUICK)
    [note] = {note for table in tables for note in table.notes if "tuned on dev" in note}
    assert "2 trials each" in note
    assert "8 looks at dev" in note
    costs = tables[0].costs
    assert [cost.tuning_seconds for cost in costs] == [
        pytest.approx(sum(trial.seconds for trial in each.trials)) for each in chosen.tuned
    ]
