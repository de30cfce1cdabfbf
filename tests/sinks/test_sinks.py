"""A training's events reach the trackers that labs have, each with its real library, offline."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from hybench.config.train import TrainConfig
from hybench.errors import UsageError
from hybench.runs import tracking
from hybench.runs.events import Event, EventLog, read_events
from hybench.runs.run import Run
from hybench.runs.tracking import check_sinks, tracked, values_of
from hybench.sinks import SINKS, Sink, Tracked

CONFIG = TrainConfig(data=("toy",), seed=3)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run with a whole log."""
    made = Run(tmp_path / "runs" / "mono-s3")
    made.path.mkdir(parents=True)
    log = EventLog(made.events_file, clock=lambda: 1000.0)
    log.append("encoder", name="static")
    log.append("start", step=0, steps=20)
    log.append("step", step=10, loss=0.5, batch_kind="mono", lr=0.1, seconds=1.0)
    log.append("alarm", step=10, kind="collapse", text="The vectors have collapsed.")
    scores = {"toy": {"mono": {"yo": 0.25, "en": 0.75}}}
    log.append("validation", step=10, score=0.5, best=True, scores=scores, cosine=0.1)
    log.append("step", step=20, loss=math.inf, batch_kind="mono", lr=0.0, seconds=2.0)
    log.append("done", step=20, best_step=10, best_score=0.5, exposure={"yo": {"pairs": 4}})
    return made


def events(run: Run) -> list[Event]:
    return read_events(run.events_file).events


def passed(run: Run, names: tuple[str, ...], of: list[Event] | None = None) -> list[str]:
    """Pass a log's events on; what went wrong."""
    wrong: list[str] = []
    given = events(run) if of is None else of
    assert list(tracked(iter(given), run, CONFIG, names, wrong.append)) == given
    return wrong


def test_values_have_names_by_what_they_are_of(run: Run) -> None:
    named = [values_of(event) for event in events(run)]
    assert named[2] == {"train/loss": 0.5, "train/lr": 0.1, "train/seconds": 1.0}
    assert named[4] == {
        "dev/score": 0.5,
        "dev/cosine": 0.1,
        "dev/toy/mono/yo": 0.25,
        "dev/toy/mono/en": 0.75,
    }
    assert named[6]["end/exposure/yo/pairs"] == 4
    assert named[0] == named[1] == named[3] == {}


def test_tensorboard(run: Run) -> None:
    pytest.importorskip("tensorboard", reason="pip install 'hybench[tensorboard]'")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    assert not passed(run, ("tensorboard",))

    def scalars() -> dict[str, list[tuple[int, float]]]:
        found = EventAccumulator(str(run.path / "tensorboard"))
        found.Reload()
        assert {"config/text_summary", "alarm/text_summary"} <= set(found.Tags()["tensors"])
        return {
            tag: [(each.step, each.value) for each in found.Scalars(tag)]
            for tag in found.Tags()["scalars"]
        }

    assert scalars()["train/loss"] == [(10, 0.5), (20, math.inf)]
    assert scalars()["dev/toy/mono/yo"] == [(10, 0.25)]
    # Resumed at step 10: what came after is not shown twice.
    again = [{**event, "step": 10} if event["event"] == "start" else event for event in events(run)]
    assert not passed(run, ("tensorboard",), [again[1], *again[5:]])
    assert scalars()["train/loss"] == [(10, 0.5), (20, math.inf)]


@pytest.mark.process
@pytest.mark.slow
def test_wandb_offline(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("wandb", reason="pip install 'hybench[wandb]'")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANDB_MODE", "offline")
    assert not passed(run, ("wandb",))
    [file] = (tmp_path / "wandb").glob("offline-run-*/*.wandb")
    written = file.read_bytes()  # wandb has no reader of its own files
    assert re.search(rb"dev/toy/mono/yo.{0,8}0\.25", written, re.DOTALL)
    for text in ("mono-s3", "hybench", "train/loss", "dev/toy/mono/yo", "have collapsed"):
        assert text.encode() in written, text


@pytest.mark.process
@pytest.mark.slow
def test_trackio(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))
    pytest.importorskip("trackio", reason="pip install 'hybench[trackio]'")
    from trackio.sqlite_storage import SQLiteStorage

    assert not passed(run, ("trackio",))
    logged = SQLiteStorage.get_logs("hybench", "mono-s3")
    assert next(each["train/loss"] for each in logged if "train/loss" in each) == 0.5
    assert any(each.get("dev/toy/mono/yo") == 0.25 for each in logged)


class Faulty:
    """A tracker that fails at its second event."""

    def __init__(self, about: Tracked) -> None:
        self.said = SAID
        self.said.append(about)

    def log(self, step: int, time: float, values: Mapping[str, float]) -> None:
        print("a library's words")  # noqa: T201 - it must not get into the data
        if step > 10:
            raise ConnectionError("Nobody answers.\nMore.")
        self.said.append((step, time, dict(values)))

    def alert(self, step: int, text: str) -> None:
        self.said.append((step, text))

    def end(self, failed: bool) -> None:
        self.said.append(failed)


SAID: list[Any] = []


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What a faulty tracker of another package is told."""
    SAID.clear()
    monkeypatch.setattr(tracking, "SINKS", {"faulty": Sink("json", Faulty)})
    return SAID


def test_a_tracker_that_fails_is_left_out_and_the_training_goes_on(
    run: Run, faulty: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert passed(run, ("faulty",)) == ["faulty is left out from here on: Nobody answers."]
    about, first, alarm, dev = faulty
    assert (about.name, about.group, about.step) == ("mono-s3", "mono", 0)
    assert about.config["seed"] == 3
    assert first[:2] == (10, 1000.0)
    assert alarm == (10, "The vectors have collapsed.")
    assert dev[2]["dev/score"] == 0.5
    assert capsys.readouterr().out == ""


def test_a_training_that_fails_or_is_left_has_failed(run: Run, faulty: list[Any]) -> None:
    def broken() -> Iterator[Event]:
        yield from events(run)[:3]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        list(tracked(broken(), run, CONFIG, ("faulty",), print))
    assert faulty[-1] is True
    del faulty[:]
    list(tracked(iter(events(run)[:3]), run, CONFIG, ("faulty",), print))
    assert faulty[-1] is False


def test_a_run_that_is_made_anew_is_another(run: Run, faulty: list[Any]) -> None:
    for _ in range(2):
        list(tracked(iter(events(run)[:2]), run, CONFIG, ("faulty",), print))
    run.events_file.unlink()
    EventLog(run.events_file, clock=lambda: 2000.0).append("encoder", name="static")
    start = {"event": "start", "time": 2000.0, "step": 0}
    list(tracked(iter([start]), run, CONFIG, ("faulty",), print))
    first, second, third = (each.key for each in faulty if isinstance(each, Tracked))
    assert first == second != third


def test_what_is_not_there_is_said_before_anything_is_trained() -> None:
    with pytest.raises(UsageError, match="There is no sink 'mlflow'"):
        check_sinks(["mlflow"])
    missing = [name for name in SINKS if not _installed(SINKS[name].package)]
    for name in missing:
        with pytest.raises(UsageError, match="is not installed"):
            check_sinks([name])


def _installed(package: str) -> bool:
    from importlib.util import find_spec

    return find_spec(package) is not None
