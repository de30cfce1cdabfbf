"""A comparison as a sheet of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hybench.comparison.budgets import budget_lines
from hybench.comparison.costs import cost_caption, cost_lines
from hybench.comparison.gains import gain_entries, gains_caption
from hybench.comparison.marks import BEST, BETTER, WORSE, marked
from hybench.comparison.model import LANGUAGE, Cell, Comparison, Difference, Row
from hybench.comparison.published_columns import MARK
from hybench.comparison.training_marks import row_marks
from hybench.comparison.units import BIAS_WORDS, MetricStyle, metric_style
from hybench.comparison.verdict import headline
from hybench.statistics.paired_tests import EXACT_UP_TO
from hybench.wording.amounts import counted
from hybench.wording.text_table import NOT_RUN, Entry, Line, Sheet

BUDGETS = "examples and below: what training showed the arms; pairs are distinct."
"""Caption of the lines on budgets."""


def sheet(comparison: Comparison, *, budgets: bool = True) -> Sheet:
    """Lay a comparison out: a line by language, means, win/tie/loss, bias, `budgets` and costs.

    With a single arm besides the baseline, the table has its difference, interval and p, too.
    """
    style = metric_style(comparison.metric)
    compared = _compared(comparison)
    details = compared[0] if len(compared) == 1 else None
    header = ["lang", "n", *(column.label for column in comparison.columns)]
    if details is not None:
        header += ["difference", "95 % interval", "p (Holm)"]
    if compared:
        header.append("detectable")
    header += [f"{column.label} {MARK}" for column in comparison.published]
    lines = []
    seen = row_marks(comparison)
    for at, row in enumerate(comparison.rows):
        ruled = row.kind != LANGUAGE and comparison.rows[at - 1].kind == LANGUAGE
        entries = [Entry(row.label, mark=seen[at].row), Entry(f"{row.sources:,}")]
        entries += [
            _entry(cell, style, mark) for cell, mark in zip(row.cells, seen[at].cells, strict=True)
        ]
        if compared:
            entries += _detail_entries(comparison, row, details, style)
        values = [column.values[at] for column in comparison.published]
        entries += [Entry(NOT_RUN if each is None else style.text(each)) for each in values]
        lines.append(Line(tuple(entries), ruled))
    width = len(header)
    lines += _record_lines(comparison, width)
    lines += [_padded(list(gains), width, ruled=ruled) for gains, ruled in gain_entries(comparison)]
    lines += _bias_lines(comparison, width)
    lines += _budget_lines(comparison, width) + _cost_lines(comparison, width) if budgets else []
    caption = " ".join(legend(comparison))
    return Sheet(
        _title(comparison, style),
        tuple(header),
        1,
        tuple(lines),
        caption,
        comparison.notes,
        headline(comparison),
    )


def sheets(comparisons: Sequence[Comparison]) -> tuple[Sheet, ...]:
    """Lay several tables out; common captions and notes are under the last."""
    captions = [legend(each) for each in comparisons]
    common = _in_all(captions)
    noted = _in_all([each.notes for each in comparisons])
    shown = []
    for at, (each, caption) in enumerate(zip(comparisons, captions, strict=True)):
        last = at == len(comparisons) - 1
        own = [sentence for sentence in caption if last or sentence not in common]
        notes = tuple(note for note in each.notes if last or note not in noted)
        budgets = last or each.budgets != comparisons[-1].budgets
        shown.append(replace(sheet(each, budgets=budgets), caption=" ".join(own), notes=notes))
    return tuple(shown)


def _in_all(texts: Sequence[Sequence[str]]) -> set[str]:
    return set.intersection(*map(set, texts)) if texts else set()


def _compared(comparison: Comparison) -> list[int]:
    """Columns with a difference to the baseline in any row."""
    return [
        column
        for column in range(len(comparison.columns))
        if any(_difference(row.cells[column]) for row in comparison.rows)
    ]


def _tests_seeds(comparison: Comparison) -> bool:
    """Whether any test includes chance in training."""
    found = [_difference(cell) for row in comparison.rows for cell in row.cells]
    return any(each is not None and each.p_seeds is not None for each in found)


def _difference(cell: Cell | None) -> Difference | None:
    return None if cell is None else cell.difference


def _entry(cell: Cell | None, style: MetricStyle, seen: str) -> Entry:
    """The score of an arm, with its marks; `seen` is that of its training data."""
    if cell is None:
        return Entry(NOT_RUN, "quiet")
    mark, tone = marked(cell.difference, style)
    if cell.best:
        mark, tone = mark + BEST, tone or "best"
    mark += seen
    if cell.letters:
        mark += f" {cell.letters}"
    return Entry(style.text(cell.value), tone, mark)


def _detail_entries(
    comparison: Comparison, row: Row, details: int | None, style: MetricStyle
) -> list[Entry]:
    entries = []
    if details is not None:
        found = _difference(row.cells[details])
        if found is None:
            entries += [Entry(NOT_RUN, "quiet")] * 3
        else:
            entries.append(Entry(style.text(found.value, signed=True)))
            entries += [Entry(style.interval(found.low, found.high)), Entry(p_text(found))]
    sizes = detectables(comparison, row)
    return [*entries, Entry(style.text(max(sizes.values())) if sizes else NOT_RUN, "quiet")]


def detectables(comparison: Comparison, row: Row) -> dict[int, float]:
    """The detectable difference of each arm in a row, by column.

    That of an arm that was not trained, such as BM25, shows its distance from the others, not the
    resolution between them: it counts only if nothing else is compared.
    """
    sizes = {
        column: found.detectable
        for column, cell in enumerate(row.cells)
        if (found := _difference(cell)) is not None and found.detectable is not None
    }
    trained = {at: size for at, size in sizes.items() if comparison.columns[at].seeds}
    return trained or sizes


def largest_detectable(comparison: Comparison, *, named: bool = True) -> str:
    """Whose detectable difference each row shows; empty if there is one arm to show.

    Args:
        comparison: the table.
        named: whether the arms are named if they differ by row; `detectable_notes` does it, too.
    """
    rows, compared = _rows_of_largest(comparison), _compared(comparison)
    if len(compared) < 2 or not rows:
        return ""
    trained = "trained " * any(comparison.columns[at].seeds for at in compared)
    largest = f", the largest of the {trained}arms'"
    if len(rows) > 1 and not named:
        return largest
    each = [f"{label} ({' '.join(of)})" if len(rows) > 1 else label for label, of in rows.items()]
    return f"{largest}, which is that of {', '.join(each)}"


def detectable_notes(comparison: Comparison) -> tuple[str, ...]:
    """Whose detectable difference each row shows, in a sentence, if it is not one arm's."""
    rows = _rows_of_largest(comparison)
    if len(_compared(comparison)) < 2 or len(rows) < 2:
        return ()
    each = [f"{label} on {' '.join(of)}" for label, of in rows.items()]
    return (f"The largest detectable difference is that of {'; '.join(each)}.",)


