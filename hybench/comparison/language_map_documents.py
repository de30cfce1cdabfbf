"""Maps by query and passage language as sheets and documents.

**json**: ``{"format": 1, "maps": [...]}``, each with its ``values`` by query and passage language,
``missing`` with the reason for every other pair, and ``bias``. **csv**: one line per map and pair
with the columns of `CSV_COLUMNS`. **md**: the sheets that the terminal shows. In json and csv
numbers are in the metric's own unit, not ×100.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections import Counter
from collections.abc import Callable, Sequence

from hybench.comparison.language_maps import LanguageMap
from hybench.comparison.units import metric_style
from hybench.wording import amounts
from hybench.wording.text_table import NOT_RUN, Entry, Line, Sheet, sheet_markdown

JSON_FORMAT = 1

CSV_COLUMNS = (
    "dataset", "split", "metric", "arm", "seeds", "baseline", "setting", "query_lang",
    "passage_lang", "value", "missing",
)  # fmt: skip
"""``setting`` is mono on the diagonal, cross elsewhere; ``missing`` says why there is no value."""


def map_sheets(maps: Sequence[LanguageMap]) -> tuple[Sheet, ...]:
    """A sheet per map: query languages in rows, passage languages in columns."""
    return tuple(map(_sheet, maps))


def map_title(found: LanguageMap) -> str:
    """What a map shows: arm, what is subtracted, set and metric."""
    minus = f" minus {found.baseline}" if found.baseline else ""
    seeds = f" (mean of {found.seeds} seeds)" if found.seeds > 1 else ""
    factor = metric_style(found.metric).factor
    unit = f" ×{factor:g}" if factor != 1 else ""
    return f"{found.arm}{minus}{seeds} · {found.dataset} ({found.split}) · {found.metric}{unit}"


def describe_bias(bias: dict[str, dict[str, float]], query: str = "", *, signed: bool) -> str:
    """Language bias in the pool of all languages, of all queries and of one language's.

    Args:
        bias: by metric and query language.
        query: the language; empty for all alone.
        signed: whether they are differences.
    """
    if not bias:
        return "No language bias: the multi setting was not evaluated."

    def text(value: float) -> str:
        return amounts.signed(value, 2) if signed else f"{value:.2f}"

    parts = []
    for metric, values in bias.items():
        here = f" ({query} {text(values[query])})" if query in values else ""
        parts.append(f"{metric} {text(values.get('all', float('nan')))}{here}")
    fair = "" if signed else "; SameLang 1 is fair, lower RankDistance and RecallGap less biased"
    return f"Bias: {', '.join(parts)}{fair}."


def _sheet(found: LanguageMap) -> Sheet:
    style, signed = metric_style(found.metric), bool(found.baseline)
    scores = found.scores

    def entry(query: str, passage: str) -> Entry:
        value = scores.value(query, passage)
        return Entry(NOT_RUN, "quiet") if value is None else Entry(style.text(value, signed=signed))

    lines = tuple(
        Line((Entry(query), *(entry(query, passage) for passage in scores.passages)))
        for query in scores.queries
    )
    why = Counter(scores.missing.values())
    missing = [f"{NOT_RUN}: {reason} ({count} pairs)." for reason, count in sorted(why.items())]
    return Sheet(
        map_title(found),
        ("q\\p", *scores.passages),
        1,
        lines,
        "Query languages in rows, passage languages in columns: mono on the diagonal, cross "
        "elsewhere.",
        (describe_bias(found.bias, signed=signed), *missing),
    )


def _json(maps: Sequence[LanguageMap]) -> str:
    plain = [
        {
            "dataset": each.dataset,
            "split": each.split,
            "metric": each.metric,
            "arm": each.arm,
            "seeds": each.seeds,
            "baseline": each.baseline or None,
            "values": {
                query: {
                    passage: each.scores.value(query, passage) for passage in each.scores.passages
                }
                for query in each.scores.queries
            },
            "missing": [
                {"query_lang": query, "passage_lang": passage, "why": reason}
                for (query, passage), reason in each.scores.missing.items()
            ],
            "bias": {
                metric: {
                    query: value if math.isfinite(value) else None
                    for query, value in by_query.items()
                }
                for metric, by_query in each.bias.items()
            },
        }
        for each in maps
    ]
    value = {"format": JSON_FORMAT, "maps": plain}
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _csv(maps: Sequence[LanguageMap]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for each in maps:
        place = (each.dataset, each.split, each.metric, each.arm, each.seeds, each.baseline)
        scores = each.scores
        writer.writerows(
            (*place, "mono" if query == passage else "cross", query, passage,
             scores.value(query, passage), scores.missing.get((query, passage), ""))
            for query in scores.queries
            for passage in scores.passages
        )  # fmt: skip
    return text.getvalue()


def _markdown(maps: Sequence[LanguageMap]) -> str:
    return "\n".join(map(sheet_markdown, map_sheets(maps)))


MAP_FORMATS: dict[str, Callable[[Sequence[LanguageMap]], str]] = {
    "md": _markdown,
    "csv": _csv,
    "json": _json,
}
"""The formats of maps."""
