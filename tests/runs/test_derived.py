"""What a derived run's config says of its parents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hybench.runs.derived import Parent, parents_of, sets_of, shown_config, start_config
from hybench.runs.run import Run

MONO: dict[str, Any] = {"kind": "train", "data": ["toy"], "seed": 3, "steps": 9}


def parent(name: str, config: dict[str, Any], weight: float = 1.0) -> dict[str, Any]:
    return Parent(name, f"/elsewhere/{name}", "0" * 64, weight, config).to_toml()


MERGED = {
    "kind": "derived", "method": "merge", "how": "linear",
    "parents": [parent("mono", MONO), parent("cross", {**MONO, "data": ["other"]}, 0.5)],
}  # fmt: skip
SHIFTED = {
    "kind": "derived", "method": "shift", "data": ["ntrex"], "parents": [parent("merged", MERGED)],
}  # fmt: skip


def test_parents_are_followed_to_the_first_training() -> None:
    assert [each.name for each in parents_of(MERGED)] == ["mono", "cross"]
    assert parents_of(MONO) == ()
    assert start_config(SHIFTED) == MONO
    assert list(sets_of(SHIFTED)) == ["ntrex", "toy", "other"]


def test_people_read_names_without_folders() -> None:
    assert shown_config(MERGED)["parents"] == ["mono:1", "cross:0.5"]
    assert shown_config(SHIFTED)["parents"] == ["merged"]
    assert shown_config(MONO) == MONO


def test_a_parent_is_found_where_it_was_or_beside_if_it_is_the_same(tmp_path: Path) -> None:
    run = Run(tmp_path / "merged")
    beside = Run(tmp_path / "mono")
    [mono, _] = parents_of(MERGED)
    assert mono.find(run) is None
    beside.path.mkdir()
    beside.write_config(MONO)
    assert mono.find(run) == beside
    beside.write_config({**MONO, "steps": 10})
    assert mono.find(run) is None
