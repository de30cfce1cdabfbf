"""``hybench verify``."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import Annotated

import typer

import hybench
from hybench.cli.options import DataDir, Device, Json, Output, RunsDir, option
from hybench.cli.output import check_output
from hybench.cli.state import console
from hybench.errors import UsageError
from hybench.wording.commands import DATA_DIR, RUNS_DIR


def verify(
    model: Annotated[
        list[str] | None,
        option(
            help="NAME=PATH: where a model of the table lies, or its hub id to fetch it; "
            "repeatable."
        ),
    ] = None,
    models_dir: Annotated[
        Path | None, option(help="Folder of models, each in a folder of its name.")
    ] = None,
    only: Annotated[
        list[str] | None,
        option(help="Only numbers with this in their model, set or metric; repeatable."),
    ] = None,
    checks: Annotated[
        bool,
        option(
            "--checks",
            help="Also compare batches, precisions and processes, which must not change numbers.",
        ),
    ] = False,
    device: Device = "auto",
    json: Json = False,
    output: Output = None,
    data_dir: DataDir = DATA_DIR,
    runs_dir: RunsDir = RUNS_DIR,
) -> None:
    """Measure published numbers again, with what is at hand.

    Exit code 1 if one is further off than its tolerance.
    """
    check_output(output)
    with console.progress() as progress:
        found = hybench.verify(
            _models(model or []),
            models_dir=models_dir,
            only=tuple(only or ()),
            checks=checks,
            device=device,
            data_dir=data_dir,
            runs_dir=runs_dir,
            progress=progress,
            tell=console.talk,
        )
    if json or output is not None:
        document = json_text.dumps(found.to_json(), ensure_ascii=False, indent=2)
        console.output(document + "\n", output)
    else:
        console.show(*found.sheets())
    if found.missed:
        raise typer.Exit(1)


def _models(given: list[str]) -> dict[str, str]:
    """Models by name.

    Raises:
        UsageError: one has no name or no path.
    """
    models = {}
    for text in given:
        name, mark, path = text.partition("=")
        if not (name and mark and path):
            raise UsageError(
                f"--model is {text!r}.", "Write NAME=PATH, such as all-MiniLM-L6-v2=models/minilm."
            )
        models[name] = path
    return models
