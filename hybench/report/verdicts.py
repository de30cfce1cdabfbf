"""The verdict on the page: all arms at a glance, then each in words and by language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hybench.comparison.model import LANGUAGE, MEAN, Comparison, Difference, Outcome, Row
from hybench.comparison.sentences import margin_text, p_value, place
from hybench.comparison.units import MetricStyle, metric_style
from hybench.comparison.verdict import Verdict, headline, verdicts
from hybench.report.figures import forest
from hybench.report.view import Datum, Figure, Table, language_name, minus, sentence, setting_name
from hybench.wording.amounts import counted
from hybench.wording.text_table import NOT_RUN

GLYPHS: dict[Outcome, str] = {
    "better": "▲", "worse": "▼", "equivalent": "≈", "identical": "=", "undecided": "?",
    "too-few": "…",
}  # fmt: skip
"""Glyph of an outcome."""


_AGAINST: dict[Outcome, str] = {
    "better": "Better than {baseline}",
    "equivalent": "No further than {margin} from {baseline}",
    "identical": "Identical to {baseline}",
    "undecided": "Undecided against {baseline}",
    "too-few": "Too few queries to tell from {baseline}",
    "worse": "Worse than {baseline}",
}


@dataclass(frozen=True)
class ArmVerdict:
    """The verdict on one arm in one comparison.

    Attributes:
        name: for ids.
        label: the arm.
        short: its numbers on average; empty if there is no average.
        glyph: of the outcome on average; empty if there is no average.
        tone: of the outcome.
        lead: the outcome in a sentence.
        more: further sentences.
        figure: differences with intervals.
        table: a sentence per row.
    """

    name: str
    label: str
    short: str
    glyph: str
    tone: str
    lead: str
    more: str
    figure: Figure | None
    table: Table


@dataclass(frozen=True)
class OutcomeVerdicts:
    """Arms with the same outcome, each with its numbers.

    Attributes:
        said: the common sentence.
        glyph: of the outcome; empty if there is no average.
        tone: of the outcome.
        arms: each with its numbers.
    """

    said: str
    glyph: str
    tone: str
    arms: tuple[ArmVerdict, ...]


def tested(comparison: Comparison) -> bool:
    """Whether anything was compared."""
    return comparison.baseline is not None and comparison.tests > 0


def where(comparison: Comparison) -> str:
    """Data set, split and metric of a comparison."""
    style = metric_style(comparison.metric)
    factor = f" ×{style.factor:g}" if style.factor != 1 else ""
    return f"{comparison.dataset} ({comparison.split}) · {comparison.metric}{factor}"


def glance(comparisons: Sequence[Comparison]) -> Table | None:
    """All arms in all comparisons: outcome, difference and languages; None without any test."""
    shown = [each for each in comparisons if tested(each)]
    if not shown:
        return None
    labels = dict.fromkeys(column.label for each in shown for column in each.columns)
    rows = tuple(
        (Datum(label), *(_glance(comparison, label) for comparison in shown)) for label in labels
    )
    header = [Datum("arm")]
    for comparison in shown:
        over = _over(comparison)
        mean = "" if over is None or over.kind == LANGUAGE else f", {over.label}"
        detail = f"{where(comparison)}{mean}"
        header.append(Datum(setting_name(comparison.setting), detail=detail))
    caption = "The verdict at a glance: arms against the baseline"
    return Table(caption, tuple(header), (rows,), numeric=False, opened=True)


def _over(comparison: Comparison) -> Row | None:
    """The row that represents the comparison: the average, or the only language."""
    means = [row for row in comparison.rows if row.kind == MEAN]
    if means:
        return means[0]
    return comparison.rows[0] if len(comparison.rows) == 1 else None


def _glance(comparison: Comparison, label: str) -> Datum:
    at = [column.label for column in comparison.columns]
    over = _over(comparison)
    if label not in at or over is None:
        return Datum(NOT_RUN, tone="quiet")
    column = at.index(label)
    cell, style = over.cells[column], metric_style(comparison.metric)
    if cell is None:
        return Datum(NOT_RUN, tone="quiet")
    if cell.difference is None:
        text = "baseline" if column == comparison.baseline else "not compared"
        return Datum(text, tone="quiet", detail=style.text(cell.value))
    difference = cell.difference
    lines = [f"{style.text(cell.value)}, {signed(difference, style)}"]
    languages = [row for row in comparison.rows if row.kind == LANGUAGE]
    if len(languages) > 1:
        lines.append(f"{counted(len(languages), 'languages')}: {_counts(languages, column)}")
    tone = _tone(difference.outcome)
    return Datum(_said(comparison, difference.outcome), tone=tone, detail="\n".join(lines))


def signed(difference: Difference, style: MetricStyle) -> str:
    """A difference and its interval as tables show them."""
    value = style.text(difference.value, signed=True)
    return minus(f"{value} {style.interval(difference.low, difference.high)}")


def _counts(languages: Sequence[Row], column: int) -> str:
    """The number of languages with each outcome."""
    cells = [row.cells[column] for row in languages]
    found = Counter(cell.difference.outcome for cell in cells if cell and cell.difference)
    return "  ".join(f"{found[key]} {glyph}" for key, glyph in GLYPHS.items() if key in found)


def arm_verdicts(name: str, comparison: Comparison) -> tuple[ArmVerdict, ...]:
    """The verdict on each arm; empty if nothing was tested.

    Args:
        name: prefix of the figures' ids.
        comparison: of the arms.
    """
    if not tested(comparison):
        return ()
    said: dict[int, dict[int, Verdict]] = {}
    for each in verdicts(comparison):
        said.setdefault(each.column, {})[each.row] = each
    told = [sentence(text) for text in headline(comparison)]
    return tuple(
        _arm_verdict(f"{name}-arm{at}", comparison, column, of_arm, told)
        for at, (column, of_arm) in enumerate(said.items(), start=1)
    )


def _arm_verdict(
    name: str,
    comparison: Comparison,
    column: int,
    said: dict[int, Verdict],
    told: Sequence[str],
) -> ArmVerdict:
    label = comparison.columns[column].label
    over = _over(comparison)
    mean = None if over is None else said.get(comparison.rows.index(over))
    lead = label if mean is None else sentence(mean.sentence)
    # The headline's paragraph on an arm begins with the same sentence and continues.
    paragraph = next((text for text in told if text.startswith(lead)), lead)
    return ArmVerdict(
        name=name,
        label=label,
        short="" if over is None or mean is None else _numbers(comparison, over, column),
        glyph="" if mean is None else GLYPHS[mean.outcome],
        tone="" if mean is None else _tone(mean.outcome),
        lead=lead,
        more=paragraph.removeprefix(lead).strip(),
        figure=forest(f"{name}-figure", comparison, column),
        table=_by_language(comparison, label, said),
    )


def _numbers(comparison: Comparison, over: Row, column: int) -> str:
    """An arm's average score, and its difference to the baseline."""
    style = metric_style(comparison.metric)
    values = [over.cells[at] for at in (column, comparison.baseline or 0)]
    told = " against ".join(style.text(cell.value) for cell in values if cell is not None)
    cell = over.cells[column]
    if cell is None or cell.difference is None:
        return told
    return sentence(f"{told}, {signed(cell.difference, style)}, {p_value(cell.difference)}")


