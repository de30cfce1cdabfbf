"""Running a training, and showing how it goes."""

from __future__ import annotations

import os
import time
from pathlib import Path

from hybench.cli.interrupt import stop_on_interrupt
from hybench.cli.state import console
from hybench.concurrency.progress import Progress, ProgressCallback
from hybench.config.train import TrainConfig
from hybench.errors import HybenchError
from hybench.runs.events import Event
from hybench.runs.run import Run
from hybench.wording.amounts import counted, number
from hybench.wording.commands import command

_STOPPING = "Stopping after this step, with a checkpoint; Ctrl-C again stops at once."

_SAY_EVERY = 10.0
"""Seconds between two signs of life in a log, at least."""

_PASSED_ON = 2.0
"""Seconds within which two signals are one."""


def run_training(
    config: TrainConfig,
    run: Run,
    data_dir: Path,
    *,
    device: str = "auto",
    processes: int = 1,
    resume: bool = False,
    force: bool = False,
) -> None:
    """Train and show it; of the processes that torchrun has started, the first one shows.

    Raises:
        SystemExit: when it was interrupted; with code 130, 143 by SIGTERM, 129 by SIGHUP.
    """
    from hybench.training.distributed.launch import train_together
    from hybench.training.distributed.place import Place

    place = Place.from_environment()
    shows = place is None or place.rank == 0
    if not shows:
        console.quiet = True
    interrupted, show = False, _Show()
    # torchrun passes a Ctrl-C on to processes that the terminal has told of it already.
    apart = 0.0 if place is None else _PASSED_ON
    with stop_on_interrupt(_STOPPING, apart) as stop, console.progress() as progress:
        events = train_together(
            config,
            run,
            data_dir,
            processes,
            device=device,
            resume=resume,
            force=force,
            stop=stop.is_set,
            progress=progress,
            lost=_end_now,
        )
        for event in events:
            if shows:
                show(event, run.name, progress)
            interrupted = event["event"] == "interrupted"
    if interrupted:
        go_on = command(
            "train", "--resume", "--name", run.name, data_dir=data_dir, runs_dir=run.path.parent
        )
        console.talk(f"Interrupted. Go on with: {go_on}")
        raise SystemExit(stop.exit_code)


class _Show:
    """Shows the events of a training."""

    def __init__(self) -> None:
        self._steps = 0
        self._said = time.monotonic()

    def __call__(self, event: Event, name: str, progress: ProgressCallback) -> None:
        """Show one."""
        kind = event["event"]
        if kind == "teacher_training":
            self(event["of"], "the English teacher", progress)
        elif kind == "start":
            self._steps = event["steps"]
        elif kind == "step":
            detail = f"loss {number(event['loss'])}"
            progress(Progress(f"train {name}", event["step"], self._steps, "steps", detail))
        elif kind == "validation":
            best = ", the best so far" if event["best"] else ""
            self._say_at_times(
                f"{name}: step {event['step']} of {self._steps}, dev score "
                f"{event['score']:.4f}{best}"
            )
        elif kind == "alarm":
            console.warn(f"{name}: step {event['step']}: {event['text']}.")
        elif kind == "teacher":
            cost = f", trained in {event['seconds']:.1f} s" if event["trained"] else ""
            console.detail(f"{name}: teacher {event['model']}{cost}")
        elif kind == "done":
            score = event["best_score"]
            chosen = (
                "" if score is None else f", best at step {event['best_step']} (dev {score:.4f})"
            )
            console.talk(
                f"{name}: {counted(event['step'], 'steps')}, "
                f"{counted(event['examples'], 'pairs')} in {event['seconds']:.1f} s{chosen}"
            )

    def _say_at_times(self, message: str) -> None:
        """Say it with ``--verbose``; now and then, too, where no bar can show that all is well."""
        now = time.monotonic()
        if console.verbose or (not console.draws and now - self._said >= _SAY_EVERY):
            self._said = now
            console.talk(message)


def show_estimate(
    config: TrainConfig,
    run: Run,
    data_dir: Path,
    *,
    device: str = "auto",
    processes: int = 1,
    resume: bool = False,
    force: bool = False,
) -> None:
    """Say what a training would take, in one process; refuse what `run_training` would.

    Raises:
        HybenchError: as it.
    """
    from hybench.training.distributed.launch import check_processes, first_device
    from hybench.training.estimate import estimate

    check_processes(processes)
    first = first_device(processes, device)
    with console.progress() as progress:
        plan = estimate(config, run, data_dir, first, resume=resume, force=force, progress=progress)
    fewest, most = plan.step_pairs
    pairs = f"{most:,}" if fewest == most else f"{fewest:,} to {most:,}"
    asked = config.resolved().batch_size * config.accumulation
    short = f" (the data has too few for {asked:,})" if most < asked else ""
    disk = (plan.disk_bytes + plan.teacher_bytes) / 1e6
    console.data(
        f"{counted(plan.steps, 'steps')} of {pairs} pairs{short} from "
        f"{counted(plan.pairs, 'pairs')} in {counted(plan.languages, 'languages')}; "
        f"{plan.parameters:,} weights on {plan.device}; {disk:,.0f} MB on disk; "
        f"about {plan.seconds:,.0f} s"
        f"{', and as much again for the teacher' if plan.teacher_bytes else ''}."
    )


def _end_now(error: HybenchError) -> None:
    """End where the training itself cannot: it waits for a process that has gone."""
    os._exit(console.fail(error))
