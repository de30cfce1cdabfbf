"""Weights of training sets, and folders whose names look like one."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybench.errors import UsageError
from hybench.values.weights import set_names, weighted


@pytest.mark.parametrize(
    ("text", "name", "weight"),
    [
        ("atlas", "atlas", 1),
        ("atlas:2", "atlas", 2),
        ("atlas:.5", "atlas", 0.5),
        ("atlas:0.25", "atlas", 0.25),
        ("some/folder:3", "some/folder", 3),
        ("a:b", "a:b", 1),
        ("a:b:2", "a:b", 2),
        ("c:/sets/x", "c:/sets/x", 1),
        (":2", ":2", 1),
    ],
)
def test_what_stands_behind_the_last_colon_is_a_weight(text: str, name: str, weight: float) -> None:
    assert weighted(text) == (name, weight)


def test_a_folder_of_that_name_is_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "set:2").mkdir()
    assert weighted(f"{tmp_path}/set:2") == (f"{tmp_path}/set:2", 1)
    assert weighted(f"{tmp_path}/set:2:3") == (f"{tmp_path}/set:2", 3)
    assert weighted("set:2", tmp_path) == ("set:2", 1)
    assert weighted("set:2:3", tmp_path) == ("set:2", 3)
    monkeypatch.chdir(tmp_path)
    assert set_names(["set:2", "other:2"]) == ("set:2", "other")


@pytest.mark.parametrize("text", ["a:0", "a:0.0", "a:10000000"])
def test_weights_out_of_range_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"the weight is"):
        weighted(text)
