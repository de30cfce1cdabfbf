"""What the terminal shows of an evaluation or an import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hybench.cli.state import console
from hybench.wording.amounts import counted

if TYPE_CHECKING:
    import polars as pl

    from hybench.evaluation.evaluate import EvalReport
    from hybench.evaluation.results import ResultsInfo
    from hybench.runs.run import Run
    from hybench.wording.text_table import Sheet


def show_report(run: Run, report: EvalReport, metrics: tuple[str, ...] = ()) -> None:
    """Show the tables of an evaluation, its language bias, and what a reader must be warned of.

    Args:
        run: the run.
        report: what the evaluation gave.
        metrics: to show; empty for all.
    """
    console.show(*_sheets(run, report, tuple(dict.fromkeys(metrics)) or report.info.metrics))
    for line in bias_lines(run, report.key):
        console.data(line)
    _warn_of_trained(run, report.info)


def _sheets(run: Run, report: EvalReport, metrics: tuple[str, ...]) -> list[Sheet]:
    """Per language and setting, and the matrix of languages in the first metric."""
    import polars as pl

    from hybench.cli.tables import language_sheet, matrix_sheet
    from hybench.evaluation.heat_maps import heat_map
    from hybench.evaluation.means import language_means

    info = report.info
    sheets = []
    title = f"{run.name} on {info.dataset} ({info.split})"
    for setting in info.settings:
        means = language_means(report.values, setting=setting).filter(
            pl.col("metric").is_in(metrics)
        )
        if setting != "cross" and means.height:
            sheets.append(language_sheet(f"{title} · {setting}", _wide(means, metrics)))
    if "cross" in info.settings:
        primary = metrics[0]
        scores = heat_map([report.values], primary)
        sheets.append(matrix_sheet(f"{title} · mono and cross", scores, primary))
    if info.search == "ann":
        worst = min(info.recall.values(), default=0.0)
        console.warn(f"approximate search: recall@100 against exact is {worst:.3f} at worst.")
    if info.shallow:
        console.warn(
            f"RankDistance: relevant passages that are not among the {info.depth:,} hits count as "
            f"rank {info.missing_rank:,}, below the whole pool."
        )
    return sheets


def _wide(means: pl.DataFrame, metrics: tuple[str, ...]) -> pl.DataFrame:
    import polars as pl

    wide = means.pivot(on="metric", index=["query_lang", "queries"], values="value")
    return wide.sort("query_lang").select(
        pl.col("query_lang").alias("language"), pl.col("queries").alias("n"), *metrics
    )


def bias_lines(run: Run, key: str) -> list[str]:
    """The language-bias measures in one line; none without a multilingual pool."""
    from hybench.evaluation.results import read_results
    from hybench.metrics.bias import bias_table

    results = read_results(run, key)
    if "multi" not in results.info.settings:
        return []
    import polars as pl

    overall = bias_table(results.values, results.relevant().collect()).filter(
        pl.col("query_lang") == "all"
    )
    values = dict(overall.select("metric", "value").iter_rows())
    told = ", ".join(f"{metric} {value:.2f}" for metric, value in sorted(values.items()))
    return [f"language bias of {run.name}: {told}"] if values else []


def _warn_of_trained(run: Run, info: ResultsInfo) -> None:
    """Say how many of the queries the run was trained on, if any."""
    trained = sum((info.trained_queries or {}).values())
    if trained:
        every = sum(info.distinct_queries.values())
        console.warn(
            f"{run.name} was trained on {trained:,} of these {counted(every, 'queries')} (same "
            "text), so these are not scores of unseen ones: evaluate on a set or split that was "
            "held out, or train without them."
        )
