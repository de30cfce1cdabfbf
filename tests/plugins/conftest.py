"""The package of `tests/plugin_package`, installed where a program can be told to find it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

import hybench

PACKAGE = Path(__file__).resolve().parents[1] / "plugin_package"


@dataclass(frozen=True)
class Project:
    """A folder to work in, and the packages that are installed beside hybench's own."""

    folder: Path
    packages: Path

    def run(self, *words: object, code: int = 0, variables: Mapping[str, str] | None = None) -> str:
        """What a command of hybench says, with this exit code."""
        path = os.pathsep.join(map(str, (self.packages, Path(hybench.__file__).parents[1])))
        done = subprocess.run(
            [sys.executable, "-m", "hybench", *map(str, words)],
            capture_output=True, text=True, encoding="utf-8", check=False, cwd=self.folder,
            env={**os.environ, "PYTHONPATH": path, "COLUMNS": "100", **(variables or {})},
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that pip has installed the package to; nothing is downloaded."""
    target = tmp_path_factory.mktemp("packages")
    source = tmp_path_factory.mktemp("source") / "package"
    shutil.copytree(PACKAGE, source)  # building writes beside what is built
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--no-build-isolation", "--no-index", "--target", target, source),
        ],
        check=True,
    )
    return target


@pytest.fixture
def project(tmp_path: Path, packages: Path) -> Project:
    """An empty folder, and hybench with the package."""
    return Project(tmp_path, packages)
