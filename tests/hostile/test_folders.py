"""Folders with links out of them or of another kind, and sets that are named twice."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.program import TRAIN, hybench, names_in, refused, works
from tests.data.conftest import snapshot


@pytest.mark.parametrize(
    ("place", "command"),
    [
        ("index/toy", ("index", "mono", "--data", "toy", "--force")),
        ("index/toy", ("eval", "mono", "--data", "toy")),
        ("results", ("eval", "mono", "--data", "toy")),
        ("rankings", ("eval", "mono", "--data", "toy")),
        ("checkpoints", ("train", "--resume", "--name", "mono")),
        ("model", (*TRAIN, "--name", "mono", "--force")),
        ("events.jsonl", ("train", "--resume", "--name", "mono")),
    ],
)
def test_a_run_with_a_link_out_of_it(place: str, command: tuple[str, ...], copied: Path) -> None:
    victim = copied / "victim"
    link = copied / "runs" / "mono" / place
    link.rename(victim)
    link.symlink_to(victim)
    before = snapshot(copied)
    said = refused(1, *command)
    assert f"runs/mono/{place} is a link out of runs/mono, to {victim}" in said
    assert snapshot(copied) == before


def test_links_that_go_around(copied: Path) -> None:
    (copied / "runs" / "mono" / "loop").symlink_to("loop")
    assert "a bug in hybench" not in hybench("eval", "mono", "--data", "toy").err
    (copied / "lo.md").symlink_to("lo.md")
    said = refused(1, "compare", "runs", "--data", "toy", "-o", "lo.md")
    assert "Cannot write lo.md: Too many levels of symbolic links." in said


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ((*TRAIN, "--name", "site", "--force"), 1),
        (("eval", "bm25", "--data", "toy", "--name", "site"), 1),
        (("demo", "--in", ".", "--force", "--steps", "1"), 1),
    ],
)
@pytest.mark.parametrize("files", [("config.toml", "post.md"), ("thesis.txt",), ("study.json",)])
def test_a_folder_that_is_no_run_is_left_alone(
    files: tuple[str, ...], command: tuple[str, ...], code: int, copied: Path
) -> None:
    place = copied / "runs" / ("mono" if command[0] == "demo" else "site")
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    for name in files:
        (place / name).write_text('title = "mine"\n')
    said = refused(code, *command)
    assert f"runs/{place.name} exists and is not a run." in said
    assert set(files) <= set(names_in(place))


def test_what_a_user_keeps_in_a_run_outlives_its_training(copied: Path) -> None:
    notes = copied / "runs" / "mono" / "notes.txt"
    notes.write_text("mine")
    works(*TRAIN, "--name", "mono", "--force")
    assert notes.read_text() == "mine"
    assert not (copied / "runs" / "mono" / "results").exists()


def test_a_study_is_not_run_inside_a_run(copied: Path) -> None:
    Path("mono.toml").write_text(
        'name = "mono"\n[train]\ndata = ["toy"]\nsteps = 4\n'
        "[arms.a]\nalpha = 1.0\n[grid]\nseed = [0]\n"
    )
    before = snapshot(copied / "runs")
    assert "runs/mono is a run." in refused(2, "study", "run", "mono.toml")
    after = snapshot(copied / "runs")
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("command", [("eval", "bm25"), ("index", "mono"), ("compare", "runs")])
def test_one_set_is_named_once(command: tuple[str, ...], copied: Path) -> None:
    for again in (("--data", "toy"), ("--data=toy",)):
        said = refused(2, *command, "--data", "toy", *again)
        assert "--data is given more than once." in said
    works("eval", "bm25", "--data", "toy/", "--name", "slash")
