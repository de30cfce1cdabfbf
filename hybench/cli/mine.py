"""``hybench mine RUN --data SET``."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

import hybench
from hybench.cli.options import (
    DataDir,
    DataSet,
    Device,
    DryRun,
    Engine,
    Exchange,
    Force,
    Languages,
    Memory,
    Processes,
    RayAddress,
    RunsDir,
    memory_of,
    option,
    split_list,
)
from hybench.cli.state import console
from hybench.wording.amounts import counted, duration
from hybench.wording.commands import DATA_DIR, RUNS_DIR, command

Across = Literal["same", "other", "any"]
Passages = Literal["corpus", "pairs"]
Tokens = Literal["auto", "whitespace"]


def mine(
    run_name: Annotated[
        str,
        typer.Argument(
            metavar="RUN|MODEL",
            help="Whose ranking: a run, by name or folder; bm25; or a model as it is.",
        ),
    ],
    data: DataSet,
    negatives: Annotated[
        Across, option(help="Languages of a query's negatives: its own, all others, or any.")
    ] = "same",
    count: Annotated[int, option(help="Negatives per query.")] = 8,
    depth: Annotated[int, option(help="Hits of each query that are looked at.")] = 100,
    skip_top: Annotated[
        int, option(help="Of the hits that could be negatives, the best ones to leave out.")
    ] = 0,
    relative_margin: Annotated[
        float,
        option(
            help="Least distance of a negative's score below the positive's, as a share of it; "
            "below 0, hits above the positive are negatives, too."
        ),
    ] = 0.05,
    absolute_margin: Annotated[
        float | None, option(help="Least distance of a negative's score below the positive's.")
    ] = None,
    max_score: Annotated[float | None, option(help="Highest score of a negative.")] = None,
    min_score: Annotated[float | None, option(help="Lowest score of a negative.")] = None,
    passages: Annotated[
        Passages,
        option(help="Search in the set's corpus and its pairs' passages, or in these alone."),
    ] = "corpus",
    score_with: Annotated[
        str | None,
        option(help="A teacher, by directory or hub id, whose scores go beside the negatives."),
    ] = None,
    k1: Annotated[float, option(help="BM25's k1.")] = 0.9,
    b: Annotated[float, option(help="BM25's b.")] = 0.4,
    tokens: Annotated[
        Tokens, option(help="BM25's tokens; auto handles scripts without spaces.")
    ] = "auto",
    name: Annotated[
        str | None, option(help="Name of the negatives; by default after set and run.")
    ] = None,
    processes: Processes = 1,
    engine: Engine = "local",
    address: RayAddress = "",
    exchange: Exchange = "",
    memory: Memory = None,
    languages: Languages = None,
    device: Device = "auto",
    force: Force = False,
    dry_run: DryRun = False,
    data_dir: DataDir = DATA_DIR,
    runs_dir: RunsDir = RUNS_DIR,
) -> None:
    """Mine hard negatives for a set's training queries."""
    options = hybench.MineOptions(
        negatives=negatives,
        count=count,
        depth=depth,
        skip_top=skip_top,
        relative_margin=relative_margin,
        absolute_margin=absolute_margin,
        max_score=max_score,
        min_score=min_score,
        passages=passages,
        languages=split_list(languages),
        score_with=score_with,
        name=name,
        force=force,
        processes=processes,
        engine=engine,
        address=address,
        exchange=exchange,
        memory=memory_of(memory),
    )
    words = hybench.Bm25Options(k1=k1, b=b, tokens=tokens)
    if dry_run:
        from hybench.api.mining import plan_mining

        plan = plan_mining(
            run_name,
            data,
            options,
            bm25=words,
            device=device,
            data_dir=data_dir,
            runs_dir=runs_dir,
        )
        console.data(
            f"{counted(plan.queries, 'queries')} in {counted(len(plan.languages), 'languages')} "
            f"to search for in {counted(plan.passages, 'passages')}; "
            f"about {duration(plan.seconds)}."
        )
        console.talk("Next: the same command without --dry-run")
        return
    with console.progress() as progress:
        mined = hybench.mine(
            run_name,
            data,
            options,
            bm25=words,
            device=device,
            data_dir=data_dir,
            runs_dir=runs_dir,
            progress=progress,
        )
    console.show(*mined.sheets())
    if mined.unchanged:
        console.talk("Up to date.")
    own = ("--hard-negatives", mined.negatives.path.name)
    console.talk(f"Next: {command('train', '--data', data, *own, data_dir=data_dir)}")