def _rows_of_largest(comparison: Comparison) -> dict[str, list[str]]:
    """Labels of rows by the arm whose detectable difference is their largest."""
    rows: dict[str, list[str]] = {}
    for row in comparison.rows:
        sizes = detectables(comparison, row)
        if sizes:
            largest = comparison.columns[max(sizes, key=lambda column: sizes[column])].label
            rows.setdefault(largest, []).append(row.label)
    return rows


def p_text(difference: Difference) -> str:
    """A difference's corrected p-value."""
    return p_number(difference.p_holm, floor=difference.floor)


def p_number(p: float, *, floor: bool = False) -> str:
    """A p-value with three digits; ≤ if it is as small as the draws allow."""
    return "<0.001" if p < 0.001 else f"{'≤' * floor}{p:.3f}"


def letters_caption(comparison: Comparison) -> str:
    """Caption of the letters after the averages."""
    return (
        f"Letters: trained arms that share one are not told apart, of all {len(comparison.pairs)} "
        "pairs in the averages, corrected together."
    )


def _padded(entries: list[Entry], width: int, *, ruled: bool) -> Line:
    return Line(tuple(entries + [Entry("")] * (width - len(entries))), ruled)


def _record_lines(comparison: Comparison, width: int) -> list[Line]:
    if not any(comparison.records):
        return []
    texts = [
        "" if record is None else f"{record.wins}/{record.ties}/{record.losses}"
        for record in comparison.records
    ]
    entries = [Entry("W/T/L"), Entry(""), *(Entry(text) for text in texts)]
    return [_padded(entries, width, ruled=True)]


