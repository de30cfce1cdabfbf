"""What became of each published number: measured, and judged by its tolerance; or why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from hybench.verification.bench import Measured
from hybench.verification.known import Known
from hybench.wording.amounts import signed
from hybench.wording.text_table import NOT_RUN, Entry, Line, Sheet

Verdict = Literal["verified", "missed", "near copy", "near copy, missed", "not judged", "not run"]
"""``near copy``: the weights are not the published ones, and the number is as near as their
rounding explains; such a model is never verified."""

MISSED: frozenset[Verdict] = frozenset({"missed", "near copy, missed"})

_TONES = {"verified": "best", "missed": "worse", "near copy, missed": "worse", "not run": "quiet"}
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Outcome:
    """The outcome of one published number.

    Attributes:
        known: the number.
        measured: None if it was not measured.
        reason: why not; else empty.
    """

    known: Known
    measured: Measured | None = None
    reason: str = ""

    @property
    def difference(self) -> float | None:
        """Measured minus published."""
        return None if self.measured is None else self.measured.value - self.known.value

    @property
    def tolerance(self) -> float | None:
        """The largest difference allowed; None if nothing can be judged."""
        exact = self.measured is None or self.measured.exact
        return self.known.tolerance if exact else self.known.near

    @property
    def verdict(self) -> Verdict:
        """The measured number against the published one."""
        if self.measured is None or self.difference is None:
            return "not run"
        if self.tolerance is None:
            return "not judged"
        within = abs(self.difference) <= self.tolerance + _ROUNDING
        if self.measured.exact:
            return "verified" if within else "missed"
        return "near copy" if within else "near copy, missed"

    def to_json(self) -> dict[str, Any]:
        """The number, its outcome and its conditions as JSON values."""
        return {
            **asdict(self.known),
            "measured": None if self.measured is None else self.measured.value,
            "exact": None if self.measured is None else self.measured.exact,
            "run": "" if self.measured is None else self.measured.run,
            "difference": self.difference,
            "verdict": self.verdict,
            "reason": self.reason,
        }


def outcome_sheet(outcomes: Sequence[Outcome]) -> Sheet:
    """Published beside measured; below, what was not run, and why."""
    measured = [each for each in outcomes if each.measured is not None]
    header = ("what", "on", "metric", "published", "measured", "difference", "tolerance", "verdict")
    reasons: dict[str, list[str]] = {}
    for each in outcomes:
        if each.measured is None:
            sized = each.known.kind == "counts"
            name = each.known.where if sized else f"{each.known.what} on {each.known.where}"
            names = reasons.setdefault(each.reason, [])
            if name not in names:
                names.append(name)
    notes = [f"Not run: {', '.join(names)}: {reason}." for reason, names in reasons.items()]
    sources = dict.fromkeys(each.known.source for each in measured)
    caption = (
        "near copy: other weights than the published ones; the tolerance is what their rounding "
        "explains. not judged: the conditions differ, or that tolerance is not known. "
        f"Sources: {'; '.join(sources)}."
    )
    counts = [f"{sum(each.verdict == name for each in outcomes)} {name}" for name in _counted()]
    title = f"published numbers · {', '.join(text for text in counts if text[0] != '0')}"
    return Sheet(title, header, 3, tuple(map(_line, measured)), caption, tuple(notes))


def _counted() -> tuple[Verdict, ...]:
    return ("verified", "near copy", "missed", "near copy, missed", "not judged", "not run")


def _line(outcome: Outcome) -> Line:
    known, measured = outcome.known, outcome.measured
    whole = known.kind == "counts"
    value, difference = (0.0, 0.0) if measured is None else (measured.value, outcome.difference)
    texts = (
        known.what,
        known.where,
        known.metric,
        f"{known.value:,.0f}" if whole else f"{known.value:.4f}",
        f"{value:,.0f}" if whole else f"{value:.4f}",
        f"{difference:+z,.0f}" if whole else signed(difference or 0.0, 4),
        NOT_RUN if outcome.tolerance is None else f"{outcome.tolerance:g}",
    )
    verdict = Entry(outcome.verdict, _TONES.get(outcome.verdict, ""))
    return Line((*map(Entry, texts), verdict))
