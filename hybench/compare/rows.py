"""The rows of a table: means, differences to the baseline, best markers, wins and losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hybench.compare.comparison import LANGUAGE, Cell, MetricStyle, Record, Row, metric_style
from hybench.compare.differences import Drawn, Question, correct, differences, draw_all
from hybench.compare.groups import Group, Named, row_groups
from hybench.compare.pairing import Paired
from hybench.compare.statistics import ALPHA

_TIE = 1e-12
"""Means nearer than this, relative to the larger, are equal: what is left is rounding."""


def build_rows(
    paired: Mapping[str, Paired],
    columns: int,
    question: Question,
    asked: Named | None = None,
    found: Named | None = None,
) -> tuple[tuple[Row, ...], int, list[str]]:
    """Rows by language, their mean, and the means of groups of them.

    Means over languages take the languages that all arms have, so that they can be compared.

    Args:
        paired: scores by language.
        columns: number of arms.
        question: what is asked of the scores.
        asked: groups that get a row in any case.
        found: groups that get a row where it says something new.

    Returns:
        The rows, the number of differences that were tested, and notes.
    """
    drawn = draw_all(paired, question)
    shared = shared_languages(paired)
    groups = [Group(LANGUAGE, language, (language,), 1) for language in paired]
    groups += row_groups(list(paired), shared, asked or {}, found or {})
    rows = [_row(group, paired, drawn, columns, question) for group in groups]
    corrected, tests = correct(rows, question.metric)
    return tuple(corrected), tests, _notes(len(paired), shared, tests, question)


def shared_languages(paired: Mapping[str, Paired]) -> list[str]:
    """The languages that all arms have."""
    present = {arm for scores in paired.values() for arm in scores.arms}
    return [name for name, scores in paired.items() if present <= set(scores.arms)]


def _notes(languages: int, shared: Sequence[str], tests: int, question: Question) -> list[str]:
    notes = []
    if languages > 1 and not shared:
        notes.append("No language was run by all: there is no average to compare.")
    elif len(shared) < languages:
        notes.append(
            f"AVG takes the {len(shared)} of {languages} languages that all runs here have."
        )
    if tests > ALPHA * (question.draws + 1):
        notes.append(
            f"With {tests} tests and {question.draws} draws no drawn p can stay below {ALPHA} "
            "after correction: raise --draws."
        )
    return notes


def _row(
    group: Group,
    paired: Mapping[str, Paired],
    drawn: Mapping[str, Drawn],
    columns: int,
    question: Question,
) -> Row:
    scores = [paired[language] for language in group.languages]
    of_group = [drawn[language] for language in group.languages if language in drawn]
    compared = differences(of_group, group.label, question) if len(of_group) == len(scores) else {}
    means = [each.means() for each in scores]
    # Languages of a mean have the same arms.
    values = {arm: float(np.mean([mean[arm] for mean in means])) for arm in scores[0].arms}
    best = _best(values, metric_style(question.metric))
    cells = tuple(
        Cell(values[arm], arm in best, compared.get(arm)) if arm in values else None
        for arm in range(columns)
    )
    queries = sum(len(each.queries) for each in scores)
    return Row(group.kind, group.label, group.languages, group.of, queries, cells)


def _best(values: Mapping[int, float], style: MetricStyle) -> set[int]:
    """The arms that no other is better than; none where there is no other."""
    if len(values) < 2:
        return set()
    best = (min if style.lower_is_better else max)(values.values())
    return {
        arm
        for arm, value in values.items()
        if abs(value - best) <= _TIE * max(abs(value), abs(best))
    }


def count_records(
    rows: Sequence[Row], columns: int, baseline: int | None, metric: str
) -> tuple[Record | None, ...]:
    """Win/tie/loss of every arm against the baseline over the languages that both have."""
    sign = -1 if metric_style(metric).lower_is_better else 1
    records: list[Record | None] = []
    for column in range(columns):
        cells = [row.cells[column] for row in rows if row.kind == LANGUAGE]
        found = [cell.difference for cell in cells if cell is not None and cell.difference]
        if column == baseline or not found:
            records.append(None)
            continue
        wins = sum(each.outcome == "better" for each in found)
        losses = sum(each.outcome == "worse" for each in found)
        better = sum(sign * each.value > 0 for each in found)
        records.append(Record(wins, len(found) - wins - losses, losses, better))
    return tuple(records)