def _bias_lines(comparison: Comparison, width: int) -> list[Line]:
    lines = []
    for at, bias in enumerate(comparison.bias):
        style = metric_style(bias.metric)
        entries = [Entry(bias.metric), Entry("")]
        entries += [
            Entry(NOT_RUN, "quiet") if value is None else Entry(style.text(value))
            for value in bias.values
        ]
        lines.append(_padded(entries, width, ruled=at == 0))
    return lines


def _budget_lines(comparison: Comparison, width: int) -> list[Line]:
    return [
        _padded([Entry(name), Entry(""), *(map(Entry, texts))], width, ruled=at == 0)
        for at, (name, texts) in enumerate(budget_lines(comparison.budgets))
    ]


def _cost_lines(comparison: Comparison, width: int) -> list[Line]:
    return [
        _padded([Entry(name), Entry(""), *(map(Entry, texts))], width, ruled=at == 0)
        for at, (name, texts) in enumerate(cost_lines(comparison.costs))
    ]


def _title(comparison: Comparison, style: MetricStyle) -> str:
    factor = f" ×{style.factor:g}" if style.factor != 1 else ""
    where = f"{comparison.dataset} ({comparison.split})"
    return f"{where} · {comparison.setting} · {comparison.metric}{factor}"


def legend(comparison: Comparison) -> list[str]:
    """How to read the table, in sentences."""
    parts = ["Lower is better."] if metric_style(comparison.metric).lower_is_better else []
    if comparison.setting == "cross":
        parts.append("A query's score is its mean over the passage languages.")
    if comparison.baseline is None or not comparison.tests:
        parts.append(f"{BEST} best, {NOT_RUN} not run.")
    else:
        parts += _test_caption(comparison, comparison.baseline)
    if comparison.gains:
        parts.append(gains_caption(comparison))
    shown = {comparison.metric, *(bias.metric for bias in comparison.bias)}
    parts += [f"{name}: {words}." for name, words in BIAS_WORDS.items() if name in shown]
    if any(comparison.budgets):
        parts.append(BUDGETS)
    costs = cost_caption(comparison.costs)
    return [*parts, costs] if costs else parts


def _test_caption(comparison: Comparison, baseline: int) -> list[str]:
    label = f"{comparison.columns[baseline].label} ({comparison.baseline_why})"
    draws = f"{comparison.draws:,} draws (exact where at most {EXACT_UP_TO} differences are not 0)"
    tests = f"the {counted(comparison.tests, 'tests')} of this table, alpha {comparison.alpha}"
    marks = f"{BETTER}{WORSE} significantly better or worse than the baseline {label}"
    units = "source queries" if comparison.parallel else "queries"
    method = f"Paired randomisation test over {units}, two-sided"
    tested = not comparison.unfinished
    parts = [f"{f'{marks}, ' * tested}{BEST} best, {NOT_RUN} not run."]
    if comparison.parallel:
        parts.append("n: source queries; translations of one query are one.")
    if tested:
        parts.append(f"{method}, {draws}, Holm's correction over {tests}.")
    seeds = _tests_seeds(comparison)
    if seeds and tested:
        parts.append("A mark also needs the interval over queries and seeds, so corrected.")
    over = f"{units} and seeds" if seeds else units
    parts.append(f"95 % interval: Student's, over {over}, not corrected.")
    if comparison.pairs:
        parts.append(letters_caption(comparison))
    power = "smallest difference found with 80 % power before correction"
    parts.append(f"detectable, by row: {power}{largest_detectable(comparison)}.")
    if tested:
        parts.append("W/T/L: languages significantly better/neither/worse.")
    return parts
