"""Training budgets of arms, counted from the logs of their runs, and where arms differ.

A config does not determine what is seen: with equal steps, a language with few pairs gives small
monolingual batches, and is as rare in cross-lingual ones as its pairs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from hybench.runs.chain import teachers_of, training_ends
from hybench.runs.events import Event

TOLERANCE = 0.02
"""Budgets differ if the largest is more than this share above the smallest."""

_COUNTS = {
    "examples": "examples",
    "pairs": "distinct pairs",
    "tokens": "tokens",
    "negatives": "negatives per query",
}
"""Fields of `Budget` that are compared, and their names in a sentence."""

_MOST_LANGUAGES = 2
"""At most so many languages are named, those in which arms differ most."""


@dataclass(frozen=True)
class Budget:
    """The training budget of an arm: means over its runs, each with those that it began with.

    Attributes:
        examples: pairs of a query and a passage, repeats counted.
        tokens: of these queries and passages.
        pairs: distinct pairs among them; None, like the next two, if a log lacks them.
        negatives: other passages that a query was compared with in its batch, mean over the
            examples.
        languages: share of the examples by language, sorted by code; an example whose query and
            passage are in two languages counts half for each.
        teacher_examples: examples of a teacher that was trained for it; None without one.
        teacher_tokens: likewise.
    """

    examples: float
    tokens: float
    pairs: float | None = None
    negatives: float | None = None
    languages: Mapping[str, float] | None = None
    teacher_examples: float | None = None
    teacher_tokens: float | None = None

    def shown_in(self, language: str) -> float:
        """Examples in a language; 0 if shares are unknown."""
        return self.examples * (self.languages or {}).get(language, 0.0)


def read_budget(logs: Sequence[Path]) -> Budget | None:
    """The budget of an arm from the event logs of its runs; None if a log lacks it."""
    ends = [training_ends(log) for log in logs]
    done = [each.get("done", {}) for each in ends]
    examples, tokens = _mean(done, "examples"), _mean(done, "tokens")
    if examples is None or tokens is None:
        return None
    shown = [each["exposure"] for each in done if isinstance(each.get("exposure"), dict)]
    shown = shown if len(shown) == len(done) else []
    teachers = [_summed(teachers_of(each)) for each in ends]
    return Budget(
        examples=examples,
        tokens=tokens,
        pairs=_mean(shown, "pairs"),
        negatives=_mean(shown, "negatives"),
        languages=_mean_shares([each.get("languages") for each in shown]),
        teacher_examples=_mean(teachers, "examples"),
        teacher_tokens=_mean(teachers, "tokens"),
    )


def _summed(teachers: Sequence[Event]) -> Event:
    """What the teachers of one training were shown."""
    counts = {name: [each.get(name) for each in teachers] for name in ("examples", "tokens")}
    known = {name: [value for value in of if value is not None] for name, of in counts.items()}
    return {name: sum(values) for name, values in known.items() if values}


def _mean(events: Sequence[Event], key: str) -> float | None:
    """The mean of a value over events; None if one of them lacks it."""
    values = [number for each in events if (number := _number(each.get(key))) is not None]
    return sum(values) / len(values) if values and len(values) == len(events) else None


def _mean_shares(shares: Sequence[Any]) -> dict[str, float] | None:
    if not shares or not all(isinstance(each, dict) for each in shares):
        return None
    codes = sorted({code for each in shares for code in each})
    return {
        code: sum(_number(each.get(code)) or 0.0 for each in shares) / len(shares) for code in codes
    }


def _number(value: Any) -> float | None:
    """A count or a share; None for anything else."""
    fits = isinstance(value, (int, float)) and 0 <= value < 1e18
    return float(value) if fits else None


def budget_lines(budgets: Sequence[Budget | None]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Budgets as lines of a table: a name, and a text by arm, empty if unknown.

    ``least shown`` is the language with the fewest examples, and its share of them.
    """
    values = [
        *((name, [getattr(each, name, None) for each in budgets]) for name in _COUNTS),
        ("teacher", [getattr(each, "teacher_examples", None) for each in budgets]),
    ]
    lines = [
        (name, tuple("" if each is None else compact(each) for each in found))
        for name, found in values
    ]
    lines.append(("least shown", tuple(map(_least_shown, budgets))))
    return tuple((name, texts) for name, texts in lines if any(texts))


