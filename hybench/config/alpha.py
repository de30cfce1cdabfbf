"""How α, the share of monolingual batches, changes in the course of a training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from hybench.errors import UsageError
from hybench.values.checks import within

Number = TypeVar("Number", int, float)

FLAG = "--alpha-schedule"
FORMS = "constant, linear:A:B, steps:N=A,N=B or dev"

_DO = f"Give {FORMS}, such as linear:1:0 or steps:200=0.5,400=0."


@dataclass(frozen=True)
class AlphaSchedule:
    """α by step, from 1.

    Attributes:
        kind: ``constant``; ``linear`` from one value at the first step to another at the last;
            ``steps``: another value from some step on; ``dev``: as validations decide.
        ends: of a linear schedule, at the first and at the last step.
        turns: steps and the α from each of them on, by step.
    """

    kind: Literal["constant", "linear", "steps", "dev"] = "constant"
    ends: tuple[float, float] = (0.0, 0.0)
    turns: tuple[tuple[int, float], ...] = ()

    @property
    def values(self) -> tuple[float, ...]:
        """The values of α that it names; those of a linear schedule lie between them."""
        return self.ends if self.kind == "linear" else tuple(alpha for _, alpha in self.turns)


def alpha_schedule(text: str | None) -> AlphaSchedule:
    """The schedule that ``--alpha-schedule`` names; None is constant.

    Raises:
        UsageError: it cannot be read, or a value is out of range.
    """
    name, _, rest = (text or "constant").partition(":")
    if name in {"constant", "dev"} and not rest:
        return AlphaSchedule(name)  # type: ignore[arg-type]
    if name == "linear" and rest.count(":") == 1:
        low, high = (_alpha(part, text) for part in rest.split(":"))
        return AlphaSchedule("linear", ends=(low, high))
    if name == "steps" and rest:
        turns = [_turn(part, text) for part in rest.split(",")]
        steps = [step for step, _ in turns]
        if steps != sorted(set(steps)):
            raise UsageError(f"{FLAG} is {text}.", "Name each step once, in ascending order.")
        return AlphaSchedule("steps", turns=tuple(turns))
    raise UsageError(f"{FLAG} is {text!r}.", _DO)


def _turn(part: str, text: str | None) -> tuple[int, float]:
    step, _, value = part.partition("=")
    number = _number(step, int, text)
    within(f"{FLAG}: a step", number, 1)
    return number, _alpha(value, text)


def _alpha(part: str, text: str | None) -> float:
    value = _number(part, float, text)
    within(f"{FLAG}: α", value, 0, 1)
    return value


def _number(part: str, kind: Callable[[str], Number], text: str | None) -> Number:
    try:
        return kind(part)
    except ValueError as error:
        raise UsageError(f"{FLAG} is {text!r}: {part!r} is no number.", _DO) from error
