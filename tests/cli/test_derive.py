"""``hybench derive`` on the command line."""

from __future__ import annotations

from pathlib import Path

from tests.cli.program import refused, works


def test_a_run_is_derived_evaluated_and_searched(copied: Path) -> None:
    said = works("derive", "shifted", "--from", "mono", "--method", "shift", "--data", "toy")
    assert "shifted · shift of mono by toy" in said.out
    assert [line.split()[:2] for line in said.out.splitlines() if line[:2] == "yo"] == [
        ["yo", "60"]
    ]
    assert "Next: hybench eval shifted" in said.err
    works("eval", "shifted", "--data", "toy")
    asked = ("search", "pupa búlúù", "--run", "shifted", "--data", "toy")
    assert "which is not said" in refused(2, *asked)
    assert works(*asked, "--query-language", "yo", "-k", "3").out
    table = works("compare", "mono", "shifted", "--data", "toy", "--setting", "multi").out
    assert "shifted" in table


def test_weights_are_merged(copied: Path) -> None:
    merge = ("--from", "mono", "--method", "merge", "--with", "hybrid:0.5")
    assert "merged (linear)" in works("derive", "merged", *merge).out
    assert "exists" in refused(1, "derive", "merged", *merge)
    assert "--density is given" in refused(2, "derive", "new", *merge, "--density", ".5")
    assert "derived" in works("status", "runs", "--json").out


def test_the_help_names_the_methods(empty: Path) -> None:
    said = works("derive", "--help").out
    for name in ("center", "shift", "whiten", "procrustes", "linear", "slerp", "ties", "dare"):
        assert name in said