def by_outcome(comparison: Comparison, arms: Sequence[ArmVerdict]) -> tuple[OutcomeVerdicts, ...]:
    """Arms grouped by outcome, the best first."""
    over = _over(comparison)
    if over is None or comparison.baseline is None:
        return (OutcomeVerdicts("", "", "", tuple(arms)),) if arms else ()
    baseline = comparison.columns[comparison.baseline].label
    margin = margin_text(comparison)
    found = []
    for outcome, words in _AGAINST.items():
        same = tuple(arm for arm in arms if arm.glyph == GLYPHS[outcome])
        if same:
            said = f"{words.format(baseline=baseline, margin=margin)} {place(over)}"
            found.append(OutcomeVerdicts(said, same[0].glyph, same[0].tone, same))
    others = tuple(arm for arm in arms if not arm.glyph)
    if others:
        found.append(OutcomeVerdicts(f"Not compared {place(over)}", "", "", others))
    return tuple(found)


def _by_language(comparison: Comparison, label: str, said: dict[int, Verdict]) -> Table:
    bodies: tuple[list[tuple[Datum, ...]], list[tuple[Datum, ...]]] = ([], [])
    for at, each in sorted(said.items()):
        row = comparison.rows[at]
        tone, glyph = _tone(each.outcome), GLYPHS[each.outcome]
        words = Datum(sentence(each.sentence), tone=tone, glyph=glyph)
        bodies[row.kind != LANGUAGE].append((named(row), words))
    return Table(
        f"{setting_name(comparison.setting)}: {label} by language",
        (Datum("language"), Datum("in words")),
        tuple(tuple(body) for body in bodies if body),
        numeric=False,
    )


def named(row: Row) -> Datum:
    """The field that names a row: a language's code and name, or a group and its languages."""
    name = language_name(row.label) if row.kind == LANGUAGE else ""
    return Datum(row.label, name=name, title=", ".join(row.languages) if not name else "")


def _said(comparison: Comparison, outcome: Outcome) -> str:
    margin = metric_style(comparison.metric).size(comparison.margin)
    told = {"equivalent": f"no difference over {margin}", "too-few": "too few queries"}
    words = told.get(outcome, outcome)
    return f"{GLYPHS[outcome]} {words}"


def _tone(outcome: Outcome) -> str:
    return outcome if outcome in {"better", "worse"} else ""
