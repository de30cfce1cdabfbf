"""Options of derived runs: what a method takes, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from hybench.derived.options import DeriveOptions, run_and_weight
from hybench.errors import UsageError


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"method": "turn", "data": "toy"}, "--method is 'turn'"),
        ({"method": "center"}, "needs texts"),
        ({"method": "center", "data": "toy", "toward": "en"}, "--toward is given"),
        ({"method": "center", "data": "toy", "others": ("run",)}, "--with is given"),
        ({"method": "merge"}, "needs another run"),
        ({"method": "merge", "others": ("a",), "data": "toy"}, "--data is given"),
        ({"method": "merge", "others": ("a",), "density": 0.5}, "--density is given"),
        ({"method": "merge", "others": ("a", "b"), "how": "slerp"}, "merges 2 runs, and 3"),
        ({"method": "merge", "others": ("a",), "how": "mean"}, "no merge 'mean'"),
        ({"method": "merge", "others": ("a:0",)}, "is no weight"),
        ({"method": "merge", "others": ("a:x",)}, "is no weight"),
        ({"method": "shift", "data": "toy", "sides": "queries"}, "--sides is 'queries'"),
        ({"method": "shift", "data": "toy", "strength": 1.5}, "--strength is 1.5"),
        ({"method": "merge", "others": ("a",), "how": "ties", "density": 0.0}, "--density is 0"),
    ],
)
def test_options_that_do_not_fit_are_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        DeriveOptions(**given)


def test_what_is_not_given_is_the_methods_own() -> None:
    shift = DeriveOptions("shift", data="toy", toward="EN")
    assert (shift.settings.toward, shift.settings.sides, shift.settings.strength) == (
        "en", "both", 1.0,
    )  # fmt: skip
    assert shift.to_toml() == {
        "method": "shift", "data": ["toy"], "languages": [], "texts": "passages",
        "sample": 10_000, "toward": "en", "sides": "both", "strength": 1.0,
    }  # fmt: skip
    merge = DeriveOptions("merge", others=("a",), how="ties", density=0.5)
    assert merge.to_toml() == {"method": "merge", "how": "ties", "density": 0.5, "scale": 1.0}


def test_a_run_and_its_weight() -> None:
    assert run_and_weight("cross-s0") == ("cross-s0", 1.0)
    assert run_and_weight("runs/a:0.25") == ("runs/a", 0.25)
