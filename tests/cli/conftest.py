"""A folder with data and runs, made once through the program itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import Toy, toy_dataset
from tests.cli.program import TRAIN, works
from tests.data.conftest import miracl_dir

__all__ = ["miracl_dir"]


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_ours() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("HYBENCH_")]:
            patch.delenv(name)
        patch.setenv("COLUMNS", "80")
        yield


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data sets toy, silent (no pairs) and sentences (no queries); evaluated runs mono, hybrid
    and bm25 in runs/, and an unfinished one in other/. Not to be changed: see `copied`.
    """
    root = tmp_path_factory.mktemp("workshop")
    for toy in (Toy(), Toy(train=0, name="silent"), Toy(held_out=0, name="sentences")):
        toy_dataset(root / "data", toy)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        for name, alpha in (("mono", 1), ("hybrid", 0.5)):
            works(*TRAIN, "--name", name, "--alpha", alpha)
            works("eval", name, "--data", "toy")
        works("eval", "bm25", "--data", "toy")
    unfinished = root / "other" / "unfinished"
    unfinished.mkdir(parents=True)
    shutil.copy(root / "runs" / "mono" / "config.toml", unfinished)
    return root


@pytest.fixture
def here(workshop: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workshop as the working directory, for commands that change nothing in it."""
    monkeypatch.chdir(workshop)
    return workshop


@pytest.fixture
def copied(workshop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the workshop as the working directory."""
    root = tmp_path / "copy"
    shutil.copytree(workshop, root)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
