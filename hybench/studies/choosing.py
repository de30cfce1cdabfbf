"""Chooses the values of tuned arms from their trials, by dev scores alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from hybench.runs.chain import teachers_of, training_ends
from hybench.runs.events import Event, read_events
from hybench.runs.run import Run
from hybench.studies.cells import Cell, Point
from hybench.studies.plan import Study
from hybench.studies.stages import chain
from hybench.studies.tuned import TrialResult, Tuned
from hybench.studies.tuning import Trial


def has_diverged(folder: Path, cell: Cell) -> bool:
    """Whether a training of a cell ended in what is no number, which it would do again."""
    for stage in chain(folder, cell.name, cell.configs):
        events = read_events(stage.run.events_file).events
        if events and events[-1]["event"] == "failed" and events[-1].get("diverged"):
            return True
    return False


def settled(study: Study, folder: Path) -> Study:
    """The study with the chosen values, where all trials of an arm at a point have ended."""
    if study.tuning is None or study.recipe is None:
        return study
    places: dict[tuple[str, Point], list[Trial]] = {}
    for trial in study.tuning.trials:
        places.setdefault((trial.arm, trial.point), []).append(trial)
    tuned: dict[tuple[str, Point], Tuned] = {}
    for place, trials in places.items():
        results = [_result(trial, folder) for trial in trials]
        known = [each for each in results if each is not None]
        scored = [each for each in known if each.score is not None]
        if len(known) == len(results) and scored:
            best = max(scored, key=lambda each: each.score or 0.0)  # the first of equal ones
            tuned[place] = Tuned(*place, best.values, tuple(known))

    def values_of(arm: str, point: Point) -> Mapping[str, float]:
        found = tuned.get((arm, point))
        return {} if found is None else found.values

    return replace(study, cells=study.recipe.cells(values_of), tuned=tuple(tuned.values()))


def untuned(study: Study) -> set[str]:
    """Names of the cells whose values are not chosen yet."""
    if study.tuning is None:
        return set()
    open_ = {(trial.arm, trial.point) for trial in study.tuning.trials}
    open_ -= {(each.arm, each.point) for each in study.tuned}
    return {cell.name for cell in study.cells if (cell.arm, cell.point) in open_}


def _result(trial: Trial, folder: Path) -> TrialResult | None:
    """What a trial came to; None if one of its trainings has not ended."""
    scores: list[float | None] = []
    looks, seconds = 0, 0.0
    works: list[Event] = []
    for cell in trial.cells:
        run = Run(folder / cell.name)
        ends = training_ends(run.events_file)
        last = [each["event"] for each in read_events(run.events_file).events[-1:]]
        if has_diverged(folder, cell):
            scores.append(None)
        elif last == ["done"]:
            scores.append(ends["done"].get("best_score"))
        else:
            return None
        done = ends.get("done", {})
        seconds += done.get("seconds") or 0.0
        taught = [each for each in teachers_of(ends) if each.get("trained")]
        taught += [of for each in teachers_of(ends) if isinstance(of := each.get("encoding"), dict)]
        works += [done, *taught]
        for stage in chain(folder, cell.name, cell.configs):
            events = read_events(stage.run.events_file).events
            looks += len({each["step"] for each in events if each["event"] == "validation"})
    known = [score for score in scores if score is not None]
    score = sum(known) / len(known) if len(known) == len(scores) else None
    sums = [_sum(works, name) for name in ("flops", "joules")]
    return TrialResult(trial.values, score, looks, round(seconds, 3), *sums)


def _sum(works: list[Event], name: str) -> float | None:
    values = [each.get(name) for each in works]
    known = [value for value in values if isinstance(value, int | float)]
    return float(sum(known)) if len(known) == len(values) else None
