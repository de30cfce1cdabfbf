"""Dev scores of every language while arms train, and from when on an arm is ahead of another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hybench.tui.draw.arrays import Floats, np
from hybench.tui.draw.axes import limits
from hybench.tui.draw.curves import Curve
from hybench.tui.draw.table import Column, Field, Record, Table, rule
from hybench.tui.draw.text import short
from hybench.tui.model.arm_curves import Made, mean_curve
from hybench.tui.model.history import History
from hybench.tui.model.seed_intervals import Runs, seed_interval
from hybench.values.languages import language_name
from hybench.wording.amounts import signed

MEAN = "AVG"
"""The mean of the languages that all of the runs validate on."""

_HUNDRED = 100.0
"""Scores are shown as points."""


@dataclass(frozen=True)
class DevCurves:
    """Curves of dev scores, in points of nDCG@10.

    Attributes:
        arms: labels.
        languages: codes, and `MEAN` at the end where there are several.
        curves: by language and arm; None where an arm has no score there.
        places: steps at which any arm was validated, f64 [n].
        span: the least and the largest score, which all charts share; None without any.
        runs: by language and arm, the seeds of its runs and their curves; empty where not asked.
    """

    arms: tuple[str, ...]
    languages: tuple[str, ...]
    curves: dict[str, tuple[Made | None, ...]]
    places: Floats
    span: tuple[float, float] | None
    runs: dict[str, tuple[Runs, ...]] = field(default_factory=dict)


def dev_curves(
    arms: Sequence[tuple[str, Sequence[History]]],
    name: str,
    setting: str,
    seeds: Sequence[Sequence[int]] = (),
) -> DevCurves:
    """The dev curves of arms: the mean of their seeds, and their extremes.

    Args:
        arms: labels, and what was read of their runs.
        name: of the dev set.
        setting: mono, cross or multi.
        seeds: of the runs, arm by arm; with them, `DevCurves.runs` has their curves.
    """
    parts = [[each.language_curves(name, setting) for each in read] for _, read in arms]
    runs = [of_run for of_arm in parts for of_run in of_arm if of_run]
    codes = sorted({code for of_run in runs for code in of_run})
    shared = [code for code in codes if all(code in of_run for of_run in runs)]
    if len(shared) > 1:
        for of_run in runs:
            of_run[MEAN] = _averaged([of_run[code] for code in shared])
        codes.append(MEAN)
    curves = {
        code: tuple(_made([of_run[code] for of_run in each if code in of_run]) for each in parts)
        for code in codes
    }
    known = [made.curve for row in curves.values() for made in row if made is not None]
    places = np.unique(np.concatenate([np.empty(0), *(curve.x for curve in known)]))
    values = np.concatenate([np.empty(0), *(part for c in known for part in (c.low, c.high))])
    labels = tuple(label for label, _ in arms)
    by_seed = {
        code: tuple(
            tuple(
                (seed, _points(run[code]))
                for seed, run in zip(own, part, strict=True)
                if code in run
            )
            for own, part in zip(seeds, parts, strict=True)
        )
        for code in (codes if seeds else ())
    }
    span = limits(values, log=False)
    return DevCurves(labels, tuple(codes), curves, places, span, by_seed)


def _averaged(curves: Sequence[Curve]) -> Curve:
    """The mean of a run's languages where all were validated."""
    places = curves[0].x
    for curve in curves[1:]:
        places = np.intersect1d(places, curve.x)
    mean = np.mean([curve.mean[np.searchsorted(curve.x, places)] for curve in curves], axis=0)
    none = np.empty(0)
    return Curve(places, mean, mean, mean, none, none)


def _made(curves: Sequence[Curve]) -> Made | None:
    points = list(map(_points, curves))
    if not points:
        return None
    return Made(points[0]) if len(points) == 1 else mean_curve([(c, c.mean) for c in points])


def _points(curve: Curve) -> Curve:
    low, high, mean = (_HUNDRED * each for each in (curve.low, curve.high, curve.mean))
    return Curve(curve.x, low, high, mean, curve.lost, curve.odd)


