"""``hybench eval RUN --data SET``, and ``hybench eval bm25``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hybench.cli.evaluation_report import show_report
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
from hybench.wording.amounts import counted, listed
from hybench.wording.commands import DATA_DIR, RUNS_DIR, command, folder_word

if TYPE_CHECKING:
    from hybench.data.dataset import Dataset
    from hybench.encoders.encoder import Encoder
    from hybench.evaluation.bm25.baseline import Bm25Options
    from hybench.evaluation.estimate import EvalEstimate
    from hybench.evaluation.evaluate import EvalReport
    from hybench.evaluation.results import Results, ResultsInfo
    from hybench.evaluation.scope import EvalOptions


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
    metrics: Annotated[
        list[str] | None,
        option(
            help="What to compute beside the set's own, as nDCG@10,RR@10: from the ranks that "
            "results keep where these suffice, without searching."
        ),
    ] = None,
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
    from hybench.evaluation.bm25.baseline import Bm25Options
    from hybench.evaluation.scope import EvalOptions

    data, split = _set_and_split(data, split)
    if export_trec is not None and export_trec.exists() and not export_trec.is_dir():
        raise UsageError(f"--export-trec: {export_trec} is a file.", "Name a folder.")
    options = EvalOptions(
        split=split,
        settings=split_list(settings),
        languages=split_list(languages),
        ann=ann,
        ranking_depth=ranking_depth,
        whole=export_trec is not None and ranking_depth is None,
        force=force,
        data_root=data_dir,
        metrics=split_list(metrics) or (),
    )
    bm25 = Bm25Options(k1, b, tokens, name, options) if run_name == BM25 else None
    run = open_run(run_name, runs_dir) if bm25 is None else Run(runs_dir / name)
    kept = _find_kept_ranks(run, data, data_dir, bm25 or options) if options.metrics else None
    if kept is not None:
        report = None if dry_run else _add_metrics(kept, options.metrics)
    else:
        dataset = Dataset.open(folder_named(data, data_dir))
        if bm25 is not None:
            report = _search_words(run, dataset, bm25, dry_run=dry_run)
        else:
            report = _search(run, dataset, options, device, dry_run=dry_run)
        if export_trec is not None and report is not None:
            _export(run, dataset, report, export_trec, whole=options.whole)
    if report is None:
        console.talk("Next: the same without --dry-run")
        return
    show_report(run, report, options.metrics)
    again = command("compare", folder_word(run.path.parent), "--data", report.key)
    console.talk(f"Next: {again}")


def _find_kept_ranks(
    run: Run, data: str, data_dir: Path, options: EvalOptions | Bm25Options
) -> Results | None:
    """The results whose ranks give the metrics asked for; None, and why, where it must search.

    Raises:
        UsageError: an imported run would have to be searched.
    """
    from hybench.data.dataset import Dataset
    from hybench.data.manifest import MANIFEST
    from hybench.evaluation.bm25.baseline import Bm25Options, check_parameters
    from hybench.evaluation.kept_ranks import IMPORTED, NotKept, cannot_search, kept_ranks

    if isinstance(options, Bm25Options):
        check_parameters(run, options)
        options = options.evaluation
    imported = run.config_file.is_file() and run.read_config().get("kind") == IMPORTED
    folder = folder_named(data, data_dir)
    prepared = not imported or (folder / MANIFEST).is_file()
    try:
        kept = kept_ranks(run, Dataset.open(folder) if prepared else data, options)
    except NotKept as why:
        if imported:
            raise cannot_search(run, options.metrics, str(why)) from why
        console.talk(f"{listed(options.metrics)}: searching, since {why}.")
        return None
    new = [name for name in options.metrics if name not in kept.info.metrics]
    where = f"the results of {run.name} on {kept.key}"
    console.talk(
        f"{listed(new)}: from the ranks that {where} keep; nothing is searched."
        if new
        else f"{listed(options.metrics)}: in {where} already; nothing is searched."
    )
    return kept


def _add_metrics(kept: Results, metrics: tuple[str, ...]) -> EvalReport:
    from hybench.evaluation.evaluate import EvalReport
    from hybench.evaluation.kept_ranks import add_metrics

    with kept.run.lock():
        results = add_metrics(kept, metrics)
    return EvalReport(results.key, results.info, results.values)


def _search(
    run: Run, dataset: Dataset, options: EvalOptions, device: str, *, dry_run: bool
) -> EvalReport | None:
    """Evaluate a run's model; nothing but an estimate where that is asked for."""
    from hybench.encoders.loading import resolve_device
    from hybench.evaluation.evaluate import evaluate as evaluate_stage
    from hybench.indexes.model import load_model_of

    options = replace(options, device=resolve_device(device))
    encoder = load_model_of(run, device)
    if dry_run:
        _estimate(run, dataset, encoder, options)
        return None
    with run.lock(), console.progress() as progress:
        return evaluate_stage(run, dataset, encoder, options, progress)


def _search_words(
    run: Run, dataset: Dataset, options: Bm25Options, *, dry_run: bool
) -> EvalReport | None:
    """Evaluate BM25; nothing but an estimate where that is asked for."""
    from hybench.evaluation.bm25.baseline import evaluate_bm25

    if dry_run:
        _estimate_bm25(run.path.parent, dataset, options)
        return None
    with run.lock(), console.progress() as progress:
        return evaluate_bm25(run.path.parent, dataset, options, progress)[1]


def _export(run: Run, dataset: Dataset, report: EvalReport, folder: Path, *, whole: bool) -> None:
    from hybench.evaluation.results import read_results
    from hybench.evaluation.trec_export import export_trec

    files = export_trec(read_results(run, report.key), dataset, folder)
    depth = "" if whole else _how_deep(report.info)
    console.talk(f"{counted(len(files), 'TREC files')} in {folder}{depth}.")


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
    if min(pool, info.reach) <= info.ranking_depth:
        return ""
    counted = "all" if info.depth is None else f"{info.reach:,.0f}"
    return (
        f": the first {info.ranking_depth:,} hits of each ranking, of which the metrics count "
        f"{counted}; for the rest, and to import them again with the same values, evaluate with a "
        "larger --ranking-depth, or without it"
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
