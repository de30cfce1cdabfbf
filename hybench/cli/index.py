"""``hybench index RUN --data SET``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

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
    Precision,
    Processes,
    RayAddress,
    RunName,
    RunsDir,
    memory_of,
    option,
    split_list,
)
from hybench.cli.state import console
from hybench.errors import UsageError
from hybench.wording.amounts import counted, duration
from hybench.wording.commands import DATA_DIR, RUNS_DIR, evaluating

Store = Literal["f32", "f16"]
Dtype = Literal["f32", "f16", "bf16", "i8"]
Similarity = Literal["cosine", "dot"]
Form = Literal["parquet", "npy", "faiss", "lance"]


def index(
    run_name: RunName,
    data: DataSet,
    dtype: Annotated[Dtype, option(help="Precision of the vectors in the graph.")] = "i8",
    exact: Annotated[bool, option("--exact", help="Store vectors only, without a graph.")] = False,
    connectivity: Annotated[int, option(help="Neighbours per node (HNSW's M).")] = 24,
    expansion_add: Annotated[int, option(help="Candidates per added node (efConstruction).")] = 300,
    expansion_search: Annotated[int, option(help="Candidates per query (ef).")] = 360,
    threads: Annotated[
        int, option(help="Threads that build the graph; 1 is reproducible, 0 uses all cores.")
    ] = 1,
    sample: Annotated[
        int, option(help="Queries on which recall@100 against exact search is measured.")
    ] = 1000,
    store: Annotated[
        Store | None, option(help="Vectors on disk; without it what is there, else f32.")
    ] = None,
    shard_rows: Annotated[
        int, option(help="Vectors in a file; a killed encoding goes on at the next file.")
    ] = 32_768,
    processes: Processes = 1,
    engine: Engine = "local",
    address: RayAddress = "",
    exchange: Exchange = "",
    memory: Memory = None,
    vectors: Annotated[
        Path | None,
        option(
            help="Folder with vectors that another engine made, to index instead of a model's: "
            "passages/LANG and queries/LANG, .parquet or .npy with .ids.txt. RUN names the run "
            "that is made of them."
        ),
    ] = None,
    similarity: Annotated[
        Similarity | None,
        option(help="Of --vectors whose lengths are not 1: cosine sets them to 1, dot does not."),
    ] = None,
    made_by: Annotated[
        str, option(help="What made --vectors, for the record: engine, model, version.")
    ] = "",
    export: Annotated[
        Form | None,
        option(help="Write vectors and ids of passages and queries for other engines."),
    ] = None,
    output: Annotated[
        Path | None,
        option("--output", "-o", help="Folder of --export; by default RUN-SET-FORMAT."),
    ] = None,
    languages: Languages = None,
    device: Device = "auto",
    precision: Precision = "fp32",
    force: Force = False,
    dry_run: DryRun = False,
    data_dir: DataDir = DATA_DIR,
    runs_dir: RunsDir = RUNS_DIR,
) -> None:
    """Encode a set's passages with a run's model, and index them."""
    graph = hybench.GraphOptions(
        dtype=dtype,
        connectivity=connectivity,
        expansion_add=expansion_add,
        expansion_search=expansion_search,
        threads=threads,
    )
    options = hybench.IndexOptions(
        exact,
        split_list(languages),
        graph,
        sample,
        force,
        store,
        shard_rows,
        processes,
        engine=engine,
        address=address,
        memory=memory_of(memory),
        exchange=exchange,
    )
    handed = None
    if vectors is not None:
        handed = hybench.HandOver(vectors, similarity, made_by)
    elif similarity is not None or made_by:
        raise UsageError(
            f"--{'similarity' if similarity else 'made-by'} is given without --vectors.",
            "Omit it, or name the folder of vectors.",
        )
    written = None
    if export is not None:
        name = f"{Path(run_name).name}-{Path(data).name}-{export}"
        written = hybench.Export(export, output or Path(name))
    elif output is not None:
        raise UsageError(
            "--output is given without --export.", "Add --export and a format, or omit it."
        )
    if dry_run and handed is not None:
        raise UsageError("--dry-run: vectors are given, and nothing is encoded.", "Omit it.")
    if dry_run:
        _estimate(
            run_name,
            data,
            options,
            device=device,
            precision=precision,
            data_dir=data_dir,
            runs_dir=runs_dir,
        )
        console.talk("Next: the same command without --dry-run")
        return
    with console.progress() as progress:
        indexed = hybench.index(
            run_name,
            data,
            options,
            vectors=handed,
            export=written,
            device=device,
            precision=precision,
            data_dir=data_dir,
            runs_dir=runs_dir,
            progress=progress,
        )
    console.show(*indexed.sheets())
    if written is not None:
        console.talk(f"Vectors and ids are in {written.folder}.")
    approximate = "" if exact else "--ann"
    console.talk(f"Next: {evaluating(indexed.run.path, data, data_dir, approximate)}")


def _estimate(
    run_name: str,
    data: str,
    options: hybench.IndexOptions,
    *,
    device: str,
    precision: str,
    data_dir: Path,
    runs_dir: Path,
) -> None:
    from rich.filesize import decimal

    from hybench.api.indexing import plan_index
    from hybench.encoders.devices import resolve_device

    with console.progress() as progress:
        plan = plan_index(
            run_name,
            data,
            options,
            device=device,
            precision=precision,
            data_dir=data_dir,
            runs_dir=runs_dir,
            progress=progress,
        )
    graphs = f"; graphs over {counted(plan.vectors, 'vectors')}" if plan.vectors else ""
    console.data(
        f"{counted(plan.passages, 'passages')} in {counted(len(plan.languages), 'languages')} to "
        f"encode on {resolve_device(device)}, {plan.current:,} are up to date{graphs}; "
        f"{decimal(plan.disk_bytes)} on disk; about {duration(plan.seconds)}."
    )
