"""Preparing and training through Python."""

from __future__ import annotations

from pathlib import Path

import pytest

import hybench
from hybench.api.training import plan_training
from hybench.errors import StateError, UsageError
from hybench.files.checksums import folder_digests
from hybench.runs.events import Event
from tests.builders import Toy, toy_dataset
from tests.cli.program import TRAIN, works

CONFIG = hybench.TrainConfig(
    data=("toy",), steps=8, dimension=16, vocabulary=400, batch_size=16, validate_every=4,
    checkpoint_every=5,
)  # fmt: skip


@pytest.fixture
def toy(empty: Path) -> Path:
    toy_dataset(empty / "data")
    return empty


def test_a_source_is_named_and_given_its_options(empty: Path) -> None:
    found = hybench.prepare("atlas", languages=("en", "sw"), name="small")
    assert found.dataset.path == Path("data/small")
    assert found.dataset.info.languages == ("en", "sw")
    frame = found.to_frame()
    assert frame.columns == ["table", "language", "rows"]
    counts = found.dataset.info.counts["passages"]
    assert dict(frame.filter(table="passages").select("language", "rows").iter_rows()) == counts
    assert "| sw |" in repr(found)
    assert hybench.prepare("atlas", languages=("en", "sw"), name="small").prepared.unchanged


def test_a_source_itself(empty: Path) -> None:
    assert hybench.prepare(Toy()).dataset.name == "toy"


def test_what_there_is_not_is_told(empty: Path) -> None:
    with pytest.raises(UsageError) as told:
        hybench.prepare("nothing")
    assert "atlas" in told.value.do
    with pytest.raises(UsageError, match="has no option colour") as told:
        hybench.prepare("atlas", colour="red")
    assert "languages" in told.value.do
    with pytest.raises(UsageError, match="is given with options"):
        hybench.prepare(Toy(), languages=("en",))


def test_the_weights_are_those_of_the_command_line(toy: Path) -> None:
    works(*TRAIN, "--name", "theirs")
    events: list[Event] = []
    trained = hybench.train(CONFIG, name="ours", on_event=events.append)
    assert folder_digests(trained.run.model) == folder_digests(toy / "runs" / "theirs" / "model")
    assert [event["event"] for event in events].count("step") == 8
    frame = trained.to_frame()
    assert frame.filter(event="step")["step"].to_list() == list(range(1, 9))
    assert frame.filter(event="validation")["score"].null_count() == 0
    assert "| ours | 8 |" in repr(trained)


def test_a_training_is_stopped_and_resumed_to_the_bit(toy: Path) -> None:
    hybench.train(CONFIG, name="whole")
    asked = iter([False] * 4 + [True] * 9)
    cut = hybench.train(CONFIG, name="cut", stop=lambda: next(asked))
    assert cut.interrupted
    assert "—" in repr(cut)
    whole = folder_digests(toy / "runs" / "whole" / "model")
    with pytest.raises(UsageError, match=r"begun with alpha = 0\.5, not 1"):
        hybench.train(
            hybench.TrainConfig(**{**vars(CONFIG), "alpha": 1.0}), name="cut", resume=True
        )
    resumed = hybench.train(name="cut", resume=True)
    assert not resumed.interrupted
    assert folder_digests(resumed.run.model) == whole


def test_a_result_does_not_lose_its_numbers_with_its_folder(
    toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = hybench.train(CONFIG, name="mine")
    shown = repr(trained)
    (toy / "elsewhere").mkdir()
    monkeypatch.chdir(toy / "elsewhere")
    assert repr(trained) == shown
    with pytest.raises(UsageError, match="No run 'mine'"):
        trained.to_frame()


def test_runs_get_the_names_of_their_arms(toy: Path) -> None:
    assert hybench.train(CONFIG).run.path == Path("runs/hybrid-s0")
    with pytest.raises(StateError, match="hybrid-s0"):
        hybench.train(CONFIG)
    assert not hybench.train(CONFIG, force=True).interrupted


def test_what_a_training_would_take_is_told_without_one(toy: Path) -> None:
    plan = plan_training(CONFIG)
    assert plan.steps == 8
    assert not (toy / "runs").exists()


def test_nothing_to_train_is_told(toy: Path) -> None:
    with pytest.raises(UsageError, match="nothing to train"):
        hybench.train()
    with pytest.raises(UsageError, match="no config for mine"):
        hybench.train(name="mine")
    with pytest.raises(UsageError, match="bm25 is kept"):
        hybench.train(CONFIG, name="bm25")
