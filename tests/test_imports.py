"""Starting is cheap, and the core knows no front end: looked at from fresh processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import hybench

pytestmark = pytest.mark.process

ROOT = Path(hybench.__file__).parent
HEAVY = ("torch", "transformers", "sentence_transformers", "datasets", "scipy", "usearch", "bm25s")
FRONT_ENDS = ("typer", "click", "rich", "textual")
CORE = sorted(
    ".".join(("hybench", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    for path in ROOT.rglob("*.py")
    if path.relative_to(ROOT).parts[0] not in {"cli", "tui", "__main__.py", "__init__.py"}
)


def loaded(program: str, *watched: str, cwd: Path | None = None) -> list[str]:
    """Which of the watched packages a program has imported when it ends."""
    after = f"print([name for name in {watched!r} if name in sys.modules], file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\ntry:\n    {program}\nfinally:\n    {after}"],
        capture_output=True, text=True, check=True, cwd=cwd, env={**os.environ, "COLUMNS": "80"},
    )  # fmt: skip
    found: list[str] = eval(done.stderr.splitlines()[-1])  # noqa: S307 - our own list of strings
    return found


def command(*arguments: object) -> str:
    """A program that is `hybench` with arguments."""
    argv = ["hybench", *map(str, arguments)]
    return f"sys.argv = {argv!r}; from hybench.cli.main import run; run()"


def test_the_package_alone_loads_nothing() -> None:
    watched = (*HEAVY, *FRONT_ENDS, "polars", "numpy", "pyarrow")
    assert loaded("import hybench", *watched) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("--version",),
        ("train", "--help"),
        ("eval", "--help"),
        ("prepare", "hub", "--help"),
    ],
)
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    watched = (*HEAVY, "rich", "textual", "polars", "numpy", "pyarrow", "hybench.importing")
    assert loaded(command(*arguments), *watched) == []


def test_preparing_the_atlas_loads_no_torch(tmp_path: Path) -> None:
    assert loaded(command("prepare", "atlas", "-l", "en"), *HEAVY, cwd=tmp_path) == []


def test_comparing_and_bm25_load_no_torch(tmp_path: Path) -> None:
    from tests.builders import toy_dataset

    toy_dataset(tmp_path / "data")
    lexical = set(loaded(command("eval", "bm25", "--data", "toy"), *HEAVY, cwd=tmp_path))
    assert lexical == set()
    seen = loaded(command("compare", "runs"), *HEAVY, cwd=tmp_path)
    assert set(seen) <= {"scipy"}


def test_status_loads_no_library_for_numbers(tmp_path: Path) -> None:
    (tmp_path / "runs" / "one").mkdir(parents=True)
    (tmp_path / "runs" / "one" / "config.toml").write_text("steps = 1", encoding="utf-8")
    watched = (*HEAVY, "textual", "polars", "numpy", "pyarrow")
    assert loaded(command("status"), *watched, cwd=tmp_path) == []


def test_no_module_of_the_core_loads_a_front_end() -> None:
    assert "hybench.comparison.layout" in CORE
    program = f"import {', '.join(CORE)}"
    assert loaded(program, *FRONT_ENDS, "torch", "transformers", "hybench.cli") == []


def test_help_loads_few_modules() -> None:
    """What a start costs, counted; `benchmarks.startup` says what that is in seconds."""
    program = (
        f"import sys, atexit\natexit.register(lambda: print(len(sys.modules)))\n{command('-h')}"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert 100 < int(done.stdout.splitlines()[-1]) < 300
