"""What another process may do between a verb's first look and its lock."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import hybench
from hybench.api import evaluation_request, holding
from hybench.errors import StateError, UsageError
from hybench.evaluation.kept_ranks import kept_ranks
from hybench.evaluation.results import ResultsInfo
from hybench.files.documents import read_json, write_json
from hybench.indexes.model import load_model_of
from hybench.runs.run import Run


@pytest.mark.parametrize("verb", [hybench.index, hybench.evaluate])
def test_a_model_that_is_replaced_while_it_is_loaded_is_not_used(
    verb: Any, copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load_and_be_overtaken(run: Run, device: str) -> Any:
        encoder = load_model_of(run, device)
        other = copied / "runs" / "hybrid" / "model"
        for file in other.rglob("*"):
            if file.is_file():
                (run.model / file.relative_to(other)).write_bytes(file.read_bytes())
        return encoder

    monkeypatch.setattr(holding, "load_model_of", load_and_be_overtaken)
    with pytest.raises(StateError, match="The model of run mono changed before"):
        verb("mono", "toy")


def test_results_that_are_replaced_before_the_lock_get_no_metrics(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[object] = []
    run = Run(copied / "runs" / "mono")

    def look_and_be_overtaken(*asked: Any) -> Any:
        found = kept_ranks(*asked)
        if not calls:
            file = run.results_info("toy")
            write_json(file, {**read_json(file), "fingerprint": "another set's"})
        calls.append(found)
        return found

    monkeypatch.setattr(evaluation_request, "kept_ranks", look_and_be_overtaken)
    with pytest.raises(StateError, match="The results of run mono changed before"):
        hybench.evaluate("mono", "toy", hybench.EvalOptions(metrics=("P@3",)))
    assert "P@3" not in ResultsInfo.read(run.results_info("toy")).metrics


def test_a_baseline_that_cannot_be_evaluated_leaves_no_folder(empty: Path) -> None:
    hybench.prepare("atlas", languages=("en",), name="small")
    for data in ("nothing", "small@train"):
        with pytest.raises(UsageError):
            hybench.evaluate("bm25", data)
    assert not (empty / "runs").exists()
