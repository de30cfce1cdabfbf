"""``hybench demo``: prepare, train and compare, up to the table that answers the question."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import hybench
from hybench.cli.options import Device, Force, Languages, option, split_list
from hybench.cli.state import console
from hybench.errors import StateError
from hybench.values.checks import within
from hybench.wording.amounts import counted
from hybench.wording.commands import command, folder_word


def demo(
    folder: Annotated[Path, option("--in", help="Folder for the demo's data and runs.")] = Path(
        "demo"
    ),
    steps: Annotated[int | None, option(help="Optimiser steps of every arm.")] = None,
    seed: Annotated[int, option(help="Seed of every arm.")] = 0,
    init: Annotated[
        str | None,
        option(
            help="Model to make the encoders from, by directory or hub id; without it they are "
            "trained from random weights."
        ),
    ] = None,
    languages: Languages = None,
    device: Device = "auto",
    force: Force = False,
) -> None:
    """Prepare the embedded set, train four arms, and compare them."""
    from hybench.api.studying import states_of_cells
    from hybench.cli.evaluation_report import show_bias
    from hybench.cli.study import run_shown, stop_unless_done
    from hybench.concurrency.processes import cores
    from hybench.demo import DATASET, STEPS, demo_study
    from hybench.runs.run import Run
    from hybench.values.languages import MIRACL_LANGUAGES

    begun = time.monotonic()
    data_dir, runs_dir = folder / "data", folder / "runs"
    chosen = split_list(languages) or MIRACL_LANGUAGES
    if steps is not None:
        within("--steps", steps, 1)
    study = demo_study(STEPS if steps is None else steps, seed, init)
    arms = [cell.arm for cell in reversed(study.cells)]
    _check_device(device)
    console.talk(
        f"1/3 Preparing the Atlas: facts in {counted(len(chosen), 'languages')}, nothing is "
        "downloaded."
    )
    with console.progress() as progress:
        hybench.prepare(
            DATASET, data_dir=data_dir, force=force, progress=progress, languages=chosen
        )
    runs = [Run(runs_dir / arm) for arm in arms]
    if force:
        for run in runs:
            with run.lock():
                if run.exists():
                    run.clear()
    states = states_of_cells(study, runs_dir, data_dir)
    for run in runs:
        if states[run.name] == "changed":
            raise StateError(
                f"{run.path} was trained with other options.",
                "Add --force to train again, or choose another folder with --in.",
            )
    jobs = 1 if device.startswith("cuda") else min(len(runs), cores())
    steps_told = counted(study.cells[0].config.steps, "steps")
    console.talk(
        f"2/3 Training {len(arms)} arms of {steps_told}: {', '.join(arms)}; and evaluating them "
        "on facts and phrasings that no arm has seen."
    )
    options = hybench.StudyOptions(jobs=jobs, devices=(device,))
    stop_unless_done(run_shown(study, runs_dir, data_dir, options))
    console.talk("3/3 Comparing.")
    asked = hybench.CompareOptions(data=DATASET, baseline="mono")
    console.show(*hybench.compare(runs, asked).sheets())
    console.data("")
    for run in runs:
        show_bias(run, DATASET)
    console.talk(
        f"\nThis was {steps_told} and one seed of {_told(init)}, a look at how it "
        "works: which arm leads changes with the budget. The tested answer, 600 to 4,800 steps, "
        "five seeds, and on real text from a pre-trained start, with hypotheses named in advance: "
        "docs/results.md of the project."
    )
    baseline = command("eval", "bm25", "--data", DATASET, data_dir=data_dir, runs_dir=runs_dir)
    console.talk(
        f"\nDone in {time.monotonic() - begun:.0f} s. Next:\n"
        f"  {command('compare', folder_word(runs_dir), '--metric', 'nDCG@10')}\n"
        f"  {baseline}\n"
        "  hybench prepare --help                 # real data: MIRACL, XQuAD-R, NTREX, your own"
    )


def _told(init: str | None) -> str:
    return "an encoder from scratch" if init is None else f"static embeddings made from {init}"


def _check_device(device: str) -> None:
    """Refuse a device that does not exist; without importing torch where it can be seen without."""
    if device not in {"auto", "cpu"}:
        from hybench.encoders.devices import resolve_device

        resolve_device(device)
