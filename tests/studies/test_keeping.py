"""What finished cells of a study keep."""

from __future__ import annotations

from pathlib import Path

import pytest

import hybench
from hybench.data.dataset import open_datasets
from hybench.errors import StateError
from hybench.indexes.reader import current_manifest, model_sha256, open_index, recorded_model_sha256
from hybench.runs.run import Run
from hybench.studies.estimate import estimate_study
from hybench.studies.keeping import kept_by, kept_by_trials
from hybench.studies.options import StudyOptions
from hybench.studies.states import cell_states
from tests.cli.program import works
from tests.studies.conftest import STUDY, refused, run, study_of

NOTHING = "keep_models = false\nkeep_vectors = false\n"
MADE = '[arms.shifted]\nderive = "shift"\nfrom = "mono"\ndata = "toy"\n'
SHIFTED = STUDY.replace("[arms.kl]", MADE + "[arms.kl]")


def folders(path: Path) -> set[str]:
    return {each.name for each in path.iterdir() if each.is_dir()}


def test_a_cell_keeps_a_model_that_runs_are_made_of(tmp_path: Path) -> None:
    study = study_of(tmp_path, NOTHING + SHIFTED)
    assert kept_by(study, "mono-s0") == ("models",)
    assert kept_by(study, "kl-s0") == ()
    assert kept_by_trials(study) == ()
    study = study_of(tmp_path, "keep_checkpoints = true\nkeep_vectors = false\n" + SHIFTED)
    assert kept_by(study, "mono-s0") == kept_by(study, "kl-s0") == ("checkpoints", "models")
    assert kept_by_trials(study) == ("checkpoints", "models")
    assert study_of(tmp_path).keep == ("vectors", "models")
    assert "keep_models" in refused(tmp_path, "keep_models = 1\n" + STUDY)
    assert "keep_vectors" in refused(tmp_path, "keep_vector = true\n" + STUDY)


def test_what_is_not_kept_is_in_no_estimate(tmp_path: Path, data_root: Path) -> None:
    def bytes_of(text: str) -> int:
        study = study_of(tmp_path, text, bm25="bm25 = false")
        options = StudyOptions(devices=("cpu",))
        return estimate_study(study, tmp_path / "runs", data_root, options).disk_bytes

    whole, models, nothing = map(
        bytes_of, (STUDY, "keep_vectors = false\n" + STUDY, NOTHING + STUDY)
    )
    vectors = whole - models  # of one cell: those of the other are there while it is worked on
    assert vectors == 252 * 16 * 4
    assert models - nothing > 100 * 16 * 4  # of its model


@pytest.mark.process
def test_scores_stay_and_nothing_is_done_again(tmp_path: Path, data_root: Path) -> None:
    folder = tmp_path / "runs" / "small"
    whole = study_of(tmp_path, SHIFTED)
    done = run(whole, folder, data_root, devices=("cpu",))
    assert {ended.state for ended in done.ended} == {"done"}
    before = repr(hybench.compare([folder]))
    digests = {name: model_sha256(Run(folder / name)) for name in ("mono-s0", "kl-s0")}
    assert folders(folder / "mono-s0") >= {"index", "model", "rankings", "results"}
    study = study_of(tmp_path, NOTHING + SHIFTED)
    # A study that keeps less lets go of what is there, and of no score.
    assert run(study, folder, data_root, devices=("cpu",)).ended == []
    for name in ("mono-s0", "kl-s0", "shifted-s0"):
        assert folders(folder / name) == {"index", "rankings", "results"}
        assert {file.name for file in (folder / name / "index").rglob("*.*")} == {"manifest.json"}
    assert set(cell_states(study, folder, data_root).values()) == {"done"}
    assert run(study, folder, data_root, devices=("cpu",)).ended == []
    assert repr(hybench.compare([folder])) == before
    assert {name: recorded_model_sha256(Run(folder / name)) for name in digests} == digests
    gone = Run(folder / "mono-s0")
    works("info", "--check", gone.path)  # nothing of it is missing
    with pytest.raises(StateError, match="has no model"):
        model_sha256(gone)
    toy = open_datasets(["toy"], data_root)[0]
    with pytest.raises(StateError, match="were deleted: its study keeps none"):
        open_index(gone, toy, "en", digests["mono-s0"])
    assert current_manifest(gone, toy, "en", digests["mono-s0"], "fp32") is None
