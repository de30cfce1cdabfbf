"""``hybench demo``, on two of the embedded set's languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybench.runs.run import find_runs
from tests.cli.program import hybench, names_in, refused, works

ARMS = ["cross", "distill", "hybrid", "mono"]


@pytest.mark.process
@pytest.mark.slow
@pytest.mark.usefixtures("forked")
def test_demo(empty: Path) -> None:
    small = ("demo", "--steps", "2", "-l", "en,sw", "--in", "here")
    done = works(*small)
    assert [run.name for run in find_runs([empty / "here" / "runs"])] == ARMS
    for setting in ("mono", "cross", "multi"):
        assert f"atlas (test) · {setting} · AP ×100" in done.out
    assert [f"language bias of {arm}:" in done.out for arm in ARMS] == [True] * 4
    said = done.err.splitlines()
    assert [line[:3] for line in said if line[1:3] == "/3"] == ["1/3", "2/3", "3/3"]
    [compare, bm25, prepare] = [
        line.split("#")[0].split() for line in said if line.startswith("  hybench")
    ]
    for command in (compare, bm25, prepare):
        assert works(*command[1:]).out
    models = [(empty / "here" / "runs" / arm / "model").stat().st_mtime_ns for arm in ARMS]
    again = works(*small)
    assert ": done" not in again.err
    assert again.out.splitlines()[0] == done.out.splitlines()[0]
    assert models == [(empty / "here" / "runs" / arm / "model").stat().st_mtime_ns for arm in ARMS]
    other = hybench("demo", "--steps", "3", "-l", "en,sw", "--in", "here")
    assert other.code == 1
    assert "error: here/runs/mono was trained with other options." in other.err
    assert "--force" in other.err


@pytest.mark.process
@pytest.mark.slow
@pytest.mark.usefixtures("forked")
def test_a_demo_from_another_model(
    empty: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(empty / "cache"))
    done = works("demo", "--steps", "2", "-l", "en,sw", "--init", str(checkpoint))
    assert [run.name for run in find_runs([empty / "demo" / "runs"])] == ["base", *ARMS]
    assert f"one seed of static embeddings made from {checkpoint}" in done.err
    assert "Against the model that an arm began with" in done.out


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("--steps", "0"), "--steps is 0."),
        (("--seed", "-1"), "--seed is -1."),
        (("--device", "tpu"), "--device is 'tpu'."),
    ],
)
def test_a_wrong_flag_is_found_before_any_work(
    flags: tuple[str, ...], says: str, empty: Path
) -> None:
    assert says in refused(2, "demo", *flags)
    assert names_in(empty) == []


def test_a_file_in_the_way(empty: Path) -> None:
    (empty / "taken").write_text("not a folder")
    assert "Cannot write taken/data/atlas" in refused(1, "demo", "--in", "taken")
