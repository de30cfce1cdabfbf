"""What is held equal between arms."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybench.errors import UsageError
from hybench.studies.cells import make_cells
from hybench.studies.fairness import refuse_unequal, unequal
from tests.builders import Toy, toy_dataset

ARMS: dict[str, dict[str, object]] = {
    "mono": {"alpha": 1.0},
    "kl": {"strategy": "distill", "objective": "kl"},
}


def test_arms_on_one_budget_are_equal(data_root: Path) -> None:
    assert unequal(make_cells({"data": ["toy"]}, ARMS, {"seed": [0, 1]}, "f"), data_root) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"steps": 9}, "steps differs: mono 600, kl 9."),
        ({"batch_size": 9}, "batch_size differs: mono 512, kl 9."),
        ({"languages": ["en", "yo"]}, "languages differs: mono all, kl en+yo."),
        ({"encoder": "tiny", "batch_size": 512}, "encoder differs: mono static, kl tiny."),
    ],
)
def test_what_differs_is_named(data_root: Path, change: dict[str, object], said: str) -> None:
    arms = {"mono": ARMS["mono"], "kl": {**ARMS["kl"], **change}}
    found = unequal(make_cells({"data": ["toy"]}, arms, {}, "f"), data_root)
    assert said in found
    with pytest.raises(UsageError, match=r"budgets of the arms are not equal.*differs") as caught:
        refuse_unequal(found)
    assert "--allow-unequal" in caught.value.do


def test_a_dial_is_not_unequal_between_its_points(data_root: Path) -> None:
    cells = make_cells({"data": ["toy"]}, ARMS, {"steps": [3, 6]}, "f")
    assert unequal(cells, data_root) == ()


def test_pairs_without_english_make_distillation_unequal_unless_all_leave_them_out(
    tmp_path: Path,
) -> None:
    toy_dataset(tmp_path, Toy(missing={"en": frozenset({3, 4})}))
    [said] = unequal(make_cells({"data": ["toy"]}, ARMS, {}, "f"), tmp_path)
    assert said == "pairs of toy differ: mono 60, kl 58 (pivot makes them equal)."
    equal = make_cells({"data": ["toy"], "pivot": "en"}, ARMS, {}, "f")
    assert unequal(equal, tmp_path) == ()


def test_arms_of_as_many_examples_are_equal_whatever_their_steps(data_root: Path) -> None:
    common = {"data": ["toy"], "examples": 5000}
    assert unequal(make_cells(common, ARMS, {"seed": [0, 1]}, "f"), data_root) == ()
    arms = {"mono": {**ARMS["mono"], "examples": 5000}, "kl": {**ARMS["kl"], "steps": 9}}
    assert unequal(make_cells({"data": ["toy"]}, arms, {}, "f"), data_root) == (
        "steps differs: mono not said, kl 9.",
        "examples differs: mono 5000, kl not said.",
    )
