"""Intervals of differences of dev scores, over the seeds that have them so far.

A dev score is a mean: its queries are not known one by one, so the interval has chance in training
alone. It is the one of `hybench compare` for arms whose queries do not vary: a difference whose
variance is that of seeds, pooled over the arms (`hybench.statistics.seeds`).
"""

from __future__ import annotations

from collections.abc import Sequence

from hybench.tui.draw.arrays import np
from hybench.tui.draw.curves import Curve

Runs = tuple[tuple[int, Curve], ...]
"""Seeds of an arm's runs, and their curves."""

_MANY = 1e9
"""Degrees of freedom of what does not vary."""


def seed_interval(
    arms: Sequence[Runs], arm: int, reference: int, step: float
) -> tuple[float, float] | None:
    """The 95 % interval of an arm's mean minus the reference's at a step.

    Args:
        arms: all of them: chance in training is pooled over those that reach the step.
        arm: position of one.
        reference: of the other.
        step: at which both have a score.

    Returns:
        None while no arm has two seeds there, or nothing varies.
    """
    from hybench.statistics.intervals import Estimate
    from hybench.statistics.pooled_seeds import Trained
    from hybench.statistics.seeds import SeedSpread

    trained = {}
    for at, runs in enumerate(arms):
        there = [
            (seed, float(np.interp(step, curve.x, curve.mean)))
            for seed, curve in runs
            if len(curve) and curve.x[0] <= step <= curve.x[-1]
        ]
        if there:
            seeds = tuple(seed for seed, _ in there)
            trained[at] = Trained(seeds, np.array([score for _, score in there]), 0.0)
    if not {arm, reference} <= trained.keys():
        return None
    chance = SeedSpread(trained).chance(arm, reference)
    if chance is None or chance.variance == 0:
        return None
    value = float(trained[arm].means.mean() - trained[reference].means.mean())
    return Estimate(value, 0.0, 0.0, _MANY, *chance.variances()).interval()
