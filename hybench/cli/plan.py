"""``hybench plan SET --encoder RUN|MODEL``."""

from __future__ import annotations

import json as json_module
from typing import Annotated, Literal

import typer

import hybench
from hybench.cli.options import (
    DataDir,
    Json,
    Languages,
    Output,
    Precision,
    RunsDir,
    option,
    split_list,
)
from hybench.cli.state import console
from hybench.wording.commands import DATA_DIR, RUNS_DIR

Store = Literal["f32", "f16"]


def plan(
    data: Annotated[
        str,
        typer.Argument(
            metavar="SET",
            help="A prepared set, or one of MIRACL that is not: miracl-en, miracl-sw-yo, or miracl "
            "for all 18 languages.",
        ),
    ],
    encoder: Annotated[
        str,
        option(help="A run; a model's directory or hub id; or an encoder from scratch: static."),
    ] = "static",
    languages: Languages = None,
    device: Annotated[
        str, option(help="auto, cpu, cuda or cuda:N; with known rates it need not be here.")
    ] = "auto",
    precision: Precision = "fp32",
    store: Annotated[Store, option(help="Vectors on disk.")] = "f32",
    exact: Annotated[bool, option("--exact", help="Plan no graph.")] = False,
    processes: Annotated[
        int, option(help="Processes that encode; --calibrate measures their rate.")
    ] = 1,
    examples: Annotated[int, option(help="Pairs that a training shows; 0 plans none.")] = 0,
    batch_size: Annotated[int, option(help="Pairs in a batch of it.")] = 128,
    calibrate: Annotated[
        bool,
        option(
            "--calibrate", help="Measure this machine's rates with this encoder, and keep them."
        ),
    ] = False,
    rate: Annotated[
        list[str] | None,
        option("--rate", help="A rate that is known, such as transformer=2e12; repeatable."),
    ] = None,
    json: Json = False,
    output: Output = None,
    data_dir: DataDir = DATA_DIR,
    runs_dir: RunsDir = RUNS_DIR,
) -> None:
    """Forecast time, disk, memory and energy, by stage."""
    options = hybench.PlanOptions(
        languages=split_list(languages),
        device=device,
        precision=precision,
        store=store,
        exact=exact,
        processes=processes,
        examples=examples,
        batch_size=batch_size,
        calibrate=calibrate,
        rates=split_list(rate) or (),
    )
    with console.progress() as progress:
        planned = hybench.plan(
            data, encoder, options, data_dir=data_dir, runs_dir=runs_dir, progress=progress
        )
    if json or output is not None:
        console.output(json_module.dumps(planned.plan.to_json(), indent=2) + "\n", output)
    else:
        console.show(*planned.sheets())
