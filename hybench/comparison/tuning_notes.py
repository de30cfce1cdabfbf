"""Notes on how the arms of a comparison were tuned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hybench.runs.run import Run
from hybench.runs.tuning import tuning_of
from hybench.wording.amounts import counted, listed

_LISTED = 6
"""At most so many arms are named; the others are counted."""


def tuning_notes(arms: Sequence[tuple[str, Run]]) -> list[str]:
    """Which arms were tuned on dev, with how many trials, and what was chosen.

    Args:
        arms: those that were trained: their label, and one of their runs.
    """
    found = [(label, tuning_of(run)) for label, run in arms]
    tuned = [(label, tuning) for label, tuning in found if tuning is not None]
    if not tuned:
        return []
    counts = {label: len(tuning["tuned"]["trials"]) for label, tuning in tuned}
    seeds = len(tuned[0][1]["seeds"] or ())
    each = f"{counted(next(iter(counts.values())), 'trials')} each"
    if len(set(counts.values())) > 1:
        each = f"unequal numbers of trials ({listed([f'{a} {n}' for a, n in counts.items()])})"
    looks = sum(trial["looks"] for _, tuning in tuned for trial in tuning["tuned"]["trials"])
    chosen = listed([_chosen(label, tuning) for label, tuning in tuned], "; ", _LISTED)
    told = f"{counted(seeds, 'seeds')}, {counted(looks, 'looks')} at dev in all"
    notes = [f"Arms tuned on dev, {each} ({told}): {chosen}."]
    others = [label for label, tuning in found if tuning is None]
    if others:
        notes.append(f"Not tuned: {listed(others)}.")
    return notes


def _chosen(label: str, tuning: dict[str, Any]) -> str:
    values = tuning["tuned"]["values"]
    return f"{label} {', '.join(f'{name} {value:g}' for name, value in values.items())}"
