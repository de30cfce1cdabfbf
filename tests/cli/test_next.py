"""The commands that commands end by naming work as they stand, whatever folders are called."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest

from tests.cli.program import TRAIN, hybench, next_command, refused, works

ODD = 'it\'s "a" $HOME of runs'


@pytest.fixture
def odd(copied: Path) -> Path:
    """The workshop with its folders under odd names, and a run that looks like an option."""
    (copied / "data").rename(copied / "my data")
    (copied / "runs").rename(copied / ODD)
    shutil.copytree(copied / ODD / "mono", copied / ODD / "-x")
    return copied


def _named(said: str, before: str) -> list[str]:
    """The words of the command that an advice ends with."""
    words = shlex.split(said.partition(before)[2].removesuffix("."))
    assert words[0] == "hybench"
    return words[1:]


def test_from_training_to_comparing(odd: Path) -> None:
    folders = ("--data-dir", "my data", "--runs-dir", ODD)
    done = works(*TRAIN, "--name", "new", *folders)
    evaluating = next_command(done)
    assert evaluating == ["eval", "new", "--data", "toy", *folders]
    comparing = next_command(works(*evaluating))
    assert comparing == ["compare", ODD, "--data", "toy"]
    works(*comparing)
    assert (
        next_command(works("index", ODD + "/-x", *folders[:2], "--data", "toy"))[1] == f"{ODD}/-x"
    )
    assert next_command(works("status", "--runs-dir", ODD))[:2] == ["compare", ODD]


def test_from_hints(odd: Path) -> None:
    folders = ("--data-dir", "my data", "--runs-dir", ODD)
    (odd / ODD / "new").mkdir()
    shutil.copy(odd / ODD / "mono" / "config.toml", odd / ODD / "new")
    said = refused(1, "eval", "new", "--data", "toy", *folders)
    assert _named(said, "training: ") == ["train", "--resume", "--name", f"{ODD}/new"]
    assert hybench(*_named(said, "training: "), "--data-dir", "my data").code == 0


def test_the_study_file_and_the_folder_that_is_missing(odd: Path) -> None:
    said = refused(2, "compare", ODD, "--data", "toy", "-o", "no such/a.md")
    assert said.endswith("mkdir -p 'no such'")


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("eval", "grid/hybrid-s0", "--data", "toy"), "runs/grid/hybrid-s0"),
        (("eval", "hybrid-s0", "--data", "toy"), "runs/grid/hybrid-s0"),
        (("index", "hybrid-s0", "--data", "toy"), "runs/grid/hybrid-s0"),
        (("compare", "grid/hybrid-s0"), "runs/grid/hybrid-s0"),
        (("status", "hybrid-s0"), "runs/grid/hybrid-s0"),
        (("eval", "momo", "--data", "toy"), "runs/mono"),
        (("train", "--resume", "--name", "momo"), "runs/mono"),
    ],
)
def test_a_run_that_is_elsewhere_is_named(
    arguments: tuple[str, ...], meant: str, copied: Path
) -> None:
    shutil.copytree(copied / "runs" / "hybrid", copied / "runs" / "grid" / "hybrid-s0")
    said = refused(2, *arguments)
    assert said.endswith(f"\n  Did you mean {meant}?")
    assert (copied / meant / "config.toml").is_file()
