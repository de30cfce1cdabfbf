"""Sentences on one difference, with its numbers and caveats.

A sentence can be quoted without its table: it includes the caveats on the whole table. Its numbers
are the table's: points, which are ×100, of metrics between 0 and 1.
"""

from __future__ import annotations

from collections.abc import Sequence

from hybench.comparison.language_groups import SEEN, UNSEEN
from hybench.comparison.model import LANGUAGE, LOW, MEAN, Comparison, Difference, Outcome, Row
from hybench.comparison.training_marks import WORDS
from hybench.comparison.units import metric_style
from hybench.wording.amounts import counted, listed

_FEW_SEEDS = {1: "one seed", 2: "two seeds"}
"""Numbers of seeds too small to estimate chance in training, in words."""


def difference_sentence(
    comparison: Comparison, row: Row, arm: int, other: int, difference: Difference
) -> str:
    """A sentence on the difference between two arms.

    Args:
        comparison: the table.
        row: of the table.
        arm: column of the first.
        other: column of the reference.
        difference: the first minus the other.
    """
    first, second = (comparison.columns[at].label for at in (arm, other))
    where = f"{place(row)}{qualified(comparison, row, (arm, other))}"
    margin = margin_text(comparison)
    numbers = numbers_text(comparison, row, arm, other, difference)
    p = p_value(difference)
    if comparison.unfinished and difference.outcome not in {"identical", "too-few"}:
        return f"{first} against {second} {where}: {numbers}; not tested yet."
    if difference.significant:
        small = comparison.margin > 0 and difference.p_equivalence <= comparison.alpha
        within = f", by less than {margin}" if small else ""
        return f"{first} is {difference.outcome} than {second} {where}{within}: {numbers}, {p}."
    if difference.outcome == "equivalent":
        same = _p("corrected equivalence p", difference.p_equivalence)
        return f"{first} and {second} differ by no more than {margin} {where}: {numbers}, {same}."
    if difference.outcome == "identical":
        return _identical(comparison, row, arm, f"{first} and {second} are identical {where}")
    if difference.outcome == "too-few":
        return _too_few(row, difference, f"tell {first} from {second} {where}", numbers)
    wanted = needed_text(comparison, row, difference)
    rest = f"; {wanted}" if wanted else ""
    claim = f"Undecided whether {first} is better or worse than {second} {where}"
    return f"{claim}: {numbers}, {p}{rest}."


def _too_few(row: Row, difference: Difference, to_tell: str, numbers: str) -> str:
    least = 0.5 ** (difference.differing - 1)
    count = f"{difference.differing} of {row.sources:,} {_units(row)}"
    differ = "differs" if difference.differing == 1 else "differ"
    return (
        f"Too few queries to {to_tell}: {count} {differ}, of which a two-sided sign test can give "
        f"no p below {least:.4g}; {numbers}."
    )


def _identical(comparison: Comparison, row: Row, column: int, claim: str) -> str:
    cell = row.cells[column]
    value = "" if cell is None else number_text(comparison, cell.value)
    share = metric_style(comparison.metric).share
    each = "the only query" if row.queries == 1 else f"each of the {row.queries:,} queries"
    scores = f"{value} points of {comparison.metric}" if share else f"{comparison.metric} {value}"
    return f"{claim}: {scores}, the same for {each}."


def place(row: Row) -> str:
    """The languages of a row, after a verb."""
    languages = " ".join(row.languages)
    if row.kind == LANGUAGE or (row.kind == MEAN and len(row.languages) == 1):
        return f"on {languages}"
    if row.kind == MEAN:
        return f"on average over {counted(len(row.languages), 'languages')}"
    name = row.label.partition(" ")[0]
    told = {SEEN: "languages seen in training", UNSEEN: "languages unseen in training"}
    group = "low-resource languages" if row.kind == LOW else told.get(name, f"group {name}")
    return f"on the {group} ({languages})"


def qualified(comparison: Comparison, row: Row, arms: Sequence[int]) -> str:
    """The caveats of a sentence on some arms, in brackets; empty if there are none."""
    columns = [comparison.columns[at] for at in arms]
    found = []
    if row.queries < row.asked:
        found.append(f"{row.queries:,} of {row.asked:,} queries, which all runs have")
    seeds = [column.seeds for column in columns if column.seeds]
    few = _FEW_SEEDS.get(min(seeds)) if seeds else None
    if few:
        fewest = [column.label for column in columns if column.seeds == min(seeds)]
        found.append(few if len(fewest) == len(seeds) else f"{few} of {listed(fewest)}")
    found += [f"{column.label} {words}" for column in columns for words in column.weakened]
    found += _seen(comparison, row, arms)
    return f" ({'; '.join(found)})" if found else ""


