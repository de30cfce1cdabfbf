"""What `make release` builds: a wheel of the package alone that runs where it is installed."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from tools.layers import ROOT

pytestmark = [pytest.mark.process, pytest.mark.slow]

DATA = {".py", ".typed", ".csv", ".toml", ".css", ".js", ".jinja"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a source distribution and of the wheel that was made from it."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def test_the_wheel_holds_the_package_and_nothing_else(built: Path) -> None:
    [wheel] = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    inside = {name for name in names if not name.partition("/")[0].endswith(".dist-info")}
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "hybench").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert inside == package
    assert {Path(name).suffix for name in inside} == DATA
    assert {Path(name).name for name in names - inside} == {
        "METADATA", "RECORD", "WHEEL", "entry_points.txt", "LICENSE",
    }  # fmt: skip


def test_the_source_holds_what_the_tests_need(built: Path) -> None:
    [source] = built.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        tops = {Path(name).parts[1] for name in archive.getnames()}
    assert {"hybench", "tests", "tools", "benchmarks", "docs", "constraints.txt"} <= tops
    assert not {".venv", "runs", "data", "demo", "site", ".git", ".github"} & tops


def test_the_demo_runs_from_what_is_installed(built: Path, tmp_path: Path) -> None:
    """In an environment of its own, which sees the dependencies of this one."""
    [wheel] = built.glob("*.whl")
    home = tmp_path / "venv"
    venv.create(home, symlinks=True)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(home / "bin" / "python"),
        "install",
        "--quiet",
    ]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True)
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(home)}))
    dependencies = [path for path in sys.path if Path(path).name == "site-packages"]
    (site / "dependencies.pth").write_text("\n".join(dependencies), encoding="utf-8")
    alone = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}

    def run(program: str, *arguments: str) -> str:
        done = subprocess.run(
            [home / "bin" / program, *arguments],
            check=False, capture_output=True, text=True, cwd=tmp_path, env=alone,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = run("python", "-c", "import hybench; print(hybench.__file__)").strip()
    assert Path(where) == site / "hybench" / "__init__.py"
    assert "atlas (test) · multi · AP ×100" in run("hybench", "demo", "--steps", "4", "-l", "en,sw")
    assert "pyserini" in run("hybench", "published")
    page = tmp_path / "demo.html"
    run("hybench", "compare", "demo/runs", "-o", str(page))
    assert "<!DOCTYPE html>" in page.read_text(encoding="utf-8")