def score_at(made: Made | None, place: float) -> float | None:
    """The last score up to a step; None before the first, and after the last."""
    if made is None or not len(made.curve) or place > made.curve.x[-1]:
        return None
    at = int(np.searchsorted(made.curve.x, place, side="right")) - 1
    return float(made.curve.mean[at]) if at >= 0 else None


def ahead_from(arm: Made | None, reference: Made | None) -> tuple[float, float, float] | None:
    """Since when an arm is ahead of another.

    Returns:
        The first step of those validated from which on it is, NaN where it is not at the last one;
        that last step; and the difference there. None where they have no step in common.
    """
    if arm is None or reference is None:
        return None
    places = np.intersect1d(arm.curve.x, reference.curve.x)
    if not len(places):
        return None
    ours, theirs = (
        each.curve.mean[np.searchsorted(each.curve.x, places)] for each in (arm, reference)
    )
    behind = np.flatnonzero(ours <= theirs)
    first = 0 if not len(behind) else int(behind[-1]) + 1
    since = float(places[first]) if first < len(places) else float("nan")
    return since, float(places[-1]), float(ours[-1] - theirs[-1])


def describe_language(found: DevCurves, code: str, reference: int) -> str:
    """Which arms are ahead of the reference in a language, and since which step."""
    if code not in found.curves or not found.arms:
        return ""
    row = found.curves[code]
    name = f"The mean of {len(found.languages) - 1} languages" if code == MEAN else code
    known = language_name(code)
    title = f"{name} ({known})" if known else name
    ahead, level, behind, steps, intervals = [], [], [], {}, 0
    for at, arm in enumerate(found.arms):
        since = None if at == reference else ahead_from(row[at], row[reference])
        if since is None:
            continue
        first, step, difference = since
        steps[arm] = step
        ends = seed_interval(found.runs.get(code, ()), at, reference, step)
        intervals += ends is not None
        size = signed(difference) + (f" [{signed(ends[0])}, {signed(ends[1])}]" if ends else "")
        if np.isnan(first) and difference == 0:
            level.append(arm)
        elif np.isnan(first):
            behind.append(f"{arm} ({size})")
        else:
            ahead.append(f"{arm} since step {short(first, 6)} ({size})")
    if not ahead + level + behind:
        return f"{title}: there is nothing to compare {found.arms[reference]} with yet."
    last = max(steps.values())
    early = [f"{arm} at step {short(step, 6)}" for arm, step in steps.items() if step < last]
    but = f" ({', '.join(early)})" if early else ""
    kinds = (("ahead of it", ahead), ("level with it", level), ("behind it", behind))
    said = [f"{what}: {', '.join(each)}" for what, each in kinds if each]
    chance = ", 95 % intervals over seeds alone" * (intervals > 0)
    return (
        f"{title}, against {found.arms[reference]} at step {short(last, 6)}{but}: "
        f"{'; '.join(said)}. "
        f"Means of dev scores{chance}; nothing is tested."
    )


def dev_table(found: DevCurves, place: float, colors: Sequence[int]) -> Table:
    """The scores of all arms in all languages at a step, and how they moved since the look before.

    Args:
        found: the curves.
        place: the step.
        colors: numbers of the arms' colours.
    """
    before = found.places[found.places < place]
    records = []
    for code in found.languages:
        scores = [score_at(made, place) for made in found.curves[code]]
        best = max((score for score in scores if score is not None), default=None)
        fields = [Field(code, "head"), Field(language_name(code))]
        for made, score in zip(found.curves[code], scores, strict=True):
            if score is None:
                fields.append(Field("… ", "quiet"))
                continue
            last = score_at(made, float(before[-1])) if len(before) else None
            moved = " " if last is None or last == score else "↑" if score > last else "↓"
            fields.append(Field(f"{score:.1f} {moved}", "best" if score == best else ""))
        if code == MEAN:
            records.append(rule("mean", pinned=True))
        records.append(Record(code, tuple(fields), pinned=code == MEAN))
    columns = (
        Column("lang", "left"),
        Column("language", "left", most=24),
        *(
            Column(arm, most=16, curve=color, alike=1)
            for arm, color in zip(found.arms, colors, strict=True)
        ),
    )
    return Table(columns, records, frozen=2)
