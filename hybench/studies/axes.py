"""The values that a tuning tries for a field: some, or a range that is drawn from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, get_type_hints

from hybench.comparison.arms import BUDGET
from hybench.config.train import TrainConfig
from hybench.errors import UsageError
from hybench.values.typed import from_toml, typed

_DIGITS = 4
"""Significant digits of a random value."""


@dataclass(frozen=True)
class Range:
    """Values from one to another, drawn alike; with `log`, their logarithms."""

    low: float
    high: float
    log: bool = False

    def draw(self, uniform: float) -> float:
        """The value on which a draw of [0, 1) falls."""
        low, high = (math.log(self.low), math.log(self.high)) if self.log else (self.low, self.high)
        value = low + (high - low) * uniform
        return float(f"{math.exp(value) if self.log else value:.{_DIGITS}g}")


Axis = tuple[float, ...] | Range


def read_axes(table: Mapping[str, Any], where: str) -> dict[str, Axis]:
    """The values to try, by field.

    Raises:
        UsageError: a field is no number or part of the budget, or its values are wrong.
    """
    kinds = get_type_hints(TrainConfig)
    numeric = {
        item.name
        for item in fields(TrainConfig)
        if kinds[item.name] in (float, int, float | None, int | None)
    }
    found: dict[str, Axis] = {}
    for written, given in table.items():
        name, place = written.replace("-", "_"), f"{where}: {written}"
        if name not in numeric - {*BUDGET, "seed"}:
            known = " ".join(sorted(numeric - {*BUDGET, "seed"}))
            raise UsageError(f"{place} cannot be tuned.", f"Fields that can: {known}.")
        if isinstance(given, dict):
            axis = from_toml(Range, given, place)
            if not (0 if axis.log else -math.inf) < axis.low < axis.high < math.inf:
                raise UsageError(
                    f"{place} goes from {axis.low:g} to {axis.high:g}.",
                    "Let low be below high, and above 0 with log = true.",
                )
            found[name] = axis
            continue
        values = typed(given, tuple[float, ...], place)
        if not values or len(set(values)) < len(values):
            raise UsageError(f"{place} is {given!r}.", "Give several different values.")
        found[name] = values
    return found


def drawn(name: str, axis: Axis, seed: int, trial: int) -> float:
    """A random value, which depends on the seed, the field and the number of the trial alone."""
    from hybench.sampling import generator

    uniform = float(generator(seed, "tune", name, trial).random())
    value = axis.draw(uniform) if isinstance(axis, Range) else axis[int(uniform * len(axis))]
    return typed_value(name, value)


def typed_value(name: str, value: float) -> float:
    """A value as its field wants it."""
    whole = get_type_hints(TrainConfig)[name] in (int, int | None)
    return round(value) if whole else value
