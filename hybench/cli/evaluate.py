"""``hybench eval RUN --data SET``, and ``hybench eval bm25``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hybench.cli.options import (
    DataDir,
    DataSet,
    Device,
    DryRun,
    Languages,
    RunsDir,
    option,
    split_list,
)
from hybench.cli.state import console
from hybench.errors import UsageError
from hybench.runs.named import open_run
from hybench.runs.run import BM25, Run
from hybench.values.names import folder_named
from hybench.wording.amounts import counted
from hybench.wording.commands import DATA_DIR, RUNS_DIR, command, folder_word

if TYPE_CHECKING:
    import polars as pl

    from hybench.data.dataset import Dataset
    from hybench.encoders.encoder import Encoder
    from hybench.evaluation.bm25.baseline import Bm25Options
    from hybench.evaluation.estimate import EvalEstimate
    from hybench.evaluation.evaluate import EvalReport
    from hybench.evaluation.results import ResultsInfo
    from hybench.evaluation.scope import EvalOptions
    from hybench.wording.text_table import Sheet


Tokens = Literal["auto", "whitespace"]


def evaluate(
    run_name: Annotated[
        str, typer.Argument(metavar="RUN", help="Run, by name or folder; bm25 for the baseline.")
    ],
    data: DataSet,
    split: Annotated[
        str | None,
        option(
            help="Split of the queries, as in --data SET@SPLIT: test where there is one, else dev."
        ),
    ] = None,
    settings: Annotated[
        list[str] | None, option(help="mono, cross, multi; all that the set has.")
    ] = None,
    ann: Annotated[
        bool, option("--ann", help="Search the usearch indexes instead of exactly.")
    ] = False,
    ranking_depth: Annotated[
        int | None, option(help="Hits per query to keep in the rankings.")
    ] = None,
    export_trec: Annotated[
        Path | None,
        option(
            help="Write TREC run and qrels files into this folder, as deep as the metrics need."
        ),
    ] = None,
    k1: Annotated[float, option(help="BM25's k1.")] = 0.9,
    b: Annotated[float, option(help="BM25's b.")] = 0.4,
    tokens: Annotated[
        Tokens, option(help="BM25's tokens; auto serves scripts without spaces.")
    ] = "auto",
    name: Annotated[str, option(help="Name of the BM25 run.")] = BM25,
    languages: Languages = None,
    force: Annotated[
        bool, option("--force", help="Replace results that cover more, or of another search.")
    ] = False,
    device: Device = "auto",
    dry_run: DryRun = False,
    data_dir: DataDir = DATA_DIR,
    runs_dir: RunsDir = RUNS_DIR,
) -> None:
    """Evaluate a run on a data set, in every setting that it allows."""
    from hybench.data.dataset import Dataset
    from hybench.encoders.loading import resolve_device
    from hybench.evaluation.evaluate import evaluate as evaluate_stage
    from hybench.evaluation.scope import EvalOptions
    from hybench.indexes.model import load_model_of

    data, split = _set_and_split(data, split)
    dataset = Dataset.open(folder_named(data, data_dir))
    if export_trec is not None and export_trec.exists() and not export_trec.is_dir():
        raise UsageError(f"--export-trec: {export_trec} is a file.", "Name a folder.")
    is_bm25 = run_name == BM25
    options = EvalOptions(
        split=split,
        settings=split_list(settings),
        languages=split_list(languages),
        ann=ann,
        ranking_depth=ranking_depth,
        whole=export_trec is not None and ranking_depth is None,
        device="cpu" if is_bm25 else resolve_device(device),
        force=force,
        data_root=data_dir,
    )
    if is_bm25:
        from hybench.evaluation.bm25.baseline import Bm25Options, evaluate_bm25

        bm25 = Bm25Options(k1, b, tokens, name, options)
        if dry_run:
            _estimate_bm25(runs_dir, dataset, bm25)
            return
        with Run(runs_dir / name).lock(), console.progress() as progress:
            run, report = evaluate_bm25(runs_dir, dataset, bm25, progress)
    else:
        run = open_run(run_name, runs_dir)
        encoder = load_model_of(run, device)
        if dry_run:
            _estimate(run, dataset, encoder, options)
            return
        with run.lock(), console.progress() as progress:
            report = evaluate_stage(run, dataset, encoder, options, progress)
    if export_trec is not None:
        from hybench.evaluation.results import read_results
        from hybench.evaluation.trec_export import export_trec as write_trec

        files = write_trec(read_results(run, report.key), dataset, export_trec)
        depth = "" if options.whole else _how_deep(report.info)
        console.talk(f"{counted(len(files), 'TREC files')} in {export_trec}{depth}.")
    console.show(*report_sheets(run, report))
    for line in bias_lines(run, report.key):
        console.data(line)
    _warn_of_trained(run, report.info)
    again = command("compare", folder_word(run.path.parent), "--data", report.key)
    console.talk(f"Next: {again}")


def _set_and_split(data: str, split: str | None) -> tuple[str, str | None]:
    """A set and a split; results, and with them ``compare``, call it ``SET@SPLIT``.

    Raises:
        UsageError: ``--split`` says another.
    """
    folder, at, named = data.rpartition("@")
    if not at or "/" in named:
        return data, split
    if split not in {None, named}:
        raise UsageError(
            f"--data {data} is of the split {named}, and --split says {split}.", "Leave one out."
        )
    return folder, named


def _how_deep(info: ResultsInfo) -> str:
    """How many hits of a ranking were kept, where metrics count more."""
    pool = max(info.pools.values(), default=0)
    if min(pool, info.depth or pool) <= info.ranking_depth:
        return ""
    counted = "all" if info.depth is None else f"{info.depth:,}"
    return (
        f": the first {info.ranking_depth:,} hits of each ranking, of which the metrics count "
        f"{counted}; for the rest, and to import them again with the same values, evaluate with a "
        "larger --ranking-depth, or without it"
    )


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


def _estimate(run: Run, dataset: Dataset, encoder: Encoder, options: EvalOptions) -> None:
    from hybench.evaluation.estimate import estimate_evaluation

    with console.progress() as progress:
        plan = estimate_evaluation(run, dataset, encoder, options, progress)
    up_to_date = f"to encode on {encoder.device}, {plan.current:,} are up to date"
    _tell_estimate(plan, up_to_date)


def _estimate_bm25(runs_dir: Path, dataset: Dataset, options: Bm25Options) -> None:
    from hybench.evaluation.estimate import estimate_bm25

    with console.progress() as progress:
        plan = estimate_bm25(runs_dir, dataset, options, progress)
    _tell_estimate(plan, "to index, each as often as a pool holds it")


def _tell_estimate(plan: EvalEstimate, to_do: str) -> None:
    from rich.filesize import decimal

    from hybench.wording.amounts import duration

    console.data(
        f"{counted(plan.passages, 'passages')} {to_do}; {counted(plan.queries, 'queries')} in "
        f"{counted(plan.languages, 'languages')}, {counted(plan.searches, 'searches')} "
        f"({' '.join(plan.settings)}); "
        f"{decimal(plan.disk_bytes)} on disk; about {duration(plan.seconds)}."
    )
    console.talk("Next: the same without --dry-run")


def report_sheets(run: Run, report: EvalReport) -> list[Sheet]:
    """The tables of an evaluation: per language and setting, and the matrix of languages."""
    import polars as pl

    from hybench.cli.tables import language_sheet, matrix_sheet
    from hybench.evaluation.heat_maps import heat_map
    from hybench.evaluation.means import language_means

    info = report.info
    sheets = []
    title = f"{run.name} on {info.dataset} ({info.split})"
    for setting in info.settings:
        means = language_means(report.values, setting=setting).filter(
            pl.col("metric").is_in(list(info.metrics))
        )
        if setting != "cross" and means.height:
            sheets.append(language_sheet(f"{title} · {setting}", _wide(means, info.metrics)))
    if "cross" in info.settings:
        primary = info.metrics[0]
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
