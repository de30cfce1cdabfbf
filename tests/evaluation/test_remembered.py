"""What evaluations have in common is computed once, and again where anything that decides it is
another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hybench.config.train import TrainConfig
from hybench.data.dataset import Dataset
from hybench.encoders.encoder import Encoder
from hybench.encoders.kinds.static import static_model
from hybench.encoders.options import EncoderOptions
from hybench.evaluation import contamination, fertility, remembered
from hybench.evaluation.contamination import Overlap, training_overlap
from hybench.evaluation.fertility import cut_shares
from hybench.evaluation.plan import plan_queries
from hybench.evaluation.settings import plan_searches
from hybench.runs.events import EventLog
from hybench.runs.run import CACHE, Run
from tests.builders import toy_dataset
from tests.evaluation.test_contamination import AGAIN

CONFIG = TrainConfig(data=("toy",)).resolved()


@pytest.fixture
def trained_on(tmp_path: Path) -> Dataset:
    return toy_dataset(tmp_path / "data")


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Sets that training texts were compared with."""
    found: list[str] = []
    really = contamination._compared

    def counting(*arguments: Any) -> Overlap:
        found.append(arguments[1].name)
        return really(*arguments)

    monkeypatch.setattr(contamination, "_compared", counting)
    return found


def trained_run(root: Path, dataset: Dataset, config: TrainConfig, name: str = "one") -> Run:
    run = Run(root / name)
    run.write_config(config.to_toml())
    told = [{"name": dataset.name, "fingerprint": dataset.info.fingerprint}]
    EventLog(run.events_file).append("start", step=0, data=told)
    return run


def overlap(run: Run, dataset: Dataset, split: str = "test") -> Overlap | None:
    plan = plan_queries(dataset, split, plan_searches(dataset, split, None, None))
    return training_overlap(run, dataset, plan, dataset.path.parent)


def test_texts_are_compared_once_for_all_runs_of_the_same_texts(
    trained_on: Dataset, tmp_path: Path, compared: list[str]
) -> None:
    again = toy_dataset(tmp_path / "data", AGAIN)
    first = overlap(trained_run(tmp_path / "runs", trained_on, CONFIG), again)
    assert first is not None
    assert first.queries
    for name, changed in (("two", {"seed": 3}), ("three", {"alpha": 0.0})):
        config = replace(CONFIG, **changed)
        run = trained_run(tmp_path / "runs", trained_on, config, name)
        assert overlap(run, again) == first
    assert len(compared) == 1


@pytest.mark.parametrize("changed", ["languages", "rows", "split", "corpus"])
def test_other_texts_are_compared_again(
    trained_on: Dataset, tmp_path: Path, compared: list[str], changed: str
) -> None:
    again = toy_dataset(tmp_path / "data", AGAIN)
    run = trained_run(tmp_path / "runs", trained_on, CONFIG)
    overlap(run, again)
    if changed == "languages":
        run = trained_run(
            tmp_path / "runs", trained_on, replace(CONFIG, languages=("de", "yo")), "two"
        )
    elif changed == "rows":
        scarce = replace(CONFIG, scarce=("yo",), share=0.5)
        run = trained_run(tmp_path / "runs", trained_on, scarce, "two")
    evaluated = trained_on if changed == "corpus" else again
    overlap(run, evaluated, "dev" if changed == "split" else "test")
    assert len(compared) == 2


def test_a_damaged_file_is_made_again(
    trained_on: Dataset, tmp_path: Path, compared: list[str]
) -> None:
    run = trained_run(tmp_path / "runs", trained_on, CONFIG)
    first = overlap(run, trained_on)
    [file] = (run.path.parent / CACHE / "overlap").iterdir()
    file.write_text(file.read_text().replace('"queries"', '"query"'))
    assert overlap(run, trained_on) == first
    assert overlap(run, trained_on) == first
    assert len(compared) == 2


def test_a_disk_that_is_full_costs_time_and_nothing_else(
    trained_on: Dataset, tmp_path: Path, compared: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    run = trained_run(tmp_path / "runs", trained_on, CONFIG)
    monkeypatch.setattr(remembered, "write_json", full)
    assert overlap(run, trained_on) == overlap(run, trained_on)
    assert len(compared) == 2


def test_texts_are_counted_once_for_a_tokenizer_its_prefixes_and_lengths(
    tokenizer_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[Any] = []
    really = fertility.measure_fertility

    def counting(*arguments: Any) -> Any:
        measured.append(arguments)
        return really(*arguments)

    monkeypatch.setattr(fertility, "measure_fertility", counting)
    dataset, run = toy_dataset(tmp_path / "data"), Run(tmp_path / "runs" / "one")

    def shares(longest: int, prefix: str, seed: int) -> dict[str, float]:
        model = static_model(tokenizer_file, 16, longest, seed)
        encoder = Encoder(model, EncoderOptions(query_prefix=prefix))
        return cut_shares(run, dataset, encoder, ["yo", "en"])

    first = shares(2, "", 1)
    assert first
    assert shares(2, "", 2) == first
    assert len(measured) == 1
    assert shares(40, "", 1) != first
    shares(2, "query: ", 1)
    assert len(measured) == 3
