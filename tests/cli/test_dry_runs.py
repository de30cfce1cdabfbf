"""``--dry-run`` of ``hybench index`` and ``hybench eval``: what is said, and that it is all."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.program import TRAIN, refused, works

NEXT = "Next: the same command without --dry-run"
EVAL = ("eval", "mono", "--data", "toy", "--dry-run")
BM25 = ("eval", "bm25", "--data", "toy", "--dry-run")
INDEX = ("index", "mono", "--data", "toy", "--dry-run")
SEARCHES = "36 queries in 3 languages, 144 searches (mono cross multi); "


def _tree(folder: Path) -> list[tuple[Path, int, int]]:
    """Every path below a folder with its size and date."""
    found = [(path, path.stat()) for path in sorted(folder.rglob("*"))]
    return [(path, status.st_size, status.st_mtime_ns) for path, status in found]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (INDEX, "0 passages in 0 languages to encode on cpu, 252 are up to date; graphs over 252"),
        ((*INDEX, "--exact"), "0 passages in 0 languages to encode on cpu, 252 are up to date; 0 "),
        ((*INDEX, "--exact", "--force", "-l", "yo"), "84 passages in 1 language to encode on cpu"),
        (EVAL, f"0 passages to encode on cpu, 252 are up to date; {SEARCHES}"),
        ((*EVAL, "--ann"), f"0 passages to encode on cpu, 252 are up to date; {SEARCHES}"),
        ((*EVAL, "--split", "dev", "--settings", "mono", "-l", "yo"), "12 searches (mono); "),
        (BM25, f"504 passages to index, each once per pool; {SEARCHES}"),
        ((*BM25, "--settings", "multi", "--name", "new"), "252 passages to index"),
    ],
)
def test_it_says_what_would_be_done_and_does_nothing(
    arguments: tuple[str, ...], says: str, copied: Path
) -> None:
    before = _tree(copied)
    done = works(*arguments, "--device", "cpu")
    assert _tree(copied) == before
    assert says in done.out
    assert len(done.out.splitlines()) == 1
    assert " on disk; about " in done.out
    assert done.out.endswith(" s.\n")
    assert done.err.splitlines()[-1] == NEXT


def test_a_run_without_an_index(copied: Path) -> None:
    shutil.rmtree(copied / "runs" / "mono" / "index")
    before = _tree(copied)
    assert works(*EVAL).out.startswith("252 passages to encode on ")
    assert "graphs over 252 vectors; " in works(*INDEX).out
    assert _tree(copied) == before
    works("index", "mono", "--data", "toy")
    assert "graphs" not in works(*INDEX).out


def test_bm25_needs_no_folder_of_runs(here: Path) -> None:
    assert works(*BM25, "--runs-dir", "new").out
    assert not (here / "new").exists()


def test_quietly_it_is_data_alone(here: Path) -> None:
    for arguments in (INDEX, EVAL, BM25):
        done = works("--quiet", *arguments)
        assert done.err == ""
        assert done.out.endswith(" s.\n")


@pytest.mark.parametrize(
    ("code", "arguments", "says"),
    [
        (2, ("eval", "nosuch", "--data", "toy"), "No run 'nosuch' in runs."),
        (2, ("eval", "mono", "--data", "nosuch"), "No data set 'nosuch' in data."),
        (2, ("eval", "bm25", "--data", "sentences"), "it has only training pairs"),
        (2, (*EVAL, "--split", "train"), "Data set toy has no split train."),
        (2, (*EVAL, "-l", "xx"), "--languages: no language xx here."),
        (2, (*BM25, "--k1", "-1"), "--k1: -1.0 is below 0."),
        (1, (*BM25, "--k1", "1.2"), "not made by BM25 with these parameters"),
        (2, (*INDEX, "-l", "xx"), "no language xx here"),
        (2, ("index", "bm25", "--data", "toy"), "Run bm25 is BM25, which has no model."),
        (1, ("index", "unfinished", "--data", "toy", "--runs-dir", "other"), "has no model"),
        (1, ("eval", "unfinished", "--data", "toy", "--runs-dir", "other"), "has no model"),
    ],
)
def test_the_same_mistakes_are_told(
    code: int, arguments: tuple[str, ...], says: str, here: Path
) -> None:
    assert says in refused(code, *dict.fromkeys((*arguments, "--dry-run")))


STUDY = """
name = "small"
[train]
data = ["toy"]
steps = 4
dimension = 16
vocabulary = 400
batch_size = 8
[arms.mono]
alpha = 1.0
[arms.kl]
strategy = "distill"
"""


@pytest.mark.parametrize(
    "arguments",
    [
        (*TRAIN, "--name", "new"),
        (*TRAIN, "--name", "new", "--strategy", "distill"),
        ("study", "run", "small.toml"),
    ],
)
def test_trainings_write_nothing_caches_included(arguments: tuple[str, ...], copied: Path) -> None:
    (copied / "small.toml").write_text(STUDY, encoding="utf-8")
    shutil.rmtree(copied / "runs" / ".cache")
    before = _tree(copied)
    assert " on disk" in works(*arguments, "--dry-run", "--device", "cpu").out
    assert _tree(copied) == before
    shutil.rmtree(copied / "runs")
    works(*arguments, "--dry-run", "--device", "cpu")
    assert not (copied / "runs").exists()
