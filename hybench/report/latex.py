r"""Comparisons as LaTeX tables for ``\input``; they need only booktabs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from hybench.comparison.budgets import budget_differences
from hybench.comparison.costs import cost_caption
from hybench.comparison.hypotheses import Hypotheses
from hybench.comparison.hypothesis_documents import hypothesis_sheet
from hybench.comparison.layout import (
    BUDGETS,
    detectable_notes,
    largest_detectable,
    letters_caption,
    sheet,
)
from hybench.comparison.marks import BEST, BETTER, WORSE
from hybench.comparison.model import Comparison
from hybench.comparison.training_marks import TAUGHT, TRAINED
from hybench.comparison.units import metric_style
from hybench.wording.amounts import counted
from hybench.wording.text_table import NOT_RUN, Entry, Sheet

_HEAD_WIDTH = 10
"""Characters of a column's name in one line of the head; longer names are broken."""

_SIZES = ((9, r"\small"), (13, r"\footnotesize"))
"""Type size by the largest number of columns that it suits."""

_SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': "''", "`": "{}`{}",
    "−": "$-$", "–": "--", "—": "---", "…": r"\dots{}", "·": r"$\cdot$", "×": r"$\times$",
    "±": r"$\pm$", "≤": r"$\le$", "≥": r"$\ge$", "≈": r"$\approx$", "→": r"$\rightarrow$",
    "α": r"$\alpha$", "β": r"$\beta$", "δ": r"$\delta$", "Δ": r"$\Delta$", "λ": r"$\lambda$",
    "\N{NO-BREAK SPACE}": "~", "▲": r"$\bigtriangleup$", "▼": r"$\bigtriangledown$",
    "†": r"$\dagger$", "‡": r"$\ddagger$", "§": r"$\S$",
}  # fmt: skip
_LIGATURES = "-,'"
_NOT_IN_OT1 = frozenset("ÐÞðþ÷")


def latex_report(comparisons: Sequence[Comparison], hypotheses: Hypotheses | None = None) -> str:
    r"""A ``table`` with caption and label for each comparison, a study's hypotheses first.

    Needs ``\usepackage{booktabs}`` and any engine; compiles with pdflatex.
    """
    tables = [_comparison_table(comparison) for comparison in comparisons]
    if hypotheses is not None:
        tables.insert(0, _hypothesis_table(hypotheses))
    return "% Needs \\usepackage{booktabs}.\n" + "\n".join(tables)


def escape(text: str) -> str:
    """Text escaped for LaTeX, without ligatures; what its fonts lack becomes a code point."""
    return "".join(
        _escaped(character) + "{}" * (character == after and character in _LIGATURES)
        for character, after in zip(text, (text + " ")[1:], strict=True)
    )


