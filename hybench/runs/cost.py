"""What a stage of a run has cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar


@dataclass(frozen=True)
class Cost:
    """The cost of a stage; None where it is not known.

    Attributes:
        seconds: wall-clock seconds.
        tokens: that went through the encoder.
        flops: floating-point operations, as `hybench.encoders.arithmetic` counts them.
        joules: energy.
        power: where that is from: ``nvml``, ``rapl``, or ``W`` watts that were assumed.
    """

    seconds: float
    tokens: int | None = None
    flops: int | None = None
    joules: float | None = None
    power: str = ""

    def __add__(self, other: Cost) -> Cost:
        """The cost of both; what is not known of one is not known of the sum."""
        return Cost(
            round(self.seconds + other.seconds, 3),
            _sum(self.tokens, other.tokens),
            _sum(self.flops, other.flops),
            _rounded(_sum(self.joules, other.joules)),
            other.power or self.power,
        )


NOTHING = Cost(0.0, tokens=0, flops=0, joules=0.0)
"""The cost of no work."""

Number = TypeVar("Number", int, float)


def _rounded(joules: float | None) -> float | None:
    return None if joules is None else round(joules, 3)


def _sum(one: Number | None, other: Number | None) -> Number | None:
    return None if one is None or other is None else one + other
