"""Lines of curves against a budget."""

from __future__ import annotations

import pytest

from hybench.comparison.curve_documents import curve_sheets
from hybench.comparison.curve_lines import dial_text
from hybench.comparison.curves import Curve, curves
from hybench.comparison.gather import CompareOptions
from hybench.errors import StateError
from hybench.report.figures import curve_figure
from hybench.runs.run import Run
from tests.comparison.conftest import MakeRun, mono
from tests.comparison.test_budgets import log_training

SCORES = [0.1, 0.4, 0.3, 0.2]


def _run(make_run: MakeRun, name: str, seed: int, shown: int | None, **config: object) -> Run:
    scores = [score + 0.013 * seed * (at + 1) for at, score in enumerate(SCORES)]
    run = make_run(name, mono({"en": scores}), config={"seed": seed, **config})
    if shown is not None:
        log_training(run, shown)
    return run


@pytest.fixture
def by_steps(make_run: MakeRun) -> list[Run]:
    """Two arms of two budgets and seeds, validated more rarely where they are longer."""
    return [
        _run(
            make_run,
            f"{arm}-steps{steps}-s{seed}",
            seed,
            steps * each + seed,
            alpha=alpha,
            steps=steps,
            validate_every=steps // 10,
        )
        for arm, alpha, each in (("mono", 1.0, 350), ("cross", 0.0, 512))
        for steps in (4800, 600)
        for seed in (0, 1)
    ]


def _points(curve: Curve) -> dict[str, list[tuple[float, int]]]:
    return {line.arm: [(point.x, point.seeds) for point in line.points] for line in curve.lines}


def test_runs_that_differ_in_steps_make_a_line(by_steps: list[Run]) -> None:
    (curve,) = curves(by_steps, CompareOptions(draws=100, curve="steps"))
    assert _points(curve) == {
        "mono": [(600.0, 2), (4800.0, 2)],
        "cross": [(600.0, 2), (4800.0, 2)],
    }
    every = curves(by_steps, CompareOptions(draws=100))
    assert [each.field for each in every] == ["alpha", "steps"]
    (shown,) = curve_sheets([curve])
    assert [line.entries[0].text for line in shown.lines] == ["600", "4,800"]
    assert "mono at 4,800" in shown.notes[-1]


def test_examples_of_trainings_that_were_told_steps_are_those_shown(by_steps: list[Run]) -> None:
    (curve,) = curves(by_steps, CompareOptions(draws=100, curve="examples"))
    assert _points(curve) == {
        "mono": [(210_000.5, 2), (1_680_000.5, 2)],
        "cross": [(307_200.5, 2), (2_457_600.5, 2)],
    }
    figure = curve_figure("k", curve)
    assert ">210k<" in figure.svg
    assert ">2.46M<" in figure.svg
    assert "examples shown" in figure.svg
    for run in by_steps:
        run.events_file.unlink()
    with pytest.raises(StateError, match="differ in examples alone"):
        curves(by_steps, CompareOptions(curve="examples"))


def test_trainings_that_were_told_examples_stand_at_these(make_run: MakeRun) -> None:
    """Whatever steps they took: no line by steps is made of seeds."""
    runs = [
        _run(make_run, f"a-ex{examples}-s{seed}", seed, None, examples=examples,
             steps=examples // 500 + seed)
        for examples in (64_000, 512_000)
        for seed in (0, 1)
    ]  # fmt: skip
    found = curves(runs, CompareOptions(draws=100))
    assert [(curve.field, _points(curve)) for curve in found] == [
        ("examples", {"a": [(64_000.0, 2), (512_000.0, 2)]})
    ]
    with pytest.raises(StateError, match="differ in steps alone"):
        curves(runs, CompareOptions(curve="steps"))


def test_a_dial_in_words() -> None:
    assert [dial_text("steps", 4800.0), dial_text("alpha", 0.5)] == ["4,800", "0.5"]
