"""Checkpoints that a kill or a fault has met."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hybench.errors import StateError
from hybench.files.documents import read_json, write_json
from hybench.runs.run import Run
from hybench.training.train import train
from tests.training.conftest import BUDGET, run_to_the_end


def test_a_checkpoint_whose_deletion_was_cut_does_not_stay(
    tmp_path: Path, data_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(folder: Path, **_: Any) -> None:
        (folder / "state.json").unlink()
        raise KeyboardInterrupt

    run = Run(tmp_path / "run")
    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            run_to_the_end(run.path, data_root)
    assert [path for path in run.checkpoints.iterdir() if not (path / "state.json").exists()]
    list(train(BUDGET, run, data_root, device="cpu", resume=True))
    left = sorted(path.name for path in run.checkpoints.iterdir())
    assert left == ["best.safetensors", "step-10", "step-12"]


@pytest.mark.parametrize("file", ["model.safetensors", "optimizer.safetensors"])
def test_a_damaged_checkpoint_is_said(tmp_path: Path, data_root: Path, file: str) -> None:
    run_to_the_end(tmp_path / "run", data_root)
    damaged = tmp_path / "run" / "checkpoints" / "step-12" / file
    content = bytearray(damaged.read_bytes())
    content[-1] ^= 1
    damaged.write_bytes(bytes(content))
    with pytest.raises(StateError, match="checksum differs"):
        list(train(BUDGET, Run(tmp_path / "run"), data_root, resume=True))


def test_a_run_that_was_begun_with_other_batches_does_not_go_on(
    tmp_path: Path, data_root: Path
) -> None:
    """Checkpoints of older builds lack `DEALING`; a run that is done needs no batches."""
    run = Run(tmp_path / "run")
    run_to_the_end(run.path, data_root)
    file = run.checkpoints / "step-12" / "state.json"
    saved = read_json(file)
    del saved["dealing"]
    write_json(file, saved)
    list(train(BUDGET, run, data_root, device="cpu", resume=True))
    saved["state"]["finished"] = False
    write_json(file, saved)
    with pytest.raises(StateError, match="draws other batches"):
        list(train(BUDGET, run, data_root, device="cpu", resume=True))
