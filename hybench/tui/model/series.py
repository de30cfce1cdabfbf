"""What training logs at every step, kept in at most `MOST` buckets however long the log."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hybench.runs.events import Event
from hybench.tui.draw.arrays import Array, Floats, np
from hybench.tui.draw.curves import Curve

AXES = ("step", "seconds", "examples")
"""What curves are drawn over: optimiser steps, seconds of training, training pairs seen."""

SERIES = (
    "loss", "loss_mono", "loss_cross", "loss_mixed", "lr", "grad_norm", "examples_per_second",
    "memory_mb",
)  # fmt: skip
"""Fields of a step event that are drawn."""

MOST = 4096
"""Buckets of a run: about 0.5 MB."""


class Buckets:
    """Step events of one run; two buckets become one when there are too many."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._rows: list[list[float]] = []
        self._missing: list[list[bool]] = []
        self.width = 1
        """Step events in a bucket."""
        self.last_step = float("-inf")
        """The last event's step."""
        self._axes = np.empty((0, len(AXES)))
        self._low, self._high, self._sum = (np.empty((0, len(SERIES))) for _ in range(3))
        self._count = np.empty((0, len(SERIES)))
        # The sum of what is not finite: 0 where all is, NaN where it is of several kinds.
        self._lost = np.empty((0, len(SERIES)))
        self._joined: tuple[Array, ...] | None = None
        self._over: dict[str, Floats] = {}

    def take(self, event: Event) -> None:
        """Take one step event in; a step that was there before replaces what came after it."""
        axes = [_number(event.get(name)) for name in AXES]
        if math.isnan(axes[0]):
            return
        self._joined = None
        if axes[0] <= self.last_step:
            self._rewind(axes[0])
        self.last_step = axes[0]
        self._rows.append(axes + [_number(event.get(name)) for name in SERIES])
        self._missing.append([not _is_number(event.get(name)) for name in SERIES])
        if len(self._rows) >= 512 and len(self._rows) >= 2 * self.width:
            self._settle()

    def curve(self, name: str, axis: str = "step") -> Curve:
        """One of `SERIES` over one of `AXES`."""
        axes, low, high, total, count, lost = self._every()
        at = SERIES.index(name)
        x, count, lost = self._along(axis), count[at], lost[at]
        there = count > 0
        bad = lost.nonzero()[0]
        kept = slice(None) if there.all() else there
        mean = total[at][kept] / count[kept]
        parts = (x[kept], low[at][kept], high[at][kept], mean, x[bad], lost[bad])
        return Curve(*parts, self._apart(axes[AXES.index("step")]))

    def _along(self, axis: str) -> Floats:
        """Where buckets stand on one of `AXES`: clocks that were set back would draw a curve twice
        over itself.
        """
        axes = self._every()[0]
        if axis not in self._over:
            values = np.nan_to_num(axes[AXES.index(axis)])
            self._over[axis] = np.maximum.accumulate(values) if len(values) else values
        return self._over[axis]

    def place(self, steps: Sequence[float], axis: str) -> Floats:
        """Where steps stand on one of `AXES`, f64 [n]."""
        given = np.array(steps, np.float64)
        if axis == "step":
            return given
        known = self.curve_axes()
        if not len(known):
            return np.zeros(len(given))
        return np.interp(given, known[:, 0], known[:, AXES.index(axis)])

    def curve_axes(self) -> Floats:
        """Step, seconds and examples of every bucket, f64 [n, 3]."""
        rows = np.array([row[: len(AXES)] for row in self._rows]).reshape(-1, len(AXES))
        every: Floats = np.nan_to_num(np.concatenate([self._axes, rows]))
        return every

    def _every(self) -> tuple[Array, ...]:
        """All buckets, those of the last events too, series by series: joined once for all."""
        if self._joined is None:
            self._settle()
            part = self._reduced(self._rows, self._missing, len(self._rows))
            parts = zip(self._parts(), part, strict=True)
            self._joined = tuple(np.ascontiguousarray(np.concatenate(pair).T) for pair in parts)
            self._over = {}
        return self._joined

    def _apart(self, steps: Floats) -> float:
        """Steps from bucket to bucket."""
        if len(steps) < 2:
            return 1.0
        return max(1.0, float(steps[-1] - steps[0]) / (len(steps) - 1))

    def _parts(self) -> tuple[Array, ...]:
        return (self._axes, self._low, self._high, self._sum, self._count, self._lost)

    def _keep(self, parts: Sequence[Array]) -> None:
        self._axes, self._low, self._high, self._sum, self._count, self._lost = parts

    def _rewind(self, step: float) -> None:
        """Drop what was logged at `step` and later: that training was killed and repeats it."""
        known = len(self._axes)
        kept = int(np.searchsorted(self._axes[:, 0], step)) if known else 0
        self._keep([part[:kept] for part in self._parts()])
        fresh = [at for at, row in enumerate(self._rows) if kept == known and row[0] < step]
        self._rows = [self._rows[at] for at in fresh]
        self._missing = [self._missing[at] for at in fresh]

    def _settle(self) -> None:
        """Move full buckets to the arrays."""
        while len(self._rows) >= self.width:
            fits = min(len(self._rows) // self.width, self._most - len(self._axes))
            events = fits * self.width
            part = self._reduced(self._rows[:events], self._missing[:events], self.width)
            self._keep([np.concatenate(pair) for pair in zip(self._parts(), part, strict=True)])
            del self._rows[:events], self._missing[:events]
            if len(self._axes) == self._most:
                self._halve()

    def _halve(self) -> None:
        axes, low, high, total, count, lost = self._parts()
        with np.errstate(invalid="ignore"):
            both = lost[::2] + lost[1::2]
        self._keep(
            [
                axes[1::2],
                np.fmin(low[::2], low[1::2]),
                np.fmax(high[::2], high[1::2]),
                total[::2] + total[1::2],
                count[::2] + count[1::2],
                both,
            ]
        )
        self.width *= 2

    def _reduced(
        self, rows: list[list[float]], missing: list[list[bool]], width: int
    ) -> tuple[Array, ...]:
        """Buckets of `width` events each."""
        if not rows:
            return tuple(part[:0] for part in self._parts())
        table = np.array(rows).reshape(-1, width, len(AXES) + len(SERIES))
        absent = np.array(missing).reshape(-1, width, len(SERIES))
        values = table[:, :, len(AXES) :]
        fine = np.isfinite(values)
        kept = np.where(fine, values, np.nan)
        with np.errstate(invalid="ignore"):
            lost = np.where(fine | absent, 0.0, values).sum(axis=1)
        return (
            table[:, -1, : len(AXES)],
            np.fmin.reduce(kept, axis=1),
            np.fmax.reduce(kept, axis=1),
            np.where(fine, values, 0.0).sum(axis=1),
            fine.sum(axis=1).astype(np.float64),
            lost,
        )


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _number(value: object) -> float:
    """A number as float; NaN for anything else, and for one too large for a float."""
    if isinstance(value, float):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**1000:
        return float(value)
    return float("nan")
