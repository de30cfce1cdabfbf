"""The scores of one run as sheets: by language, and by the languages of queries and passages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from hybench.comparison.training_marks import Model, language_marks, training_notes
from hybench.comparison.units import MetricStyle, metric_style
from hybench.evaluation.heat_maps import HeatMap, heat_map
from hybench.evaluation.means import language_means
from hybench.evaluation.results import ResultsInfo
from hybench.wording.text_table import NOT_RUN, Entry, Line, Sheet


def evaluation_sheets(
    name: str,
    values: pl.DataFrame,
    info: ResultsInfo,
    metrics: Sequence[str] = (),
    model: Model | None = None,
) -> list[Sheet]:
    """An evaluation: a sheet per setting, and the matrix of languages in the first metric.

    Args:
        name: of the run.
        values: the table of results.
        info: what they are.
        metrics: to show; empty for all.
        model: what is known of its training, for marks and for notes below the last sheet; None
            for BM25.
    """
    shown = tuple(dict.fromkeys(metrics)) or info.metrics
    title = f"{name} on {info.dataset} ({info.split})"
    languages = sorted(info.query_languages)
    marks = language_marks(model, info.tested, languages) if model else {}
    sheets = []
    for setting in info.settings:
        means = language_means(values, setting=setting).filter(pl.col("metric").is_in(shown))
        if setting != "cross" and means.height:
            sheets.append(language_sheet(f"{title} · {setting}", _wide(means, shown), marks))
    if "cross" in info.settings:
        scores = heat_map([values], shown[0])
        sheets.append(matrix_sheet(f"{title} · mono and cross", scores, shown[0]))
    if model and sheets:
        notes = training_notes([model], info.tested, languages, several=False)
        sheets[-1] = replace(sheets[-1], notes=tuple(notes))
    return sheets


def _wide(means: pl.DataFrame, metrics: Sequence[str]) -> pl.DataFrame:
    wide = means.pivot(on="metric", index=["query_lang", "queries"], values="value")
    return wide.sort("query_lang").select(
        pl.col("query_lang").alias("language"), pl.col("queries").alias("n"), *metrics
    )


def language_sheet(
    title: str, frame: pl.DataFrame, marks: Mapping[str, str] | None = None
) -> Sheet:
    """Scores by language.

    Args:
        title: of the sheet.
        frame: columns language, n (queries) and one f64 column per metric, null if not run.
        marks: marks of languages.

    Returns:
        A line per language, and their mean if there are several languages and no gaps.
    """
    metrics = [name for name in frame.columns if name not in {"language", "n"}]
    lines = []
    for row in frame.iter_rows(named=True):
        entries = [_number(row[metric], metric_style(metric)) for metric in metrics]
        mark = (marks or {}).get(row["language"], "")
        named = Entry(row["language"], mark=mark)
        lines.append(Line((named, Entry(f"{row['n']:,}"), *entries)))
    if frame.height > 1:
        whole = frame.drop_nulls()
        label = "AVG" if whole.height == frame.height else f"AVG {whole.height}/{frame.height}"
        means = [
            _number(_mean(whole[metric].to_list()), metric_style(metric)) for metric in metrics
        ]
        lines.append(Line((Entry(label), Entry(f"{whole['n'].sum():,}"), *means), ruled=True))
    header = ["lang", "n", *(metric + _factor(metric_style(metric)) for metric in metrics)]
    return Sheet(title, tuple(header), 1, tuple(lines))


def matrix_sheet(title: str, scores: HeatMap, metric: str) -> Sheet:
    """Scores by the query's language (lines) and the passages' (columns).

    Args:
        title: of the sheet.
        scores: the map; a pair of languages without a value is left blank.
        metric: of the values.

    Returns:
        A line and a column per language, and the mean of each.
    """
    style = metric_style(metric)
    rows = [
        [scores.value(query, passage) for passage in scores.passages] for query in scores.queries
    ]
    lines = []
    for query, row in zip(scores.queries, rows, strict=True):
        entries = [Entry("") if value is None else _number(value, style) for value in row]
        lines.append(Line((Entry(query), *entries, _number(_mean(row), style))))
    everything = _number(_mean([value for row in rows for value in row]), style)
    means = [_number(_mean(column), style) for column in zip(*rows, strict=True)]
    lines.append(Line((Entry("AVG"), *means, everything), ruled=True))
    header = ("query \\ passage", *scores.passages, "AVG")
    return Sheet(f"{title} · {metric}{_factor(style)}", header, 1, tuple(lines))


def _mean(values: Sequence[float | None]) -> float | None:
    present = [value for value in values if value is not None]
    return sum(present) / len(present) if present else None


def _number(value: float | None, style: MetricStyle) -> Entry:
    return Entry(NOT_RUN, "quiet") if value is None else Entry(style.text(value))


def _factor(style: MetricStyle) -> str:
    return f" ×{style.factor:g}" if style.factor != 1 else ""
