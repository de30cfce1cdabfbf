"""Runs into arms, and what is said of them."""

from __future__ import annotations

from hybench.comparison.arms import arm_notes, make_arms
from hybench.comparison.labels import shared_name
from hybench.runs.events import EventLog
from tests.comparison.conftest import CONFIG, MakeRun

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


def test_labels_of_a_studys_runs(make_run: MakeRun) -> None:
    """Seeds 1, 10 and 11 begin alike; what they have in common is no part of the label."""
    runs = [
        make_run(f"hybrid-a{alpha}-share{share}-s{seed}", config={
            "seed": seed, "alpha": alpha, "scarce": ["yo"], "share": share,
        })
        for alpha in (0.3, 0.4)
        for share in (0.01, 0.1)
        for seed in (1, 10, 11)
    ]  # fmt: skip
    assert [arm.label for arm in make_arms(runs, group_seeds=True)] == [
        "hybrid-a0.3-share0.01",
        "hybrid-a0.3-share0.1",
        "hybrid-a0.4-share0.01",
        "hybrid-a0.4-share0.1",
    ]
    assert shared_name(["mono-s1", "cross-s1"]) == ""
    assert shared_name(["hybrid1", "hybrid2"]) == "hybrid"
    assert shared_name(["mono", "mono-s1"]) == "mono"


def test_older_configs_had_no_scarce_languages(make_run: MakeRun) -> None:
    old, new, part = (
        make_run("old"),
        make_run("new", config={"seed": 1, "scarce": [], "share": 1.0}),
        make_run("part", config={"scarce": ["sw", "yo"], "share": 0.05}),
    )
    assert len(make_arms([old, new], group_seeds=True)) == 1
    notes = arm_notes(make_arms([old, new, part], group_seeds=False))
    assert "Unequal budgets: scarce differs (old none; new none; part sw+yo)." in notes
    assert "Unequal budgets: share differs (old 1.0; new 1.0; part 0.05)." in notes


def test_notes_on_many_arms_stay_short(make_run: MakeRun) -> None:
    runs = [make_run(f"r{at}", config={"steps": 100 * (at % 2 + 1)}) for at in range(30)]
    notes = arm_notes(make_arms(runs, group_seeds=False))
    assert "Unequal budgets: steps differs (100 in 15; 200 in 15)." in notes
    assert notes[0].startswith("Fewer than 3 seeds (r0 1, r1 1, r2 1 and 27 more)")


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


def test_lengths_that_a_config_leaves_to_the_encoder_are_the_encoders(make_run: MakeRun) -> None:
    given = make_run("given", config={"query_length": 64})
    own = make_run("own", config={"query_length": None})

    def said() -> list[str]:
        arms = make_arms([given, own], group_seeds=False)
        return [note for note in arm_notes(arms) if "query_length" in note]

    assert said() == ["Unequal budgets: query_length differs (given 64; own not said)."]
    log = EventLog(own.events_file)
    log.append("encoder", query_length=256)
    assert said() == ["Unequal budgets: query_length differs (given 64; own 256)."]
    log = EventLog(given.events_file)
    log.append("encoder", query_length=8)
    own.events_file.unlink()
    EventLog(own.events_file).append("encoder", query_length=64)
    assert said() == []
