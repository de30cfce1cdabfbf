"""Runs into arms, and what is said of them."""

from __future__ import annotations

from hybench.compare.arms import arm_notes, make_arms
from tests.compare.conftest import CONFIG, MakeRun

BM25 = {"kind": "bm25", **dict.fromkeys((name for name in CONFIG if name != "kind"), None)}


def test_seeds_of_one_method_are_one_arm(make_run: MakeRun) -> None:
    runs = [
        make_run("hybrid-s1", config={"seed": 1}),
        make_run("mono-seed1", config={"seed": 1, "alpha": 1.0}),
        make_run("hybrid-s2", config={"seed": 2}),
        make_run("bm25", config=BM25),
        make_run("mono-seed2", config={"seed": 2, "alpha": 1.0}),
    ]
    grouped = make_arms(runs, group_seeds=True)
    assert [arm.label for arm in grouped] == ["hybrid", "mono", "bm25"]
    assert [arm.seeds for arm in grouped] == [2, 2, 0]
    assert [member.run.name for member in grouped[0].members] == ["hybrid-s1", "hybrid-s2"]
    assert grouped[1].members[0].monolingual
    assert not grouped[0].members[0].monolingual
    assert grouped[0].answers_to("hybrid-s2")
    assert grouped[0].answers_to("hybrid")
    alone = make_arms(runs, group_seeds=False)
    assert [arm.label for arm in alone] == [run.name for run in runs]


def test_labels_are_unlike_each_other(make_run: MakeRun) -> None:
    runs = [make_run("a", folder="x"), make_run("a", folder="y"), make_run("b", folder="x")]
    arms = make_arms(runs, group_seeds=False)
    assert [arm.label for arm in arms] == ["x/a", "y/a", "b"]
    runs = [
        make_run(f"run-{at}", config={"seed": at % 2, "alpha": float(at // 2)}) for at in range(4)
    ]
    assert [arm.label for arm in make_arms(runs, group_seeds=True)] == ["run-0", "run-2"]


def test_what_a_reader_must_know(make_run: MakeRun) -> None:
    runs = [
        make_run("mono", config={"alpha": 1.0}),
        make_run("taught", config={"strategy": "distill", "steps": 300, "data": ["a", "b"]}),
        make_run("bm25", config=BM25),
    ]
    notes = arm_notes(make_arms(runs, group_seeds=False))
    assert notes[0].startswith("Fewer than 3 seeds (mono 1, taught 1):")
    assert "Unequal budgets: data differs (mono atlas; taught a+b)." in notes
    assert "Unequal budgets: steps differs (mono 600; taught 300)." in notes
    assert "Unequal budgets: a teacher comes on top of the steps of taught." in notes
    assert len(notes) == 4


def test_nothing_to_say_of_three_seeds_of_equal_budgets(make_run: MakeRun) -> None:
    runs = [
        make_run(f"{name}-s{seed}", config={"seed": seed, "alpha": alpha})
        for name, alpha in [("mono", 1.0), ("cross", 0.0)]
        for seed in range(3)
    ]
    assert arm_notes(make_arms(runs, group_seeds=True)) == []


def test_a_repeated_seed_is_said(make_run: MakeRun) -> None:
    runs = [make_run(f"r-{at}", config={"seed": 0}) for at in range(2)]
    (arm,) = make_arms(runs, group_seeds=True)
    assert arm.seeds == 1
    assert any("runs of the same seed" in note for note in arm_notes([arm]))
