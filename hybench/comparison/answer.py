"""Hybrid batches or distillation: the question of the bench, answered from a comparison."""

from __future__ import annotations

from collections.abc import Sequence

from hybench.comparison.model import MEAN, Comparison, Difference, Outcome, Pair, Row
from hybench.comparison.sentences import (
    difference_text,
    margin_text,
    number_text,
    p_value,
    place,
    qualified,
)
from hybench.comparison.units import metric_style
from hybench.wording.amounts import listed

QUESTION = "Hybrid batches or distillation?"

_WAYS = {"hybrid", "distill"}

_PAIRS = 4
"""At most so many pairs of a hybrid and a distilled arm have a sentence each."""

_APART: dict[Outcome, str] = {
    "better": "better than",
    "worse": "worse than",
    "equivalent": "no further than {margin} from",
    "identical": "identical to",
    "undecided": "not told apart from",
    "too-few": "not told apart, for too few queries differ, from",
}


def answer(comparison: Comparison) -> tuple[str, ...]:
    """Hybrid batches against distillation, a paragraph with a sentence for each average.

    Empty if the table lacks one of them.
    """
    asked = _asked(comparison)
    if not asked:
        return ()
    rows = dict.fromkeys(pair.row for pair in asked)
    told = [_of_row(comparison, row, [pair for pair in asked if pair.row == row]) for row in rows]
    return (" ".join([QUESTION, *told]),)


def short_answer(comparison: Comparison) -> str:
    """Only the average, in a clause for each hybrid arm; empty if the arms do not ask it."""
    asked = _asked(comparison)
    if not asked:
        return ""
    rows = list(dict.fromkeys(pair.row for pair in asked))
    at = next((row for row in rows if comparison.rows[row].kind == MEAN), rows[0])
    of_row = [pair for pair in asked if pair.row == at]
    if len(of_row) > _PAIRS:
        return _counts(comparison, of_row)
    style = metric_style(comparison.metric)
    told: dict[int, dict[Outcome, list[str]]] = {}
    for pair in of_row:
        hybrid, distilled = _hybrid_and_distilled(comparison, pair)
        difference = _hybrid_first(comparison, pair)
        size = style.text(difference.value, signed=True)
        named = f"{comparison.columns[distilled].label} ({size})"
        told.setdefault(hybrid, {}).setdefault(difference.outcome, []).append(named)
    margin = margin_text(comparison)
    clauses = []
    for hybrid, outcomes in told.items():
        each = [
            f"{_APART[outcome].format(margin=margin)} {listed(labels)}"
            for outcome, labels in outcomes.items()
        ]
        clauses.append(f"{comparison.columns[hybrid].label} is {', '.join(each)}")
    return "; ".join(clauses)


def _asked(comparison: Comparison) -> list[Pair]:
    """The pairs of a hybrid and a distilled arm."""
    ways = [column.way for column in comparison.columns]
    return [pair for pair in comparison.pairs if {ways[pair.first], ways[pair.second]} == _WAYS]


def _of_row(comparison: Comparison, at: int, pairs: Sequence[Pair]) -> str:
    row = comparison.rows[at]
    if len(pairs) > _PAIRS:
        arms = list(dict.fromkeys(arm for pair in pairs for arm in (pair.first, pair.second)))
        return f"{_over(comparison, row, arms)}, {_counts(comparison, pairs)}."
    return " ".join(_pair_sentence(comparison, row, each) for each in pairs)


def _counts(comparison: Comparison, pairs: Sequence[Pair]) -> str:
    """The number of pairs with each outcome."""
    found = [_hybrid_first(comparison, each).outcome for each in pairs]
    margin = margin_text(comparison)
    told = [
        f"{words.format(margin=margin)} the distilled arm in {found.count(outcome)}"
        for outcome, words in _APART.items()
        if outcome in found
    ]
    return f"of {len(pairs)} pairs the hybrid arm is {', '.join(told)}"


def _over(comparison: Comparison, row: Row, arms: Sequence[int]) -> str:
    """The languages of a row at the start of a sentence, with its caveats."""
    where = place(row)
    return f"{where[0].upper()}{where[1:]}{qualified(comparison, row, arms)}"


def _hybrid_and_distilled(comparison: Comparison, pair: Pair) -> tuple[int, int]:
    first = comparison.columns[pair.first].way == "hybrid"
    return (pair.first, pair.second) if first else (pair.second, pair.first)


def _hybrid_first(comparison: Comparison, pair: Pair) -> Difference:
    """The hybrid arm minus the distilled one."""
    if comparison.columns[pair.first].way == "hybrid":
        return pair.difference
    return pair.difference.turned()


def _pair_sentence(comparison: Comparison, row: Row, pair: Pair) -> str:
    difference = _hybrid_first(comparison, pair)
    hybrid, distilled = _hybrid_and_distilled(comparison, pair)
    labels = [comparison.columns[at].label for at in (hybrid, distilled)]
    values = [
        "" if cell is None else number_text(comparison, cell.value)
        for cell in (row.cells[hybrid], row.cells[distilled])
    ]
    words = _APART[difference.outcome].format(margin=margin_text(comparison))
    numbers = f"{values[0]} against {values[1]}, {difference_text(comparison, difference)}"
    over = _over(comparison, row, (hybrid, distilled))
    return f"{over}, {labels[0]} is {words} {labels[1]} ({numbers}, {p_value(difference)})."
