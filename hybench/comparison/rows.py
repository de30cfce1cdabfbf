"""The rows of a table: means, differences to the baseline, best markers, wins and losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from hybench.comparison.differences import (
    ArmsOfRow,
    Question,
    RowOfArms,
    correct,
    depends_on_draws,
)
from hybench.comparison.language_groups import Group, Named, row_groups
from hybench.comparison.model import LANGUAGE, Cell, Difference, Record, Row
from hybench.comparison.units import MetricStyle, metric_style
from hybench.statistics.clusters import row_scores
from hybench.statistics.paired_tests import ALPHA, MOST_DRAWS
from hybench.statistics.pairing import FloatArray, Paired
from hybench.statistics.seeds import SeedSpread, relative_noise
from hybench.statistics.sign_flips import THREADS, flipped_means
from hybench.wording.amounts import counted

_TIE = 1e-12
"""Means nearer than this, relative to the larger, are equal: the difference is rounding."""

_NAMED = 3
"""At most so many rows whose mark depends on the draws are named."""


@dataclass(frozen=True)
class Rows:
    """The rows of a table.

    Attributes:
        rows: as shown.
        arms: by row, for comparing any two of its arms.
        tests: how many differences to the baseline were tested.
        notes: caveats.
    """

    rows: tuple[Row, ...]
    arms: tuple[RowOfArms, ...]
    tests: int
    notes: tuple[str, ...]


def build_rows(
    paired: Mapping[str, Paired],
    columns: int,
    question: Question,
    asked: Named | None = None,
    found: Named | None = None,
) -> Rows:
    """Rows by language, their mean, and the means of groups of them.

    Means over languages take the languages that all arms have, so that they can be compared.

    Args:
        paired: scores by language.
        columns: number of arms.
        question: what to compute.
        asked: groups that get a row in any case.
        found: groups that get a row if it is not redundant.
    """
    shared = shared_languages(paired)
    groups = [Group(LANGUAGE, language, (language,), 1) for language in paired]
    groups += row_groups(list(paired), shared, asked or {}, found or {})
    several = len({arm for scores in paired.values() for arm in scores.arms}) > 1
    null = flipped_means(paired, question.draws if several else 0, question.seed)
    noise = relative_noise([paired[language] for language in shared], question.seeds)
    with ThreadPoolExecutor(THREADS) as threads:
        arms = list(threads.map(lambda group: _arms(group, paired, null, question, noise), groups))
    rows = [
        _row(group, paired, of_row, columns, question)
        for group, of_row in zip(groups, arms, strict=True)
    ]
    corrected = _corrected(rows, question.metric)
    found_in = [
        (row.label, cell.difference)
        for row in corrected
        for cell in row.cells
        if cell is not None and cell.difference
    ]
    on_draws = draw_notes(found_in, "a difference is marked", question.draws)
    notes = [*_notes(len(paired), shared), *on_draws]
    return Rows(tuple(corrected), tuple(arms), len(found_in), tuple(notes))


def shared_languages(paired: Mapping[str, Paired]) -> list[str]:
    """The languages that all arms have."""
    present = {arm for scores in paired.values() for arm in scores.arms}
    return [name for name, scores in paired.items() if present <= set(scores.arms)]


def _notes(languages: int, shared: Sequence[str]) -> list[str]:
    if languages > 1 and not shared:
        return ["No language was run by all: there is no average to compare."]
    if len(shared) < languages:
        of = counted(languages, "languages")
        return [f"AVG takes the {len(shared)} of {of} that all runs here have."]
    return []


def is_of_marks(note: str) -> bool:
    """Whether a note is one of `draw_notes`: it says nothing where nothing is marked."""
    return "--draws" in note


def draw_notes(family: Sequence[tuple[str, Difference]], what: str, draws: int) -> list[str]:
    """Notes on what more draws would decide.

    Args:
        family: labels of rows and differences that were corrected together.
        what: is decided; it follows "Whether".
        draws: sign assignments.
    """
    near = list(dict.fromkeys(label for label, found in family if depends_on_draws(found)))
    if len(family) > ALPHA * (draws + 1):
        tests = f"With {counted(len(family), 'tests')} and {draws} draws"
        return [f"{tests} no drawn p can stay below {ALPHA} after correction: raise --draws."]
    if not near:
        return []
    more = f" and {len(near) - _NAMED} more" if near[_NAMED:] else ""
    hangs = f"Whether {what} in {', '.join(near[:_NAMED])}{more} depends on the {draws:,} draws"
    return [f"{hangs}: --draws {min(10 * draws, MOST_DRAWS)} is surer."]


def _arms(
    group: Group,
    paired: Mapping[str, Paired],
    null: Mapping[str, FloatArray],
    question: Question,
    noise: Mapping[int, float],
) -> RowOfArms:
    row = row_estimates(group, paired, question.seeds, noise)
    flipped: FloatArray = np.mean([null[language] for language in group.languages], axis=0)
    return RowOfArms(row.scores, row.spread, flipped)


def row_estimates(
    group: Group,
    paired: Mapping[str, Paired],
    seeds: Mapping[int, tuple[int, ...]],
    noise: Mapping[int, float],
) -> ArmsOfRow:
    """The arms of a row, to estimate differences without testing them.

    Args:
        group: its languages.
        paired: scores by language.
        seeds: of the runs of an arm, in their order, by the position of an arm that was trained.
        noise: see `relative_noise`.
    """
    scores = row_scores([paired[language] for language in group.languages])
    return ArmsOfRow(scores, SeedSpread.of(scores, seeds, noise))


def _row(
    group: Group,
    paired: Mapping[str, Paired],
    arms: RowOfArms,
    columns: int,
    question: Question,
) -> Row:
    scores = [paired[language] for language in group.languages]
    means = [each.means() for each in scores]
    # Languages of a mean have the same arms.
    values = {arm: float(np.mean([mean[arm] for mean in means])) for arm in scores[0].arms}
    best = _best(values, metric_style(question.metric))
    compared: dict[int, Difference] = {}
    if question.baseline in values:
        compared = {
            arm: arms.difference(arm, question.baseline, question)
            for arm in values
            if arm != question.baseline
        }
    cells = tuple(
        Cell(values[arm], arm in best, compared.get(arm)) if arm in values else None
        for arm in range(columns)
    )
    return Row(
        group.kind,
        group.label,
        group.languages,
        group.of,
        queries=sum(len(each.queries) for each in scores),
        sources=len(arms.scores.sources),
        asked=sum(each.asked for each in scores),
        cells=cells,
    )


def _corrected(rows: Sequence[Row], metric: str) -> list[Row]:
    """The rows with Holm's correction over all tests in them."""
    found = [
        cell.difference
        for row in rows
        for cell in row.cells
        if cell is not None and cell.difference
    ]
    left = iter(correct(found, metric))
    return [
        replace(
            row,
            cells=tuple(
                replace(cell, difference=next(left)) if cell and cell.difference else cell
                for cell in row.cells
            ),
        )
        for row in rows
    ]


def _best(values: Mapping[int, float], style: MetricStyle) -> set[int]:
    """The arms that no other exceeds; empty if there is no other."""
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
    """Win/tie/loss of every arm against the baseline over their common languages."""
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