def _seen(comparison: Comparison, row: Row, arms: Sequence[int]) -> list[str]:
    """Which models were trained on the set's training data, if not all were alike."""
    statuses = {
        comparison.columns[at].label: cell.seen
        for at in arms
        if (cell := row.cells[at]) is not None and comparison.columns[at].is_model
    }
    if len(set(statuses.values())) < 2:
        return []
    return [f"{label} {WORDS[each]}" for label, each in statuses.items() if each in WORDS]


def numbers_text(
    comparison: Comparison, row: Row, arm: int, other: int, difference: Difference
) -> str:
    """Both scores, their difference and its interval."""
    first, second = (
        "" if cell is None else number_text(comparison, cell.value)
        for cell in (row.cells[arm], row.cells[other])
    )
    style = metric_style(comparison.metric)
    lower = " (lower is better)" if style.lower_is_better else ""
    named = f"{comparison.metric}{lower} {first} against {second}"
    if style.share:
        named = f"{first} against {second} points of {comparison.metric}{lower}"
    return f"{named}, difference {difference_text(comparison, difference)}"


def difference_text(comparison: Comparison, difference: Difference) -> str:
    """A difference and its interval, which is not corrected, unlike p."""
    value = number_text(comparison, difference.value, signed=True)
    if difference.low is None or difference.high is None:
        return value
    low, high = (
        number_text(comparison, end, signed=True) for end in (difference.low, difference.high)
    )
    return f"{value} [{low}, {high}] uncorrected"


def needed_text(comparison: Comparison, row: Row, difference: Difference) -> str:
    """What it would take to detect a difference as large as the margin."""
    detectable, margin = difference.detectable, margin_text(comparison)
    if detectable is None:
        return ""
    where = place(row) if row.kind == LANGUAGE else ""
    if comparison.margin <= 0 or detectable <= comparison.margin:
        style = metric_style(comparison.metric)
        smallest = style.size(detectable, f".{style.decimals}f")
        return (
            f"the smallest difference found {where or 'here'} with 80 % power before correction is "
            f"{smallest}"
        )
    if difference.needed is None:
        return f"more queries alone would not show a difference of {margin}: it takes seeds"
    return (
        f"to see a difference of {margin} {where}{' ' if where else ''}would take about "
        f"{two_digits(difference.needed):,} {_units(row)} (there are {row.sources:,})"
    )


def _units(row: Row) -> str:
    return "queries" if row.sources == row.queries else "source queries"


def margin_text(comparison: Comparison) -> str:
    """The margin of equivalence in the table's unit."""
    return metric_style(comparison.metric).size(comparison.margin)


def two_digits(queries: int) -> int:
    """Two leading digits: the spread behind the number is only estimated."""
    step = int(10 ** max(0, len(str(queries)) - 2))
    return -(-queries // step) * step


def number_text(comparison: Comparison, value: float, *, signed: bool = False) -> str:
    """A value in the table's unit."""
    return metric_style(comparison.metric).text(value, signed=signed)


def p_value(difference: Difference) -> str:
    """The corrected p in words; ≤ if it is as small as the draws allow."""
    return _p("corrected p", difference.p_holm, floor=difference.floor)


def _p(name: str, p: float, *, floor: bool = False) -> str:
    if p < 0.001:
        return f"{name} < 0.001"
    return f"{name} ≤ {p:.3f}" if floor else f"{name} = {p:.3f}"


def outcome_counts(
    comparison: Comparison, outcomes: Sequence[tuple[str, Outcome | None]], other: str
) -> str:
    """How many arms are better than another, worse, and so on, with their labels.

    Args:
        comparison: the table.
        outcomes: of each arm, by its label; None where it has no value.
        other: its label.
    """
    parts = []
    for outcome, words in {
        "better": f"better than {other}",
        "worse": f"worse than {other}",
        "equivalent": f"no further than {margin_text(comparison)} from {other}",
        "identical": f"identical to {other}",
        "undecided": f"undecided against {other}",
        "too-few": f"with too few queries to tell from {other}",
    }.items():
        labels = [label for label, found in outcomes if found == outcome]
        if labels:
            parts.append(f"{len(labels)} {words} ({listed(labels)})")
    return "; ".join(parts)
