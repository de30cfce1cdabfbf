"""What Python lets through and a command line cannot: values, names and options of other types."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hybench
from hybench.errors import StateError, UsageError
from tests.builders import Toy


@pytest.mark.parametrize(
    ("kind", "values", "says"),
    [
        (hybench.TrainConfig, {"data": "atlas"}, "TrainConfig: data is 'atlas'"),
        (hybench.TrainConfig, {"data": (Path("data/atlas"),)}, "TrainConfig: data is "),
        (hybench.TrainConfig, {"alpha": "1"}, "TrainConfig: alpha is '1'"),
        (hybench.TrainConfig, {"steps": 2.5}, "TrainConfig: steps is 2.5"),
        (hybench.TrainConfig, {"seed": None}, "TrainConfig: seed is None"),
        (hybench.EvalOptions, {"metrics": "AP"}, "EvalOptions: metrics is 'AP'"),
        (hybench.IndexOptions, {"languages": "sw"}, "IndexOptions: languages is 'sw'"),
        (hybench.CompareOptions, {"languages": "sw"}, "CompareOptions: languages is 'sw'"),
        (hybench.StudyOptions, {"devices": "cpu"}, "StudyOptions: devices is 'cpu'"),
        (hybench.Bm25Options, {"k1": "0.9"}, "Bm25Options: k1 is '0.9'"),
    ],
)
def test_values_of_options_have_their_types(kind: Any, values: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError) as raised:
        kind(**values)
    assert raised.value.what.startswith(says)
    assert raised.value.do.startswith("It must be ")


def test_lists_and_numbers_of_numpy_are_taken() -> None:
    config = hybench.TrainConfig(
        data=["atlas"],  # type: ignore[arg-type]
        alpha=np.float32(0.5),  # type: ignore[arg-type]
        seed=np.int64(3),  # type: ignore[arg-type]
    )
    assert config == hybench.TrainConfig(data=("atlas",), alpha=0.5, seed=3)
    assert config.digest() == hybench.TrainConfig(data=("atlas",), seed=3).digest()


CALLS: dict[str, Callable[[Any], object]] = {
    "evaluate a run": lambda wrong: hybench.evaluate(wrong, "toy"),
    "evaluate on": lambda wrong: hybench.evaluate("mono", wrong),
    "evaluate how": lambda wrong: hybench.evaluate("mono", "toy", wrong),
    "search in": lambda wrong: hybench.search("ewé", wrong, "toy"),
    "search for": lambda wrong: hybench.search(wrong, "mono", "toy"),
    "search languages": lambda wrong: hybench.search("ewé", "mono", "toy", languages=wrong),
    "search k": lambda wrong: hybench.search("ewé", "mono", "toy", k=wrong),
    "compare": lambda wrong: hybench.compare([wrong]),
    "compare how": lambda wrong: hybench.compare("runs", wrong),
    "compare where": lambda wrong: hybench.compare("runs", where={"alpha": wrong}),
    "prepare": hybench.prepare,
    "study": hybench.study,
    "index how": lambda wrong: hybench.index("mono", "toy", wrong),
    "train": hybench.train,
    "train name": lambda wrong: hybench.train(hybench.TrainConfig(data=("toy",)), name=wrong),
    "runs_dir": lambda wrong: hybench.compare("mono", runs_dir=wrong),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("wrong", [3.5, b"mono", {"a": 1}, object()])
def test_a_value_of_another_kind_is_refused(
    call: Callable[[Any], object], wrong: Any, here: Path
) -> None:
    with pytest.raises(UsageError) as raised:
        call(wrong)
    assert raised.value.do


@pytest.mark.parametrize("name", ["search languages", "compare where"])
def test_one_text_is_not_taken_for_its_letters(name: str, here: Path) -> None:
    with pytest.raises(UsageError, match=r"is 'de'\."):
        CALLS[name]("de")


def test_numbers_are_values_of_fields_too(here: Path) -> None:
    asked = repr(hybench.compare("runs", where={"alpha": ["1"]}))
    assert repr(hybench.compare("runs", where={"alpha": [1.0]})) == asked  # type: ignore[list-item]
    with pytest.raises(UsageError, match=r"where: alpha is \[\]"):
        hybench.compare("runs", where={"alpha": []})


def test_a_tilde_is_the_users_own_folder(
    empty: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    made = hybench.prepare(Toy(), data_dir="~/sets").dataset
    assert made.path == tmp_path / "me" / "sets" / "toy"
    assert not (empty / "~").exists()
    with pytest.raises(UsageError, match="No run 'x' in ~/runs"):
        hybench.evaluate("~/runs/x", made)  # a name, as on the command line
    with pytest.raises(UsageError, match=f"No run 'x' in {tmp_path}/me/runs"):
        hybench.evaluate("x", made, runs_dir="~/runs")


def test_a_set_that_was_prepared_again_is_not_taken_for_the_opened_one(copied: Path) -> None:
    opened = hybench.prepare(Toy(), name="again")
    assert hybench.evaluate("bm25", opened).report.key == "again"
    hybench.prepare(Toy(train=30), name="again", force=True)
    for data in (opened, opened.dataset):
        with pytest.raises(StateError, match="again in data has changed since it was opened"):
            hybench.evaluate("bm25", data)
