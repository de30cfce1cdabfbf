"""``hybench mine``, and what other commands say of mined negatives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hybench.negatives.folder import open_negatives
from tests.cli.program import TRAIN, hybench, refused, works

MINE = ("mine", "mono", "--data", "toy", "--device", "cpu")


def test_negatives_are_mined_described_checked_and_trained_on(copied: Path) -> None:
    done = works(*MINE, "--count", 3, "--negatives", "any", "--relative-margin", "-5")
    assert "toy-by-mono · negatives of toy, mined by mono" in done.out
    assert done.err.splitlines()[-1] == (
        "Next: hybench train --data toy --hard-negatives toy-by-mono"
    )
    mined = open_negatives("toy-by-mono", copied / "data")
    assert mined.info.options["count"] == 3
    assert "Up to date." in works(*MINE, "--count", 3, "--negatives", "any",
                                  "--relative-margin", "-5").err  # fmt: skip
    said = works("info", "toy-by-mono").out
    assert "miner" in said
    assert f"SHA-256 {mined.info.miner_digest[:12]}" in said
    assert "negatives of toy, mined by mono" in said
    told = json.loads(works("info", "toy-by-mono", "--json").out)
    assert told["files"] == mined.info.files
    assert "4 files checked" in works("info", "--check", "toy-by-mono").err
    shown = works("batches", "--data", "toy", "--hard-negatives", "toy-by-mono").out
    assert "negative" in shown.splitlines()[2]
    trained = works(*TRAIN, "--hard-negatives", "toy-by-mono", "--negatives-per-query", 2)
    assert "toy-by-mono: " in trained.err
    assert (copied / "runs" / "hybrid+negatives-s0" / "model").is_dir()
    file = mined.path / "en.parquet"
    file.write_bytes(b"?")
    checked = hybench("info", "--check", "toy-by-mono")
    assert (checked.code, checked.out) == (1, "data/toy-by-mono/en.parquet\n")


@pytest.mark.parametrize("run", ["mono", "bm25"])
def test_a_dry_run_says_what_would_be_mined_and_does_nothing(copied: Path, run: str) -> None:
    before = sorted(copied.rglob("*"))
    done = works("mine", run, *MINE[2:], "--dry-run", "--negatives", "other")
    assert "180 queries in 3 languages to search for in 252 passages; about " in done.out
    assert sorted(copied.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nosuch", "--data", "toy"), "No run 'nosuch' in runs."),
        (("mono", "--data", "silent"), "silent has no training pairs to mine negatives for."),
        (("mono", "--data", "toy", "--count", "0"), "--count is 0."),
        (("mono", "--data", "toy", "--score-with", "nosuch"), "nosuch"),
        (("mono", "--data", "toy", "--name", "toy"), "--name toy is a data set."),
    ],
)
def test_mistakes(here: Path, arguments: tuple[str, ...], says: str) -> None:
    assert says in refused(2, "mine", *arguments)


def test_a_folder_without_negatives_is_not_described(here: Path) -> None:
    assert "No negatives 'toy' in data." in refused(2, "info", "toy")