def _least_shown(budget: Budget | None) -> str:
    if budget is None or not budget.languages:
        return ""
    shares = budget.languages
    code = min(shares, key=lambda each: shares[each])
    return f"{code} {_percent(shares[code])}"


def compact(number: float) -> str:
    """A number with three digits: ``512k``, ``15.6M``."""
    rounded = float(f"{number:.3g}")
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if rounded >= limit:
            return f"{rounded / limit:g}{unit}"
    return f"{rounded:g}"


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"


def budget_differences(labels: Sequence[str], budgets: Sequence[Budget | None]) -> tuple[str, ...]:
    """How the arms' budgets differ, as one text to quote; empty if they do not.

    Args:
        labels: of the arms.
        budgets: their known budgets; arms without one are skipped.
    """
    known = {
        label: budget for label, budget in zip(labels, budgets, strict=False) if budget is not None
    }
    counts = _counts(known)
    languages = _languages(known)
    if not counts and not languages:
        return ()
    parts = [", ".join(counts)] if counts else []
    parts += [f"examples of {' and of '.join(languages)}"] if languages else []
    said = f"The arms were not shown the same: {'; '.join(parts)}."
    said += " A difference between them may be of exposure, not only of method"
    equal = "; with --examples N, training shows every arm as many"
    return (f"{said}{equal if counts and counts[0].startswith('examples') else ''}.",)


def _counts(known: Mapping[str, Budget]) -> list[str]:
    """The counts in which arms differ; tokens only if they do not go with the examples."""
    found = {
        name: _differing({label: getattr(each, name) for label, each in known.items()}, words)
        for name, words in _COUNTS.items()
    }
    each_has = {label: each.tokens / max(1.0, each.examples) for label, each in known.items()}
    if found["examples"] and _ends(each_has) is None:
        found["tokens"] = ""
    return [said for said in found.values() if said]


def _ends(values: Mapping[str, float]) -> tuple[str, str] | None:
    """The labels of the smallest and the largest value; None if they do not differ."""
    if len(values) < 2:
        return None
    low, high = (
        min(values, key=lambda each: values[each]),
        max(values, key=lambda each: values[each]),
    )
    return (low, high) if values[high] > (1 + TOLERANCE) * values[low] else None


def _differing(values: Mapping[str, float | None], words: str) -> str:
    """A count in which arms differ, with its extremes; empty if they do not, or one is unknown."""
    known = {label: value for label, value in values.items() if value is not None}
    ends = _ends(known) if len(known) == len(values) else None
    if ends is None:
        return ""
    low, high = ends
    if words == "examples":
        return f"{words} {known[low]:,.0f} ({low}) to {known[high]:,.0f} ({high})"
    return f"{words} {compact(known[low])} ({low}) to {compact(known[high])} ({high})"


def _languages(known: Mapping[str, Budget]) -> list[str]:
    """The languages in which arms differ most, and more than in the total of examples."""
    if any(each.languages is None for each in known.values()):
        return []
    found: dict[str, tuple[float, str]] = {}
    for code in sorted({code for each in known.values() for code in each.languages or {}}):
        ends = _ends({label: each.shown_in(code) for label, each in known.items()})
        if ends is None:
            continue
        shares = {label: (known[label].languages or {}).get(code, 0.0) for label in ends}
        if _ends(shares) is None:
            continue
        counts = [known[label].shown_in(code) for label in ends]
        of_arms = [
            f"{count:,.0f} ({label}, {_percent(shares[label])})"
            for count, label in zip(counts, ends, strict=True)
        ]
        factor = counts[1] / counts[0] if counts[0] else inf
        found[code] = factor - 1, f"{code} {' to '.join(of_arms)}"
    worst = sorted(found.values(), key=lambda each: -each[0])[:_MOST_LANGUAGES]
    # A second one is named if it is about as far apart.
    return [said for excess, said in worst if excess >= worst[0][0] / 2]
