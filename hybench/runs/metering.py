"""Measures what an encoder's work costs."""

from __future__ import annotations

import time
from collections.abc import Callable

from hybench.encoders.arithmetic import arithmetic
from hybench.encoders.encoder import Encoder
from hybench.runs.cost import Cost
from hybench.runs.energy import EnergyMeter


class Meter:
    """Measures the cost of encoding from its making on.

    Args:
        encoder: what encodes; of anything but an `Encoder`, only the time is measured.
        clock: seconds.

    Raises:
        UsageError: the variable of the processor's watts is no number.
    """

    def __init__(self, encoder: object, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._encoder = encoder if isinstance(encoder, Encoder) else None
        self._energy = EnergyMeter(str(self._encoder.device), clock) if self._encoder else None
        self._work = self._encoder.work if self._encoder else None
        self._begun = clock()

    def cost(self) -> Cost:
        """The cost since its making."""
        seconds = round(self._clock() - self._begun, 3)
        if self._encoder is None or self._energy is None or self._work is None:
            return Cost(seconds)
        work = self._encoder.work - self._work
        joules = self._energy.take()
        return Cost(
            seconds,
            tokens=work.tokens,
            flops=arithmetic(self._encoder.model).forward(work),
            joules=None if joules is None else round(joules, 3),
            power=self._energy.source,
        )