def _escaped(character: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    if character.isspace():
        return " "
    known = " " <= character <= "~" or "À" <= character <= "ÿ"
    if known and character not in _NOT_IN_OT1:
        return character
    return f"[U+{ord(character):04X}]"


def _hypothesis_table(hypotheses: Hypotheses) -> str:
    shown = hypothesis_sheet(hypotheses)
    sentences = (f"{shown.title}.", *shown.lead, shown.caption)
    return _table(shown, [escape(text) for text in sentences], f"hypotheses-{hypotheses.study}")


def _comparison_table(comparison: Comparison) -> str:
    key = f"{comparison.dataset}-{comparison.split}-{comparison.setting}-{comparison.metric}"
    labels = [column.label for column in comparison.columns]
    shown = sheet(comparison)
    budgets = budget_differences(labels, comparison.budgets)
    notes = (*shown.notes, *budgets, *detectable_notes(comparison))
    return _table(replace(shown, notes=notes), _caption(comparison), key)


def _table(shown: Sheet, caption: Sequence[str], key: str) -> str:
    columns = len(shown.header)
    size = next((size for most, size in _SIZES if columns <= most), r"\scriptsize")
    label = re.sub(r"[^a-z0-9]+", "-", key.lower())
    lines = [
        r"\begin{table}",
        r"  \centering",
        r"  \setlength{\belowcaptionskip}{6pt}",
        rf"  \caption{{{' '.join(caption)}}}",
        rf"  \label{{tab:{label}}}",
        rf"  {size}",
        r"  \setlength{\tabcolsep}{4.5pt}",
        rf"  \begin{{tabular}}{{@{{}}{'l' * shown.keys}{'r' * (columns - shown.keys)}@{{}}}}",
        r"    \toprule",
        f"    {' & '.join(_head(name) for name in shown.header)} \\\\",
        r"    \midrule",
        *_body(shown),
        r"    \bottomrule",
        r"  \end{tabular}",
        *_notes(shown),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _notes(shown: Sheet) -> list[str]:
    """Notes below the table, as wide as the text."""
    if not shown.notes:
        return []
    return [
        "",
        r"  \medskip",
        r"  \begin{minipage}{\linewidth}",
        r"    \footnotesize\raggedright",
        *(rf"    {escape(note)}\par" for note in shown.notes),
        r"  \end{minipage}",
    ]


def _head(name: str) -> str:
    """A column's name, on several lines if it is long; words and numbers stay whole."""
    parts = re.findall(r".(?:[^\s_.+/-]|(?<=\d)\.(?=\d))*", name)
    rows = [""]
    for part in parts:
        if len(rows[-1]) + len(part) > _HEAD_WIDTH and rows[-1]:
            rows.append("")
        rows[-1] += part
    if len(rows) == 1:
        return escape(name)
    stacked = r"\\".join(escape(row.strip()) for row in rows)
    return rf"\begin{{tabular}}[b]{{@{{}}r@{{}}}}{stacked}\end{{tabular}}"


def _body(shown: Sheet) -> list[str]:
    lines = []
    for line in shown.lines:
        if line.ruled:
            lines.append(r"    \midrule")
        lines.append(f"    {' & '.join(_entry(entry) for entry in line.entries)} \\\\")
    return lines


def _entry(entry: Entry) -> str:
    text = escape(re.sub(r"-(?=\d)", "−", entry.text))
    if BEST in entry.mark:
        text = rf"\textbf{{{text}}}"
    signs = [escape(mark) for mark in (BETTER, WORSE, TRAINED, TAUGHT) if mark in entry.mark]
    letters = entry.mark.partition(" ")[2]
    raised = "".join(sign.strip("$") for sign in signs)
    raised += rf"\,\mathrm{{{letters}}}" if letters else ""
    # The mark has no width, so that the numbers are aligned.
    return text + (rf"\rlap{{$^{{{raised}}}$}}" if raised else "")


def _caption(comparison: Comparison) -> list[str]:
    """The caption: what the table shows, its marks, its test and its data."""
    style = metric_style(comparison.metric)
    factor = f" ×{style.factor:g}" if style.factor != 1 else ""
    where = f"{comparison.dataset} ({comparison.split}), {comparison.setting}"
    units = "source queries" if comparison.parallel else "queries"
    parts = [f"{where}: {comparison.metric}{factor}; n: {units}."]
    if style.lower_is_better:
        parts.append("Lower is better.")
    seeds = {each.label: each.seeds for each in comparison.columns if each.seeds}
    if len(seeds) > 1 and len(set(seeds.values())) == 1:
        parts.append(f"{counted(next(iter(seeds.values())), 'seeds')} of each trained arm.")
    elif seeds:
        parts.append(f"Seeds: {', '.join(f'{label} {count}' for label, count in seeds.items())}.")
    shown = [BUDGETS] if any(comparison.budgets) else []
    shown += [costs] if (costs := cost_caption(comparison.costs)) else []
    bold = f"Bold: best of a row; {NOT_RUN}: not run."
    if comparison.baseline is None or not comparison.tests:
        return [escape(sentence) for sentence in (*parts, bold, *shown)]
    baseline = comparison.columns[comparison.baseline].label
    test = f"paired randomisation test over {units}, two-sided, {comparison.draws:,} draws"
    holm = f"Holm's correction over the {counted(comparison.tests, 'tests')} of this table"
    level = f"α = {comparison.alpha:g}"
    marks = f"{BETTER} {WORSE}: significantly better or worse than {baseline}"
    parts += [bold, f"{marks} ({test}, {holm}, {level})."]
    if _seeds_tested(comparison):
        parts.append("With several seeds, a difference must also hold over them (Student's t).")
    if comparison.pairs:
        parts.append(letters_caption(comparison))
    if comparison.margin > 0:
        parts.append(f"Smaller differences than δ = {style.size(comparison.margin)} do not matter.")
    largest = largest_detectable(comparison, named=False)
    parts.append(f"detectable, by row: difference found with 80 % power{largest}.")
    parts.append("W/T/L: languages significantly better/neither/worse.")
    return [escape(sentence) for sentence in (*parts, *shown)]


def _seeds_tested(comparison: Comparison) -> bool:
    cells = [cell for row in comparison.rows for cell in row.cells if cell is not None]
    return any(cell.difference and cell.difference.p_seeds is not None for cell in cells)
