"""Measures what an encoder's work costs."""

from __future__ import annotations

import time
from collections.abc import Callable

from hybench.encoders.arithmetic import arithmetic
from hybench.encoders.encoder import Encoder
from hybench.runs.cost import Cost
from hybench.runs.energy import EnergyMeter


class Meter:
    """Measures the cost of some work from its making on.

    Args:
        encoders: what encodes in it, on one device; none if nothing is encoded. Of anything but an
            `Encoder`, only the time is measured.
        clock: seconds.

    Raises:
        UsageError: the variable of the processor's watts is no number.
    """

    def __init__(self, *encoders: object, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._encoders = [each for each in encoders if isinstance(each, Encoder)]
        known = len(self._encoders) == len(encoders)
        device = str(self._encoders[0].device) if self._encoders else "cpu"
        self._energy = EnergyMeter(device, clock) if known else None
        self._work = [encoder.work for encoder in self._encoders]
        self._begun = clock()

    def cost(self) -> Cost:
        """The cost since its making."""
        seconds = round(self._clock() - self._begun, 3)
        if self._energy is None:
            return Cost(seconds)
        tokens = flops = 0
        for encoder, before in zip(self._encoders, self._work, strict=True):
            work = encoder.work - before
            tokens += work.tokens
            flops += arithmetic(encoder.model).forward(work)
        joules = self._energy.take()
        return Cost(
            seconds,
            tokens=tokens,
            flops=flops,
            joules=None if joules is None else round(joules, 3),
            power=self._energy.source,
        )
