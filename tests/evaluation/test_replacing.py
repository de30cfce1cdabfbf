"""Results that are there: replaced where nothing is lost, and kept where something fails."""

from __future__ import annotations

from typing import Any

import pytest

from hybench.concurrency.progress import Progress
from hybench.data.dataset import Dataset
from hybench.errors import DataError, StateError
from hybench.evaluation.evaluate import evaluate
from hybench.evaluation.results import read_results
from hybench.evaluation.scope import EvalOptions
from hybench.runs.run import Run
from tests.indexes.fakes import HashedWords


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"languages": ("sw", "yo")}, "covering them: queries in en."),
        ({"settings": ("mono", "cross")}, "covering them: settings multi."),
        ({"ann": True}, "covering them: exact search."),
        (
            {"ann": True, "settings": ("mono",), "languages": ("sw",)},
            "covering them: queries in en yo, settings cross multi, exact search.",
        ),
    ],
)
def test_results_that_cover_more_are_replaced_only_by_force(
    changed: dict[str, Any], says: str, dataset: Dataset, run: Run
) -> None:
    evaluate(run, dataset, HashedWords())
    before = run.results_info("tiny").read_bytes()
    encoder = HashedWords()
    with pytest.raises(StateError, match="Run run has results on tiny") as refused:
        evaluate(run, dataset, encoder, EvalOptions(**changed))
    assert refused.value.what.endswith(says)
    assert "--force" in refused.value.do
    assert encoder.asked == []
    assert run.results_info("tiny").read_bytes() == before
    forced = evaluate(run, dataset, encoder, EvalOptions(**changed, force=True))
    assert read_results(run, "tiny").info == forced.info


def test_results_are_replaced_where_nothing_is_lost(dataset: Dataset, run: Run) -> None:
    some = EvalOptions(settings=("mono",), languages=("sw",))
    evaluate(run, dataset, HashedWords(), some)
    evaluate(run, dataset, HashedWords(), some)
    evaluate(run, dataset, HashedWords())
    assert read_results(run, "tiny").info.settings == ("mono", "cross", "multi")
    # Of another model, damaged, or of another split, what is there says nothing of the run.
    evaluate(run, dataset, HashedWords(), EvalOptions(split="dev", settings=("mono",)))
    (run.model / "weights").write_text("second")
    evaluate(run, dataset, HashedWords(), some)
    run.results_info("tiny").write_text("{")
    evaluate(run, dataset, HashedWords(), EvalOptions(ann=True))
    assert read_results(run, "tiny").info.search == "ann"


def test_missing_and_damaged_results_are_told(dataset: Dataset, run: Run) -> None:
    with pytest.raises(StateError, match="no results on tiny") as missing:
        read_results(run, "tiny@dev")
    assert f"hybench eval {run.path} --data tiny --split dev" in missing.value.do
    evaluate(run, dataset, HashedWords(), EvalOptions(settings=("mono",)))
    with pytest.raises(StateError, match="no results") as other:
        read_results(run, "other")
    assert "It has results on: tiny" in other.value.do
    run.results("tiny").write_bytes(b"PAR1")
    with pytest.raises(DataError, match="cannot be read"):
        read_results(run, "tiny")


def test_a_failed_evaluation_leaves_the_earlier_results(dataset: Dataset, run: Run) -> None:
    evaluate(run, dataset, HashedWords(), EvalOptions(settings=("mono",)))
    before = run.results("tiny").read_bytes()

    def fail(report: Progress) -> None:
        if report.task.startswith("search"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(run, dataset, HashedWords(), progress=fail)
    assert read_results(run, "tiny").info.settings == ("mono",)
    assert run.results("tiny").read_bytes() == before
    assert not [one for one in run.rankings("tiny").parent.iterdir() if one.name[0] == "."]
