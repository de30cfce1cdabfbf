"""Comparisons of all pairs of trained arms on the averages, and their letters."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from string import ascii_lowercase

from hybench.comparison.differences import Question, RowOfArms, correct
from hybench.comparison.model import LOW, MEAN, Pair, Row

MOST_ARMS = 32
"""With more trained arms, pairs are not compared: too many tests for any power."""

MOST_LETTERS = 100
"""With more, no letters are given: nobody could read them."""


def averages(rows: Sequence[Row]) -> list[int]:
    """The rows that pairs are compared on: AVG and LOW, or the only language."""
    means = [at for at, row in enumerate(rows) if row.kind in {MEAN, LOW}]
    return means or ([0] if len(rows) == 1 else [])


def compare_pairs(
    rows: Sequence[Row], arms: Sequence[RowOfArms], trained: Collection[int], question: Question
) -> tuple[Pair, ...]:
    """All pairs of trained arms on the averages, corrected as one family.

    Args:
        rows: of the table.
        arms: of each row.
        trained: positions of the arms to compare.
        question: what to compute.

    Returns:
        Nothing for fewer than two arms, or for more than `MOST_ARMS`.
    """
    if not 2 <= len(trained) <= MOST_ARMS:
        return ()
    places = [
        (row, first, second)
        for row in averages(rows)
        for first, second in combinations(sorted(trained), 2)
        if rows[row].cells[first] is not None and rows[row].cells[second] is not None
    ]
    found = [arms[row].difference(first, second, question) for row, first, second in places]
    corrected = correct(found, question.metric)
    return tuple(
        Pair(*place, difference) for place, difference in zip(places, corrected, strict=True)
    )


def letters(pairs: Sequence[Pair], values: Mapping[int, float]) -> dict[int, str]:
    """Letters by arm: two arms share one if and only if they are not significantly different.

    Piepho's (2004) insert-and-absorb algorithm, doi 10.1198/1061860043515. The arms with ``a`` are
    those not significantly different from the best.

    Args:
        pairs: of one row.
        values: means of the arms in them, the higher the better.

    Returns:
        Nothing if more than `MOST_LETTERS` are needed.
    """
    groups = [frozenset(values)]
    for pair in pairs:
        if not pair.difference.significant:
            continue
        split: list[frozenset[int]] = []
        for group in groups:
            both = {pair.first, pair.second} <= group
            split += [group - {pair.first}, group - {pair.second}] if both else [group]
        groups = [
            group
            for at, group in enumerate(split)
            if not any(
                group < other or (group == other and at > place)
                for place, other in enumerate(split)
            )
        ]
        if len(groups) > MOST_LETTERS:
            return {}
    order = sorted(values, key=lambda arm: -values[arm])
    groups.sort(key=lambda group: [order.index(arm) for arm in order if arm in group])
    named = list(zip(_names(len(groups)), groups, strict=True))
    return {arm: "".join(letter for letter, group in named if arm in group) for arm in values}


def _names(count: int) -> list[str]:
    """a to z, then A to Z, then numbers: n arms can need 3^(n/3) groups (Moon and Moser 1965)."""
    names = [*ascii_lowercase, *ascii_lowercase.upper()]
    return (names + [f"({at})" for at in range(len(names), count)])[:count]
