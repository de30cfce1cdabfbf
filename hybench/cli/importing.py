"""``hybench import trec`` and ``hybench import mteb``: other systems' results as runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from hybench.cli.options import DataDir, Force, RunsDir, Setting, option, split_list
from hybench.cli.state import console
from hybench.errors import UsageError
from hybench.values.names import folder_named
from hybench.wording import commands as hints
from hybench.wording.amounts import counted, listed
from hybench.wording.commands import DATA_DIR, RUNS_DIR, command, folder_word

app = typer.Typer(
    no_args_is_help=True,
    help="Make a run from other systems' results.",
    rich_markup_mode=None,
)


@app.command()
def trec(
    run_file: Annotated[
        str,
        typer.Argument(
            metavar="RUNFILE",
            help="TREC run file; {lang}, {corpus} and {setting} in its name match several files.",
        ),
    ],
    qrels: Annotated[
        str | None,
        option(help="TREC judgements, named like the run files; with --data, the set's own."),
    ] = None,
    data: Annotated[
        str | None, option("--data", help="Prepared set that was searched, by name or folder.")
    ] = None,
    dataset: Annotated[
        str | None, option(help="Name of the set that was searched, if it is not prepared here.")
    ] = None,
    split: Annotated[
        str | None, option(help="Split of the queries: the set's own, else test.")
    ] = None,
    languages: Annotated[
        list[str] | None,
        option("--languages", "-l", help="Language of the queries of each file; repeatable."),
    ] = None,
    setting: Annotated[
        Setting, option(help="Setting of the files whose names do not give it.")
    ] = "mono",
    metrics: Annotated[
        list[str] | None,
        option(help="Metrics to add to a set's own, such as nDCG@10,RR@10."),
    ] = None,
    name: Annotated[str | None, option(help="The run's name; the file's by default.")] = None,
    force: Force = False,
    data_dir: DataDir = DATA_DIR,
    runs_dir: RunsDir = RUNS_DIR,
) -> None:
    """Import TREC rankings as a run, scored and tested like any other."""
    from hybench.api.importing import import_trec
    from hybench.cli.evaluation_report import show_report
    from hybench.data.dataset import Dataset
    from hybench.importing.trec_files import find_files
    from hybench.importing.trec_run import ImportOptions

    if (data is None) == (dataset is None):
        raise UsageError(
            "--data: which set was searched?"
            if data is None
            else "--data and --dataset are both given.",
            "Name a prepared set with --data, or any other with --dataset NAME and --qrels.",
        )
    files = find_files(run_file, qrels, setting, split_list(languages))
    options = ImportOptions(
        dataset=None if data is None else Dataset.open(folder_named(data, data_dir)),
        name=dataset or "",
        split=split,
        metrics=split_list(metrics) or (),
        keep=not force,
    )
    with console.progress() as progress:
        scored, found = import_trec(
            files, options, name or _default_name(run_file), runs_dir=runs_dir, progress=progress
        )
    for searches, what in (
        (found.missing, "without a hit, scored 0"),
        (found.unknown, "of the files omitted, without a judgement"),
    ):
        if searches:
            each = listed([f"{search} {count:,}" for search, count in searches.items()])
            console.warn(f"{counted(sum(searches.values()), 'queries')} {what}: {each}.")
    if found.shallow:
        console.warn(
            f"{listed(found.shallow)}: {found.info.depth} hits are fewer than the metrics need; "
            "passages below them count as not found."
        )
    show_report(scored)
    console.talk(f"Next: {command('compare', folder_word(runs_dir), '--data', found.key)}")


def _default_name(pattern: str) -> str:
    """The file's name without placeholders in braces, and without its suffix."""
    stem = re.sub(r"[._-]*\{\w+\}", "", Path(pattern).name)
    return stem.removesuffix(".gz").rpartition(".")[0] or stem


@app.command()
def mteb(
    result: Annotated[
        Path, typer.Argument(metavar="RESULT.json", help="A task's result, as mteb writes it.")
    ],
    name: Annotated[
        str | None, option(help="The run's name; the model's in MTEB's layout by default.")
    ] = None,
    force: Force = False,
    runs_dir: RunsDir = RUNS_DIR,
) -> None:
    """Import means from MTEB: shown next to runs, not tested.

    MTEB's results have no values per query.
    """
    from hybench.api.importing import import_mteb
    from hybench.importing.mteb import HARD_NEGATIVES

    if not result.exists():
        raise UsageError(f"There is no {result}.", "Check the path.")
    run, found = import_mteb(result, name, replace=force, runs_dir=runs_dir)
    if found.undefined:
        verb = "is" if len(found.undefined) == 1 else "are"
        told = _metrics_of(found.undefined)
        console.warn(f"{told} {verb} undefined in {result}, and omitted.")
    sets: dict[str, dict[str, tuple[str, ...]]] = {}
    for row in found.rows:
        sets.setdefault(f"{row.dataset} ({row.split})", {})[row.metric] = row.languages
    for dataset, metrics in sets.items():
        console.talk(f"{run.path}: {dataset}, {_metrics_of(metrics)}.")
    console.talk("These are only means, so compare shows them without a test.")
    if any(row.dataset == HARD_NEGATIVES for row in found.rows):
        console.talk(
            f"{HARD_NEGATIVES} is a different test set from miracl: about 250 passages per query "
            "were searched, not all."
        )
    alone = command("compare", hints.path_word(run.path))
    known = " ".join(dict.fromkeys(f"{row.dataset}@{row.split}" for row in found.rows))
    console.talk(f"Next: {alone} (add runs evaluated on {known} to see them side by side)")


def _metrics_of(languages: dict[str, tuple[str, ...]]) -> str:
    """Metrics with their languages, grouped by equal languages."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for metric, codes in languages.items():
        groups.setdefault(tuple(sorted(codes)), []).append(metric)
    told = [f"{listed(metrics)} of {listed(codes, ' ')}" for codes, metrics in groups.items()]
    return listed(told, "; ")
