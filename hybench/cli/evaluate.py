"""``hybench eval RUN --data SET``, and ``hybench eval bm25``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

import hybench
from hybench.cli.evaluation_report import show_report
from hybench.cli.options import (
    DataDir,
    DataSet,
    Device,
    DryRun,
    Engine,
    Exchange,
    Languages,
    Memory,
    Precision,
    Processes,
    RayAddress,
    RunsDir,
    memory_of,
    option,
    split_list,
)
from hybench.cli.state import console
from hybench.errors import UsageError
from hybench.runs.run import BM25
from hybench.wording.amounts import counted, duration
from hybench.wording.commands import DATA_DIR, RUNS_DIR, command, folder_word

if TYPE_CHECKING:
    from hybench.api.evaluating import Evaluated
    from hybench.evaluation.results import ResultsInfo


Tokens = Literal["auto", "whitespace"]
Pooling = Literal["mean", "cls", "last"]


def evaluate(
    run_name: Annotated[
        str,
        typer.Argument(
            metavar="RUN|MODEL",
            help="Run, by name or folder; bm25 for the baseline; or a model as it is: a "
            "checkpoint's directory or hub id, which becomes a run.",
        ),
    ],
    data: DataSet,
    split: Annotated[
        str | None,
        option(
            help="Split of the queries, as in --data SET@SPLIT: test where there is one, else dev."
        ),
    ] = None,
    settings: Annotated[
        list[str] | None, option(help="mono, cross, multi; by default all that the set has.")
    ] = None,
    ann: Annotated[
        bool,
        option("--ann", help="Search approximately, in the usearch indexes, instead of exactly."),
    ] = False,
    metrics: Annotated[
        list[str] | None,
        option(
            help="Metrics to add to the set's own, such as nDCG@10,RR@10; computed from the ranks "
            "that results store, without searching, where these suffice."
        ),
    ] = None,
    ranking_depth: Annotated[
        int | None, option(help="Hits per query to store in the rankings.")
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
        Tokens, option(help="BM25's tokens; auto handles scripts without spaces.")
    ] = "auto",
    name: Annotated[
        str | None,
        option(help="Name of the run of BM25 (bm25) or of a model (the last part of its name)."),
    ] = None,
    query_prefix: Annotated[str | None, option(help="A model's prefix of every query.")] = None,
    passage_prefix: Annotated[str | None, option(help="A model's prefix of every passage.")] = None,
    query_length: Annotated[
        int | None, option(help="Maximum query length of a model, in tokens.")
    ] = None,
    passage_length: Annotated[
        int | None, option(help="Maximum passage length of a model, in tokens.")
    ] = None,
    pooling: Annotated[
        Pooling | None, option(help="A model's pooling: mean, first or last token.")
    ] = None,
    processes: Processes = 1,
    engine: Engine = "local",
    address: RayAddress = "",
    exchange: Exchange = "",
    memory: Memory = None,
    languages: Languages = None,
    force: Annotated[
        bool, option("--force", help="Replace results that cover more or come from another search.")
    ] = False,
    device: Device = "auto",
    precision: Precision = "fp32",
    dry_run: DryRun = False,
    data_dir: DataDir = DATA_DIR,
    runs_dir: RunsDir = RUNS_DIR,
) -> None:
    """Evaluate a run, or a model as it is, in every setting.

    A model's prefixes, lengths and pooling are its own unless they are given.
    """
    if export_trec is not None and export_trec.exists() and not export_trec.is_dir():
        raise UsageError(f"--export-trec: {export_trec} is a file.", "Name a folder.")
    options = hybench.EvalOptions(
        split=split,
        settings=split_list(settings),
        languages=split_list(languages),
        ann=ann,
        ranking_depth=ranking_depth,
        whole=export_trec is not None and ranking_depth is None,
        force=force,
        metrics=split_list(metrics) or (),
        processes=processes,
        engine=engine,
        address=address,
        exchange=exchange,
        memory=memory_of(memory),
    )
    words = None
    if run_name == BM25:
        words = hybench.Bm25Options(k1, b, tokens, name or BM25, options)
    model = hybench.ModelOptions(
        name, query_prefix, passage_prefix, query_length, passage_length, pooling
    )
    asked: dict[str, Any] = {
        "bm25": words,
        "model": model,
        "device": device,
        "precision": precision,
        "data_dir": data_dir,
        "runs_dir": runs_dir,
    }
    if dry_run:
        _show_plan(run_name, data, options, asked)
        console.talk("Next: the same command without --dry-run")
        return
    with console.progress() as progress:
        found = hybench.evaluate(
            run_name, data, options, progress=progress, tell=console.talk, **asked
        )
    if export_trec is not None:
        _export(found, data, data_dir, export_trec, whole=options.whole)
    show_report(found)
    again = command("compare", folder_word(found.run.path.parent), "--data", found.report.key)
    console.talk(f"Next: {again}")


def _export(found: Evaluated, data: str, data_dir: Path, folder: Path, *, whole: bool) -> None:
    from hybench.api.naming import the_dataset

    dataset = the_dataset(data.partition("@")[0] if "@" in Path(data).name else data, data_dir)
    files = found.export_trec(dataset, folder)
    depth = "" if whole else _how_deep(found.report.info)
    console.talk(f"{counted(len(files), 'TREC files')} in {folder}{depth}.")


def _how_deep(info: ResultsInfo) -> str:
    """How many hits of a ranking were written, if metrics count more."""
    pool = max(info.pools.values(), default=0)
    if min(pool, info.reach) <= info.ranking_depth:
        return ""
    counted = "all" if info.depth is None else f"{info.reach:,.0f}"
    return (
        f": the first {info.ranking_depth:,} hits of each ranking; the metrics count "
        f"{counted}. To write the rest, and to get the same values when they are imported, "
        "evaluate with a larger --ranking-depth or without it"
    )


def _show_plan(
    run_name: str,
    data: str,
    options: hybench.EvalOptions,
    asked: dict[str, Any],
) -> None:
    """Show what an evaluation would take."""
    from rich.filesize import decimal

    from hybench.api.evaluating import plan_evaluation
    from hybench.encoders.devices import resolve_device

    with console.progress() as progress:
        plan = plan_evaluation(
            run_name, data, options, progress=progress, tell=console.talk, **asked
        )
    if plan is None:
        return
    to_do = "to index, each once per pool"
    if asked["bm25"] is None:
        where = resolve_device(asked["device"])
        to_do = f"to encode on {where}, {plan.current:,} are up to date"
    console.data(
        f"{counted(plan.passages, 'passages')} {to_do}; {counted(plan.queries, 'queries')} in "
        f"{counted(plan.languages, 'languages')}, {counted(plan.searches, 'searches')} "
        f"({' '.join(plan.settings)}); "
        f"{decimal(plan.disk_bytes)} on disk; about {duration(plan.seconds)}."
    )
