"""The verdict of a comparison in words, from its numbers alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hybench.comparison.answer import answer
from hybench.comparison.budgets import budget_differences
from hybench.comparison.gains import gain_sentences
from hybench.comparison.model import (
    LANGUAGE,
    LOW,
    MEAN,
    Comparison,
    Difference,
    Outcome,
    Row,
)
from hybench.comparison.sentences import (
    difference_sentence,
    margin_text,
    needed_text,
    outcome_counts,
    place,
    qualified,
)
from hybench.wording.amounts import listed

_EACH = 6
"""At most so many arms have sentences of their own in a headline; more are summed up."""


@dataclass(frozen=True)
class Verdict:
    """The verdict on one arm in one row.

    Attributes:
        column: position of the arm in `Comparison.columns`.
        row: position of the row in `Comparison.rows`.
        outcome: of the arm against the baseline.
        sentence: the outcome in words, with its numbers.
    """

    column: int
    row: int
    outcome: Outcome
    sentence: str


def verdicts(comparison: Comparison) -> tuple[Verdict, ...]:
    """The verdicts on every arm in every row, arm by arm, the averages first."""
    order = sorted(range(len(comparison.rows)), key=lambda at: comparison.rows[at].kind == LANGUAGE)
    found = []
    for column in range(len(comparison.columns)):
        for at in order:
            difference = _difference(comparison.rows[at], column)
            if difference is not None:
                sentence = _sentence(comparison, comparison.rows[at], column, difference)
                found.append(Verdict(column, at, difference.outcome, sentence))
    return tuple(found)


def headline(comparison: Comparison) -> tuple[str, ...]:
    """Sentences that answer the question of the table: hybrid or distillation first, then by arm.

    Of many arms, one sentence for each outcome of the average.
    """
    if comparison.baseline is None:
        return ()
    if comparison.unfinished:
        return (comparison.unfinished, *caveats(comparison))
    compared = _compared(comparison)
    title = answer(comparison) if len(compared) != 1 else ()
    if len(compared) > _EACH:
        each = _summed_up(comparison, compared)
    else:
        each = tuple(" ".join(_arm(comparison, column)) for column in compared)
    return (*title, *each, *gain_sentences(comparison), *caveats(comparison))


def caveats(comparison: Comparison) -> tuple[str, ...]:
    """The caveats of the whole verdict: single seeds, and arms with different budgets."""
    if comparison.baseline is None:
        return ()
    seeds = [comparison.columns[at].seeds for at in (comparison.baseline, *_compared(comparison))]
    labels = [each.label for each in comparison.columns]
    return _of_seeds(seeds) + budget_differences(labels, comparison.budgets)


def _of_seeds(seeds: Sequence[int]) -> tuple[str, ...]:
    """The caveat on single seeds."""
    if max(seeds) != 1:
        return ()
    return ("No arm has a second seed: this knows chance in the queries, not chance in training.",)


def _compared(comparison: Comparison) -> list[int]:
    """The arms that are compared with the baseline."""
    return [
        column
        for column in range(len(comparison.columns))
        if any(_difference(row, column) for row in comparison.rows)
    ]


def _difference(row: Row, column: int) -> Difference | None:
    cell = row.cells[column]
    return None if cell is None else cell.difference


def _arm(comparison: Comparison, column: int) -> list[str]:
    """The sentences on one arm: averages, counts of languages, and what more would take."""
    rows = [row for row in comparison.rows if _difference(row, column)]
    languages = [row for row in rows if row.kind == LANGUAGE]
    sentences = [
        _sentence(comparison, row, column, difference)
        for row in rows
        if (row.kind in {MEAN, LOW} or len(rows) == 1)
        and (difference := _difference(row, column)) is not None
    ]
    if len(languages) > 1:
        sentences.append(_by_language(comparison, languages, column))
    if any(" would take " in sentence for sentence in sentences):
        return sentences
    undecided = [row for row in languages if _outcome(row, column) == "undecided"]
    for row in sorted(undecided, key=lambda row: row.queries):
        difference = _difference(row, column)
        wanted = "" if difference is None else needed_text(comparison, row, difference)
        if wanted and not any(wanted in sentence for sentence in sentences):
            sentences.append(f"{wanted[0].upper()}{wanted[1:]}.")
            break
    return sentences


def _sentence(comparison: Comparison, row: Row, column: int, difference: Difference) -> str:
    return difference_sentence(comparison, row, column, comparison.baseline or 0, difference)


def _outcome(row: Row, column: int) -> Outcome | None:
    difference = _difference(row, column)
    return None if difference is None else difference.outcome


def _by_language(comparison: Comparison, languages: Sequence[Row], column: int) -> str:
    parts = []
    for outcome, words in _words(comparison).items():
        labels = [row.label for row in languages if _outcome(row, column) == outcome]
        if labels:
            names = f" ({' '.join(labels)})" if len(labels) <= _EACH else ""
            parts.append(f"{words} in {len(labels)}{names}")
    partial = [
        f"{row.label} with {row.queries:,} of {row.asked:,} queries"
        for row in languages
        if row.queries < row.asked
    ]
    only = f" ({listed(partial)})" if partial else ""
    return f"By language{only}: {', '.join(parts)}."


def _words(comparison: Comparison) -> dict[Outcome, str]:
    margin = margin_text(comparison)
    return {
        "better": "better",
        "worse": "worse",
        "equivalent": f"no difference larger than {margin}",
        "identical": "identical",
        "undecided": "undecided",
        "too-few": "too few queries",
    }


def _summed_up(comparison: Comparison, compared: Sequence[int]) -> tuple[str, ...]:
    rows = [row for row in comparison.rows if row.kind == MEAN] or list(comparison.rows)
    row = next(row for row in rows if any(_difference(row, column) for column in compared))
    baseline = _baseline(comparison)
    weak = qualified(comparison, row, [*compared, comparison.baseline or 0])
    of = f"Of {len(compared)} arms, {place(row)}{weak} and in {comparison.metric}"
    outcomes = [(comparison.columns[column].label, _outcome(row, column)) for column in compared]
    return (f"{of}: {outcome_counts(comparison, outcomes, baseline)}.",)


def _baseline(comparison: Comparison) -> str:
    return comparison.columns[comparison.baseline or 0].label
