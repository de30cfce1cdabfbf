"""``hybench demo``: from nothing to the table that answers the question."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

from hybench.cli.options import Device, Force, option
from hybench.cli.state import console
from hybench.errors import StateError


def demo(
    folder: Annotated[Path, option("--in", help="Folder for the demo's data and runs.")] = Path(
        "demo"
    ),
    steps: Annotated[int | None, option(help="Optimiser steps of every arm.")] = None,
    seed: Annotated[int, option(help="Seed of every arm.")] = 0,
    device: Device = "auto",
    force: Force = False,
) -> None:
    """Prepare the embedded set, train four arms on it, evaluate, and compare them."""
    from dataclasses import replace

    from hybench.cli.evaluate import bias_lines
    from hybench.cli.index import load_model_of
    from hybench.cli.train import new_run, run_training
    from hybench.compare.gather import CompareOptions
    from hybench.compare.layout import sheets
    from hybench.compare.table import compare
    from hybench.config import read_config
    from hybench.data.atlas import Atlas
    from hybench.data.source import prepare
    from hybench.demo import BUDGET, arms
    from hybench.encoders.loading import resolve_device
    from hybench.evaluation.evaluate import EvalOptions, evaluate

    begun = time.monotonic()
    data_dir, runs_dir = folder / "data", folder / "runs"
    budget = replace(BUDGET, seed=seed, steps=BUDGET.steps if steps is None else steps)
    plan = arms(budget)
    options = EvalOptions(device=resolve_device(device))
    console.talk("1/4 Preparing the Atlas: facts in 18 languages, nothing is downloaded.")
    with console.progress() as progress:
        dataset = prepare(Atlas(), data_dir, force=force, progress=progress).dataset
    console.talk(f"2/4 Training {len(plan)} arms of {budget.steps} steps: {', '.join(plan)}.")
    runs = {}
    for name, config in plan.items():
        runs[name] = run = new_run(name, runs_dir)
        if force or not run.config_file.is_file():
            run_training(config, run, data_dir, device=device, force=force)
        elif not run.model.is_dir():
            run_training(config, run, data_dir, device=device, resume=True)
        elif read_config(run.config_file) != config.resolved():
            raise StateError(
                f"{run.path} was trained with other options.",
                "Add --force to train again, or choose another folder with --in.",
            )
    console.talk("3/4 Evaluating on facts and phrasings that no arm has seen.")
    lines = []
    for run in runs.values():
        with run.lock(), console.progress() as progress:
            report = evaluate(run, dataset, load_model_of(run, device), options, progress)
        lines += bias_lines(run, report)
    console.talk("4/4 Comparing.")
    comparisons = compare(list(runs.values()), CompareOptions(data=dataset.name, baseline="mono"))
    console.show(*sheets(comparisons))
    console.data("")
    for line in lines:
        console.data(line)
    console.talk(
        f"\nDone in {time.monotonic() - begun:.0f} s. Next:\n"
        f"  hybench compare {runs_dir} --metric nDCG@10\n"
        f"  hybench eval bm25 --data {dataset.name} --data-dir {data_dir} --runs-dir {runs_dir}\n"
        "  hybench prepare --help                 # real data: MIRACL, XQuAD-R, NTREX, your own"
    )
