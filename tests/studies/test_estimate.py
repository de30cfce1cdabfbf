"""What is left of a study would take."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from hybench.studies.estimate import StudyEstimate, estimate_study
from hybench.studies.options import StudyOptions
from tests.studies.conftest import STUDY, study_of


def test_encoding_what_is_evaluated_counts_for_every_cell(tmp_path: Path, data_root: Path) -> None:
    study = study_of(tmp_path)
    hour = count(step=3600).__next__  # whatever is timed once takes an hour
    plan = estimate_study(
        study, tmp_path / "runs", data_root, StudyOptions(devices=("cpu",)), clock=hour
    )
    assert 2 * 3600 <= plan.seconds < 2.5 * 3600
    assert plan.disk_bytes > 2 * 252 * 16 * 4
    assert plan.measured == 0


def test_a_teacher_that_cells_share_counts_once(tmp_path: Path, data_root: Path) -> None:
    def plan(text: str, *, keep: bool = True) -> StudyEstimate:
        kept = f"keep_checkpoints = {str(keep).lower()}\n"
        study = study_of(tmp_path, kept + text, bm25="bm25 = false")
        return estimate_study(study, tmp_path / "runs", data_root, StudyOptions(devices=("cpu",)))

    mono, mono_and_kl = plan(STUDY[: STUDY.index("[arms.kl]")]), plan(STUDY)
    mse = '[arms.mse]\nstrategy = "distill"\n[grid]'
    with_mse = plan(STUDY.replace("[grid]", mse))
    weights = 400 * 16 * 4
    # A cell keeps two checkpoints and its model, of a teacher there are the last ones alone.
    teacher = mono_and_kl.disk_bytes - 2 * mono.disk_bytes
    assert weights < teacher < mono.disk_bytes
    assert with_mse.disk_bytes == 3 * mono.disk_bytes + teacher
    # Else a cell keeps its model; checkpoints are those of the cell that is worked on.
    one, two, three = (
        plan(text, keep=False).disk_bytes
        for text in (STUDY[: STUDY.index("[arms.kl]")], STUDY, STUDY.replace("[grid]", mse))
    )
    model = three - two
    assert weights / 2 < model < mono.disk_bytes / 3
    assert two == one + model + teacher
