"""A comparison as a document: one function per format, all pure.

**json**: ``{"format": 1, "hypotheses": {...}, "comparisons": [...]}``: a study's hypotheses with
their outcomes, null if it has none, and one object per table with the fields of `Comparison`;
``baseline`` is a column's label, and ``cells``, ``records``, ``budgets``, ``costs`` and the values
of ``bias`` are objects by column label, null if an arm was not run or the value is unknown;
``pairs`` and ``gains`` name their row and columns by label. ``headline`` and ``verdicts`` are the
verdict in words, in points (×100). ``values`` of ``published`` are in the order of ``rows``.
Numbers are in the metric's own unit, not ×100, ``margin`` too.

**csv**: one line per table, row and run with the columns of `CSV_COLUMNS`; fields without a value
are empty. Numbers are in the metric's own unit, not ×100.

**md**: the sheet that the terminal shows, with its caption and notes; `hybench.report.export` adds
what was noted of the runs.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from hybench.comparison.budgets import Budget
from hybench.comparison.costs import ArmCost
from hybench.comparison.gains import gain_record
from hybench.comparison.hypotheses import Hypotheses
from hybench.comparison.hypothesis_documents import (
    hypothesis_records,
    hypothesis_sheet,
    plain_hypotheses,
)
from hybench.comparison.layout import sheets
from hybench.comparison.model import LANGUAGE, Comparison, Row
from hybench.comparison.verdict import headline, verdicts
from hybench.errors import UsageError
from hybench.wording.text_table import sheet_markdown

JSON_FORMAT = 1

CSV_COLUMNS = (
    "dataset", "split", "setting", "metric", "kind", "language", "n", "run", "seeds", "baseline",
    "value", "best", "difference", "low", "high", "p", "p_error", "exact", "p_holm",
    "significant", "detectable", "effect", "p_equivalence", "outcome", "needed", "p_seeds",
    "differing", "floor", "queries", "letters", "source", "examples", "distinct_pairs", "tokens",
    "negatives", "language_examples", "start", "gain", "gain_low", "gain_high", "gain_p_holm",
    "train_seconds", "teacher_seconds", "index_seconds", "search_seconds", "train_flops",
    "encode_flops", "memory_mb", "joules", "seen", "start_seconds",
    "tuning_seconds", "tuning_flops",
)  # fmt: skip
"""``kind`` is that of the row, ``language`` its label, ``n`` its number of source queries,
``queries`` counts translations too; ``source`` is where a value was published, empty for our runs;
``examples`` to ``language_examples``, in the row's language, are the run's budget; in rows of
averages, ``start`` is the run that is the model which it began with, ``gain`` to ``gain_p_holm``
what it gained over it; ``train_seconds`` to ``joules`` and those behind ``seen`` are its cost;
``seen`` is `Cell.seen`."""


def to_json(comparisons: Sequence[Comparison], hypotheses: Hypotheses | None = None) -> str:
    """All tables as one JSON document, keys in a fixed order."""
    value = {
        "format": JSON_FORMAT,
        "hypotheses": None if hypotheses is None else plain_hypotheses(hypotheses),
        "comparisons": [_plain(each) for each in comparisons],
    }
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _plain(comparison: Comparison) -> dict[str, Any]:
    labels = [column.label for column in comparison.columns]
    value = asdict(comparison)
    del value["unfinished"]  # which is of the dashboard alone
    baseline = comparison.baseline
    value["baseline"] = None if baseline is None else labels[baseline]
    value["records"] = dict(zip(labels, value["records"], strict=True))
    value["budgets"] = dict(zip(labels, value["budgets"], strict=False))
    value["costs"] = dict(zip(labels, value["costs"], strict=False))
    for row in value["rows"]:
        row["cells"] = dict(zip(labels, row["cells"], strict=True))
    for pair in (*value["pairs"], *value["gains"]):
        pair["row"] = comparison.rows[pair["row"]].label
        pair |= {side: labels[pair[side]] for side in ("first", "second")}
    for bias in value["bias"]:
        bias["values"] = dict(zip(labels, bias["values"], strict=True))
    value["headline"] = headline(comparison)
    value["verdicts"] = [
        {
            "run": labels[verdict.column],
            "row": comparison.rows[verdict.row].label,
            "outcome": verdict.outcome,
            "sentence": verdict.sentence,
        }
        for verdict in verdicts(comparison)
    ]
    return value


def to_csv(comparisons: Sequence[Comparison], hypotheses: Hypotheses | None = None) -> str:
    """All tables as one tidy table."""
    text = io.StringIO()
    writer = csv.DictWriter(text, CSV_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(tidy_records(comparisons, hypotheses))
    return text.getvalue()


def tidy_records(
    comparisons: Sequence[Comparison], hypotheses: Hypotheses | None = None
) -> list[dict[str, Any]]:
    """A record per table, row and run with fields of `CSV_COLUMNS`; a study's hypotheses first."""
    records = [] if hypotheses is None else hypothesis_records(hypotheses)
    return [*records, *(record for each in comparisons for record in _records(each))]


