"""A study of seconds on the toy set."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hybench.concurrency.progress import Stop
from hybench.errors import UsageError
from hybench.studies.options import StudyOptions
from hybench.studies.plan import Study, read_study
from hybench.studies.run import StudyOutcome, run_study

STUDY = """
name = "small"
[train]
data = ["toy"]
dimension = 16
vocabulary = 400
steps = 6
batch_size = 8
validate_every = 3
checkpoint_every = 2
[arms.mono]
alpha = 1.0
[arms.kl]
strategy = "distill"
objective = "kl"
[grid]
seed = [0]
[eval]
data = ["toy"]
bm25 = true
"""


@pytest.fixture
def data_root(toys: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(toys, tmp_path / "data"))


CELLS = {"mono-s0", "kl-s0", "bm25"}


def study_of(folder: Path, text: str = STUDY, **changes: str) -> Study:
    """The study of a file in `folder`, with lines of it replaced: ``steps="steps = 9"``."""
    lines = [
        changes.get(line.partition(" ")[0], line) if " = " in line else line
        for line in text.splitlines()
    ]
    file = folder / "small.toml"
    file.write_text("\n".join(lines), encoding="utf-8")
    return read_study(file)


def refused(folder: Path, text: str) -> str:
    """What is wrong with a study's file, in one line, and what to do about it."""
    with pytest.raises(UsageError) as caught:
        study_of(folder, text)
    assert "\n" not in caught.value.what
    return caught.value.what + caught.value.do


def run(study: Study, folder: Path, data_root: Path, **options: object) -> StudyOutcome:
    """Run a study to its end."""
    return run_study(
        study,
        folder,
        data_root,
        StudyOptions(**options),  # type: ignore[arg-type]
        stop=Stop(),
        watch=lambda _: None,
    )
