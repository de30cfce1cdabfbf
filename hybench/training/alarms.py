"""Alarms: signs of failure in a training's validations, as pure functions of their scores.

An alarm is raised when a state begins, not at every validation in it. (A loss or gradient that is
not a number is not an alarm: it ends the training.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

COLLAPSE = 0.95
"""Least mean cosine of random passages at which an encoder counts as collapsed."""

FALL = 0.05
"""How far below its own best score a language counts as fallen, in nDCG@10."""

STEADY = 0.01
"""How far the others may fall meanwhile without counting as falling."""


@dataclass(frozen=True)
class Alarm:
    """A sign of failure that a user should look at.

    Attributes:
        kind: ``collapse`` or ``language``.
        text: what happened, and what may help.
        language: of the queries whose score falls.
    """

    kind: str
    text: str
    language: str | None = None

    def to_event(self) -> dict[str, Any]:
        """Fields of its event."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def collapsed(cosines: Sequence[float]) -> bool:
    """Whether the vectors have collapsed: the last mean cosine is at least `COLLAPSE`."""
    return bool(cosines) and cosines[-1] >= COLLAPSE


def left_behind(scores: Mapping[str, Sequence[float]], language: str) -> bool:
    """Whether a language has fallen at the end while the others have not.

    That begins when its last two scores are both at least `FALL` below the best of all before them,
    while from the validation of that best to the last one the median of the other languages'
    changes is a gain, or a loss of `STEADY` at most. It ends with a score above that.

    Args:
        scores: by language, one per validation.
        language: one of them.
    """
    own = scores[language]
    others = [values for name, values in scores.items() if name != language]
    is_behind, best = False, 0
    for now in range(2, len(own)):
        best = max(best, now - 2, key=own.__getitem__)
        # Decimal fractions are not exact in binary: .80 to .75 is a fall of .05.
        fallen = max(own[now - 1], own[now]) <= own[best] - FALL + 1e-9
        if fallen and others and not is_behind:
            is_behind = median(values[now] - values[best] for values in others) >= -STEADY
        is_behind = is_behind and fallen
    return is_behind


def alarms(cosines: Sequence[float], scores: Mapping[str, Sequence[float]]) -> list[Alarm]:
    """The alarms of the last validation: states that hold now and did not hold before.

    Args:
        cosines: mean cosine of random passages, one per validation.
        scores: by query language, one per validation.
    """
    raised = []
    if collapsed(cosines) and not collapsed(cosines[:-1]):
        text = (
            f"the vectors collapse: the mean cosine of random passages is {cosines[-1]:.3f}; "
            "lower --learning-rate or raise --warmup"
        )
        raised.append(Alarm("collapse", text))
    before = {language: values[:-1] for language, values in scores.items()}
    for language, values in scores.items():
        if left_behind(scores, language) and not left_behind(before, language):
            text = (
                f"{language} falls while the other languages do not: {values[-1]:.3f} after "
                f"{max(values):.3f} at best; hybench batches --summary shows its share"
            )
            raised.append(Alarm("language", text, language))
    return raised