def _records(comparison: Comparison) -> list[dict[str, Any]]:
    baseline = comparison.baseline
    same = {
        "dataset": comparison.dataset,
        "split": comparison.split,
        "setting": comparison.setting,
        "metric": comparison.metric,
        "baseline": "" if baseline is None else comparison.columns[baseline].label,
    }
    records = []
    for number, row in enumerate(comparison.rows):
        place = _place(row)
        for at, (column, cell) in enumerate(zip(comparison.columns, row.cells, strict=True)):
            record = {**same, **place, "run": column.label, "seeds": column.seeds}
            record |= _shown(comparison.budgets[at : at + 1], row)
            record |= gain_record(comparison, number, at)
            record |= _cost(comparison.costs[at : at + 1])
            if cell is not None:
                record |= {"value": cell.value, "best": int(cell.best)}
                record |= {"letters": cell.letters, "seen": cell.seen}
                if cell.difference is not None:
                    record |= _flat(asdict(cell.difference))
            records.append(record)
    for published in comparison.published:
        same |= {"run": published.label, "source": "; ".join(published.sources)}
        for row, value in zip(comparison.rows, published.values, strict=True):
            place = _place(row)
            records += [{**same, **place, "value": value}] if value is not None else []
    return records


def _place(row: Row) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "language": row.label,
        "n": row.sources,
        "queries": row.queries,
    }


def _shown(budgets: Sequence[Budget | None], row: Row) -> dict[str, Any]:
    """An arm's budget, total and in a row's language; empty if unknown."""
    record: dict[str, Any] = {}
    for budget in budgets:
        if budget is not None:
            record |= {
                "examples": budget.examples,
                "distinct_pairs": budget.pairs,
                "tokens": budget.tokens,
                "negatives": budget.negatives,
            }
            if budget.languages and row.kind == LANGUAGE:
                record["language_examples"] = round(budget.shown_in(row.label), 1)
    return record


def _cost(costs: Sequence[ArmCost]) -> dict[str, Any]:
    """What an arm has cost; empty if unknown."""
    known = {name: value for cost in costs for name, value in asdict(cost).items()}
    return {name: value for name, value in known.items() if name in CSV_COLUMNS}


def _flat(difference: dict[str, Any]) -> dict[str, Any]:
    renamed = {"difference" if key == "value" else key: each for key, each in difference.items()}
    return {key: int(each) if isinstance(each, bool) else each for key, each in renamed.items()}


def to_markdown(comparisons: Sequence[Comparison], hypotheses: Hypotheses | None = None) -> str:
    """All tables in Markdown, one heading each."""
    first = () if hypotheses is None else (hypothesis_sheet(hypotheses),)
    return "\n".join(sheet_markdown(each) for each in (*first, *sheets(comparisons)))


Renderer = Callable[[Sequence[Comparison], "Hypotheses | None"], str]

FORMATS: dict[str, Renderer] = {"json": to_json, "md": to_markdown, "csv": to_csv}
"""The text formats; a new one is a function and a line here."""


def render(
    comparisons: Sequence[Comparison], name: str, hypotheses: Hypotheses | None = None
) -> str:
    """The tables in the format `name`, a study's hypotheses first.

    Raises:
        UsageError: there is no such format.
    """
    if name not in FORMATS:
        raise UsageError(f"--format is {name!r}.", f"Choose one of: table {' '.join(FORMATS)}.")
    return FORMATS[name](comparisons, hypotheses)
