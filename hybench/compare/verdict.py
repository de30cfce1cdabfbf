"""The verdict in words, from a comparison's numbers alone.

A sentence holds the numbers that it rests on, so that it can be quoted without its table. They
are the table's: points, which are ×100, of metrics between 0 and 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hybench.compare.arms import listed
from hybench.compare.comparison import (
    LANGUAGE,
    LOW,
    MEAN,
    Comparison,
    Difference,
    Outcome,
    Row,
    metric_style,
)
from hybench.compare.groups import SEEN, UNSEEN

_EACH = 6
"""So many arms have sentences of their own in a headline; more are summed up."""


@dataclass(frozen=True)
class Verdict:
    """What is said of one arm in one row.

    Attributes:
        column: position of the arm in `Comparison.columns`.
        row: position of the row in `Comparison.rows`.
        outcome: of the arm against the baseline.
        sentence: it in words, with its numbers.
    """

    column: int
    row: int
    outcome: Outcome
    sentence: str


def verdicts(comparison: Comparison) -> tuple[Verdict, ...]:
    """What can be said of every arm in every row, arm after arm, the averages first."""
    order = sorted(range(len(comparison.rows)), key=lambda at: comparison.rows[at].kind == LANGUAGE)
    found = []
    for column in range(len(comparison.columns)):
        for at in order:
            difference = _difference(comparison.rows[at], column)
            if difference is not None:
                said = _sentence(comparison, comparison.rows[at], column, difference)
                found.append(Verdict(column, at, difference.outcome, said))
    return tuple(found)


def headline(comparison: Comparison) -> tuple[str, ...]:
    """A few sentences that answer the question of the table, arm by arm.

    Of many arms, one sentence for each outcome of the average.
    """
    if comparison.baseline is None:
        return ()
    compared = [
        column
        for column in range(len(comparison.columns))
        if any(_difference(row, column) for row in comparison.rows)
    ]
    caveat = _caveat([comparison.columns[at].seeds for at in (comparison.baseline, *compared)])
    if len(compared) > _EACH:
        return (*_summed_up(comparison, compared), *caveat)
    return (*(" ".join(_arm(comparison, column)) for column in compared), *caveat)


def _caveat(seeds: Sequence[int]) -> tuple[str, ...]:
    """What single seeds leave open, said once."""
    if max(seeds) != 1:
        return ()
    return ("No arm has a second seed: this knows chance in the queries, not chance in training.",)


def _difference(row: Row, column: int) -> Difference | None:
    cell = row.cells[column]
    return None if cell is None else cell.difference


def _arm(comparison: Comparison, column: int) -> list[str]:
    """Of one arm: averages, languages counted, and what it would take to see more."""
    rows = [row for row in comparison.rows if _difference(row, column)]
    languages = [row for row in rows if row.kind == LANGUAGE]
    said = [
        _sentence(comparison, row, column, difference)
        for row in rows
        if (row.kind in {MEAN, LOW} or len(rows) == 1)
        and (difference := _difference(row, column)) is not None
    ]
    if len(languages) > 1:
        said.append(_by_language(comparison, languages, column))
    if any(" would take " in sentence for sentence in said):
        return said
    undecided = [row for row in languages if _outcome(row, column) == "undecided"]
    for row in sorted(undecided, key=lambda row: row.queries):
        difference = _difference(row, column)
        wanted = "" if difference is None else _wanted(comparison, row, difference)
        if wanted and not any(wanted in sentence for sentence in said):
            said.append(f"{wanted[0].upper()}{wanted[1:]}.")
            break
    return said


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
    return f"By language: {', '.join(parts)}."


def _words(comparison: Comparison) -> dict[Outcome, str]:
    margin = _margin(comparison)
    return {
        "better": "better",
        "worse": "worse",
        "equivalent": f"no difference larger than {margin}",
        "identical": "identical",
        "undecided": "undecided",
    }


def _summed_up(comparison: Comparison, compared: Sequence[int]) -> tuple[str, ...]:
    rows = [row for row in comparison.rows if row.kind == MEAN] or list(comparison.rows)
    row = next(row for row in rows if any(_difference(row, column) for column in compared))
    baseline = _baseline(comparison)
    of = f"Of {len(compared)} arms, {_where(row)} and in {comparison.metric}"
    parts = []
    for outcome, words in {
        "better": f"better than {baseline}",
        "worse": f"worse than {baseline}",
        "equivalent": f"no further than {_margin(comparison)} from {baseline}",
        "identical": f"identical to {baseline}",
        "undecided": f"undecided against {baseline}",
    }.items():
        labels = [
            comparison.columns[column].label
            for column in compared
            if _outcome(row, column) == outcome
        ]
        if labels:
            parts.append(f"{len(labels)} {words} ({listed(labels)})")
    return (f"{of}: {'; '.join(parts)}.",)


def _baseline(comparison: Comparison) -> str:
    return comparison.columns[comparison.baseline or 0].label


def _sentence(comparison: Comparison, row: Row, column: int, difference: Difference) -> str:
    arm, baseline, where = comparison.columns[column].label, _baseline(comparison), _where(row)
    margin = _margin(comparison)
    numbers = _numbers(comparison, row, column, difference)
    if difference.significant:
        small = comparison.margin > 0 and difference.p_equivalence <= comparison.alpha
        said = f"{arm} is {difference.outcome} than {baseline} {where}"
        within = f", by less than {margin}" if small else ""
        return f"{said}{within}: {numbers}, {_p('corrected p', difference.p_holm)}."
    if difference.outcome == "equivalent":
        said = f"{arm} and {baseline} differ by no more than {margin} {where}"
        return f"{said}: {numbers}, {_p('corrected equivalence p', difference.p_equivalence)}."
    if difference.outcome == "identical":
        return _identical(comparison, row, column)
    said = f"Undecided whether {arm} is better or worse than {baseline} {where}"
    wanted = _wanted(comparison, row, difference)
    rest = f"; {wanted}" if wanted else ""
    return f"{said}: {numbers}, {_p('corrected p', difference.p_holm)}{rest}."


def _identical(comparison: Comparison, row: Row, column: int) -> str:
    arm, baseline, cell = comparison.columns[column].label, _baseline(comparison), row.cells[column]
    value = "" if cell is None else _number(comparison, cell.value)
    share = metric_style(comparison.metric).share
    each = "the only query" if row.queries == 1 else f"each of the {row.queries:,} queries"
    scores = f"{value} points of {comparison.metric}" if share else f"{comparison.metric} {value}"
    return f"{arm} and {baseline} are identical {_where(row)}: {scores}, the same for {each}."


def _where(row: Row) -> str:
    """The languages of a row, after a verb."""
    languages = " ".join(row.languages)
    if row.kind == LANGUAGE or (row.kind == MEAN and len(row.languages) == 1):
        return f"on {languages}"
    if row.kind == MEAN:
        return f"on average over {len(row.languages)} languages"
    name = row.label.partition(" ")[0]
    told = {SEEN: "languages seen in training", UNSEEN: "languages unseen in training"}
    group = "low-resource languages" if row.kind == LOW else told.get(name, f"group {name}")
    return f"on the {group} ({languages})"


def _numbers(comparison: Comparison, row: Row, column: int, difference: Difference) -> str:
    cells = (row.cells[column], row.cells[comparison.baseline or 0])
    arm, baseline = ("" if cell is None else _number(comparison, cell.value) for cell in cells)
    value = _number(comparison, difference.value, signed=True)
    low, high = (_number(comparison, end, signed=True) for end in (difference.low, difference.high))
    style = metric_style(comparison.metric)
    lower = " (lower is better)" if style.lower_is_better else ""
    named = f"{comparison.metric}{lower} {arm} against {baseline}"
    if style.share:
        named = f"{arm} against {baseline} points of {comparison.metric}{lower}"
    return f"{named}, difference {value} [{low}, {high}]"


def _wanted(comparison: Comparison, row: Row, difference: Difference) -> str:
    """What it would take to see a difference as large as the margin."""
    detectable, margin = difference.detectable, _margin(comparison)
    if detectable is None:
        return ""
    where = _where(row) if row.kind == LANGUAGE else ""
    if comparison.margin <= 0 or detectable <= comparison.margin:
        style = metric_style(comparison.metric)
        smallest = style.size(detectable, f".{style.decimals}f")
        return f"the smallest difference found {where or 'here'} with 80 % power is {smallest}"
    if difference.needed is None:
        return f"more queries alone would not show a difference of {margin}: it takes seeds"
    return (
        f"to see a difference of {margin} {where}{' ' if where else ''}would take about "
        f"{_round(difference.needed):,} queries (there are {row.queries:,})"
    )


def _margin(comparison: Comparison) -> str:
    return metric_style(comparison.metric).size(comparison.margin)


def _round(queries: int) -> int:
    """Two leading digits: the number rests on a spread that is only estimated."""
    step = int(10 ** max(0, len(str(queries)) - 2))
    return -(-queries // step) * step


def _number(comparison: Comparison, value: float, *, signed: bool = False) -> str:
    style = metric_style(comparison.metric)
    rounded = round(value * style.factor, style.decimals) + 0.0  # which makes 0 of -0
    return f"{rounded:{'+' if signed else ''}.{style.decimals}f}"


def _p(name: str, p: float) -> str:
    return f"{name} < 0.001" if p < 0.001 else f"{name} = {p:.3f}"
