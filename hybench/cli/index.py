"""``hybench index RUN --data SET``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from hybench.cli.options import (
    BM25,
    DATA_DIR,
    RUNS_DIR,
    DataDir,
    DataSet,
    Device,
    DryRun,
    Force,
    Languages,
    RunName,
    RunsDir,
    command,
    evaluating,
    folder_word,
    open_run,
    option,
    split_list,
)
from hybench.cli.state import console
from hybench.errors import UsageError
from hybench.runs.run import Run
from hybench.values.names import folder_named
from hybench.wording.amounts import counted

if TYPE_CHECKING:
    from hybench.data.dataset import Dataset
    from hybench.encoders.encoder import Encoder
    from hybench.indexes.writer import IndexOptions, IndexReport
    from hybench.wording.text_table import Sheet


Dtype = Literal["f32", "f16", "bf16", "i8"]


def load_model_of(run: Run, device: str) -> Encoder:
    """The run's trained encoder.

    Raises:
        UsageError: the run is BM25, or was imported.
        StateError: the run has none yet.
    """
    from hybench.encoders.loading import load_encoder
    from hybench.indexes.reader import model_sha256

    kind = run.read_config().get("kind")
    if kind == "imported":
        raise UsageError(
            f"Run {run.name} was imported, and has no model.",
            f"Compare it as it is: {command('compare', folder_word(run.path.parent))}.",
        )
    if kind == BM25:
        raise UsageError(
            f"Run {run.name} is BM25, which has no model.",
            f"Evaluate it: {command('eval', BM25, '--name', run.name, runs_dir=run.path.parent)}.",
        )
    model_sha256(run)
    return load_encoder(run.model, device)


def index(
    run_name: RunName,
    data: DataSet,
    dtype: Annotated[Dtype, option(help="Precision of the vectors in the graph.")] = "i8",
    exact: Annotated[bool, option("--exact", help="Vectors only, no graph.")] = False,
    connectivity: Annotated[int, option(help="Neighbours per node (HNSW's M).")] = 24,
    expansion_add: Annotated[int, option(help="Candidates per added node (efConstruction).")] = 300,
    expansion_search: Annotated[int, option(help="Candidates per query (ef).")] = 360,
    threads: Annotated[
        int, option(help="Threads that build; 1 gives the same graph each time, 0 all.")
    ] = 1,
    sample: Annotated[
        int, option(help="Queries on which recall@100 against exact is measured.")
    ] = 1000,
    languages: Languages = None,
    device: Device = "auto",
    force: Force = False,
    dry_run: DryRun = False,
    data_dir: DataDir = DATA_DIR,
    runs_dir: RunsDir = RUNS_DIR,
) -> None:
    """Encode a set's passages with a run's model, and index them."""
    from hybench.data.dataset import Dataset
    from hybench.indexes.approximate.graph import GraphOptions
    from hybench.indexes.writer import IndexOptions, build_index

    run = open_run(run_name, runs_dir)
    dataset = Dataset.open(folder_named(data, data_dir))
    graph = GraphOptions(
        dtype=dtype,
        connectivity=connectivity,
        expansion_add=expansion_add,
        expansion_search=expansion_search,
        threads=threads,
    )
    options = IndexOptions(exact, split_list(languages), graph, sample, force)
    encoder = load_model_of(run, device)
    if dry_run:
        _estimate(run, dataset, encoder, options)
        console.talk("Next: the same without --dry-run")
        return
    with run.lock(), console.progress() as progress:
        reports = build_index(run, dataset, encoder, options, progress)
    console.show(_sheet(run, dataset.name, reports))
    approximate = "" if exact else "--ann"
    console.talk(f"Next: {evaluating(run, data, data_dir, approximate)}")


def _estimate(run: Run, dataset: Dataset, encoder: Encoder, options: IndexOptions) -> None:
    from rich.filesize import decimal

    from hybench.cli.bar import duration
    from hybench.indexes.estimate import estimate_index

    with console.progress() as progress:
        plan = estimate_index(run, dataset, encoder, options, progress)
    graphs = f"; graphs over {counted(plan.vectors, 'vectors')}" if plan.vectors else ""
    console.data(
        f"{counted(plan.passages, 'passages')} in {counted(len(plan.languages), 'languages')} to "
        f"encode on {encoder.device}, {plan.current:,} are up to date{graphs}; "
        f"{decimal(plan.disk_bytes)} on disk; about {duration(plan.seconds)}."
    )


def _sheet(run: Run, dataset: str, reports: list[IndexReport]) -> Sheet:
    from hybench.wording.text_table import Entry, Line, Sheet

    lines = []
    for report in reports:
        manifest = report.manifest
        recall = "" if manifest.recall is None else f"{manifest.recall:.4f}"
        state = "up to date" if report.unchanged else f"{report.seconds:.1f} s"
        lines.append(
            Line(
                (
                    Entry(report.folder.name),
                    Entry(f"{manifest.rows:,}"),
                    Entry(str(manifest.dimension)),
                    Entry(recall),
                    Entry(state),
                )
            )
        )
    header = ("lang", "passages", "dimension", "recall@100", "built")
    return Sheet(f"{run.name} · index of {dataset}", header, 1, tuple(lines))
