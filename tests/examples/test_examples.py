"""The examples run as they are, and the README's five lines are the first of them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "docs/python.md", "hybench/__init__.py")


def run(program: str, folder: Path) -> str:
    """Run a program in an empty folder; returns what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def small(program: str) -> str:
    """The program on three of the Atlas's languages."""
    whole = 'hybench.prepare("atlas")'
    assert whole in program
    return program.replace(whole, 'hybench.prepare("atlas", languages=("en", "sw", "yo"))')


@pytest.mark.slow
@pytest.mark.process
@pytest.mark.usefixtures("forked")
def test_the_atlas(tmp_path: Path) -> None:
    program = (ROOT / "examples" / "atlas.py").read_text(encoding="utf-8")
    said = run(small(program).replace("steps=300", "steps=20"), tmp_path)
    assert "### atlas (test) · mono · AP ×100" in said
    assert "distill-kl-s0" in said
    assert "mji mkuu wa Kenya · hybrid-s0 on atlas" in said


@pytest.mark.slow
@pytest.mark.process
@pytest.mark.usefixtures("forked")
def test_own_data(tmp_path: Path) -> None:
    said = run((ROOT / "examples" / "own_data.py").read_text(encoding="utf-8"), tmp_path)
    assert "| sw | 8 | 8 | 8 | 8 |" in said
    assert "trained on 16 of these 16 queries" in said
    assert "capitals (test) · mono · RR@10 ×100" in said


def test_the_five_lines_are_the_same_wherever_they_are_shown() -> None:
    shown = set()
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        lines = re.search(r"( *)atlas = hybench\.prepare.*?compare\(\"runs\"\)", text, re.DOTALL)
        assert lines is not None, page
        shown.add(lines[0].replace("\n" + lines[1], "\n").strip())
    assert len(shown) == 1
    [program] = shown
    assert len(program.splitlines()) == 5


@pytest.mark.slow
@pytest.mark.process
def test_the_five_lines_run(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    [program] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    program = small(program).replace('data=("atlas",)', 'data=("atlas",), steps=20')
    said = run(f"{program}\nprint(hybench.compare('runs'))", tmp_path)
    assert "hybrid-s0" in said
