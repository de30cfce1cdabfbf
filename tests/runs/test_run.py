"""Run folders: found, named, and kept to themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybench.errors import StateError, UsageError
from hybench.files.locks import is_held
from hybench.runs.run import LOCK, Run, find_runs, names_of


def make_run(path: Path) -> Run:
    path.mkdir(parents=True)
    (path / "config.toml").write_text("", encoding="utf-8")
    return Run(path)


def test_runs_are_found_in_folders_and_by_name(tmp_path: Path) -> None:
    make_run(tmp_path / "b")
    make_run(tmp_path / "a")
    make_run(tmp_path / ".hidden")
    (tmp_path / "no-run").mkdir()
    assert [run.name for run in find_runs([tmp_path])] == ["a", "b"]
    assert [run.name for run in find_runs([tmp_path / "b", tmp_path])] == ["b", "a"]
    with pytest.raises(UsageError, match="No runs in"):
        find_runs([tmp_path / "no-run"])
    make_run(tmp_path / "studies" / "one" / "a")
    (tmp_path / "studies" / "one" / "study.json").write_text("{}")
    with pytest.raises(UsageError, match="No runs in") as asked:
        find_runs([tmp_path / "studies"])
    assert str(tmp_path / "studies" / "one") in asked.value.do
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "study.json").write_text("{}")
    with pytest.raises(UsageError, match="No runs in") as asked:
        find_runs([tmp_path / "new"])
    assert f"hybench study status {tmp_path / 'new'}" in asked.value.do
    both = [tmp_path, tmp_path / "studies"]
    folders = [run.path for run in find_runs(both, studies=True)]
    assert [path.name for path in folders] == ["a", "b", "a"]
    assert list(names_of(folders).values())[1:] == [f"{tmp_path.name}/b", "one/a"]
    assert list(names_of(folders[:2]).values()) == ["a", "b"]
    with pytest.raises(UsageError, match="No run 'c'") as caught:
        Run.open(tmp_path / "c")
    assert "a b" in caught.value.do


@pytest.mark.parametrize("place", ["results", "index/toy", "events.jsonl", ".lock", "model"])
def test_a_run_with_a_link_out_of_it_is_not_worked_on(place: str, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "letter").write_text("dear")
    run = Run(tmp_path / "run")
    link = run.path / place
    link.parent.mkdir(parents=True)
    link.symlink_to(victim if "." not in place else victim / "letter")
    with pytest.raises(StateError, match="is a link out of"), run.lock():
        pass
    assert (victim / "letter").read_text() == "dear"
    link.unlink()
    (run.path / "inside").mkdir(exist_ok=True)
    link.symlink_to(run.path / "inside")
    if place != ".lock":
        with run.lock():
            pass


def test_a_run_that_is_a_link_itself_is_its_users_own(tmp_path: Path) -> None:
    (tmp_path / "disk" / "run").mkdir(parents=True)
    (tmp_path / "run").symlink_to(tmp_path / "disk" / "run")
    with Run(tmp_path / "run").lock():
        assert is_held(tmp_path / "disk" / "run" / LOCK)
