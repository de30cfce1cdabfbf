"""Folders that hold a file of some name."""

from __future__ import annotations

from pathlib import Path

from hybench.files.listing import folders_with


def test_folders_are_found_by_what_they_hold(tmp_path: Path) -> None:
    for name in ("b", "a", ".hidden", "none"):
        (tmp_path / "in" / name).mkdir(parents=True)
    for file in ("a/x", "b/x", "b/y", ".hidden/x"):
        (tmp_path / "in" / file).touch()
    (tmp_path / "file").touch()
    folder = tmp_path / "in"
    xs, ys = folders_with(folder, "x", "y")
    assert list(xs.items()) == [(folder / "a", folder / "a"), (folder / "b", folder / "b")]
    assert list(ys.values()) == [folder / "b"]
    assert folders_with(tmp_path / "file", "x") == [{}]
    assert folders_with(tmp_path / "missing", "x") == [{}]


def test_a_link_is_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "real" / "run").mkdir(parents=True)
    (tmp_path / "real" / "run" / "x").touch()
    (tmp_path / "real" / "again").symlink_to("run")
    (tmp_path / "runs").symlink_to("real")
    run = tmp_path / "real" / "run"
    assert folders_with(tmp_path / "runs", "x") == [{run: tmp_path / "runs" / "again"}]
