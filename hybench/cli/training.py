"""Running a training, and showing its progress."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hybench
from hybench.cli.interrupt import stop_on_interrupt
from hybench.cli.state import console
from hybench.concurrency.progress import Progress, ProgressCallback
from hybench.config.train import TrainConfig
from hybench.encoders.description import EncoderDescription
from hybench.errors import HybenchError
from hybench.runs.events import Event
from hybench.runs.run import Run
from hybench.wording.amounts import counted, listed, number
from hybench.wording.commands import command

LEFT_OUT = {
    "unknown_queries": "queries that no training pair has",
    "unscored_pairs": "queries whose own passage has no score",
    "unknown_passages": "passages whose text is not known",
    "unshared": "passages that not all files score",
}
"""What of a file of teachers' scores may have no place in the data."""

_STOPPING = "Stopping after this step, with a checkpoint; Ctrl-C again stops at once."

_SAY_EVERY = 10.0
"""Least seconds between two progress lines in a log."""

_PASSED_ON = 2.0
"""Seconds within which two signals count as one."""


@dataclass(frozen=True)
class Job:
    """A training as the command line asks for it; see `hybench.train`."""

    config: TrainConfig
    name: str | None
    resume: bool
    force: bool
    device: str
    processes: int
    data_dir: Path
    runs_dir: Path

    def train(self, report_to: Sequence[str] = ()) -> Run:
        """Train and show the progress; of several processes of torchrun, only the first shows it.

        Args:
            report_to: experiment trackers that get the events, too.

        Raises:
            SystemExit: when it was interrupted; with code 130, 143 by SIGTERM, 129 by SIGHUP.
        """
        from hybench.training.distributed.place import Place

        place = Place.from_environment()
        shows = place is None or place.rank == 0
        if not shows:
            console.quiet = True
        # torchrun passes a Ctrl-C on to processes that have received it from the terminal already.
        apart = 0.0 if place is None else _PASSED_ON
        with stop_on_interrupt(_STOPPING, apart) as stop, console.progress() as progress:
            trained = hybench.train(
                **vars(self),
                on_event=_Show(self._shown_name, progress) if shows else None,
                stop=stop.is_set,
                progress=progress,
                lost=_end_now,
                report_to=report_to,
                unreported=console.warn,
            )
        if trained.interrupted:
            folders = {"data_dir": self.data_dir, "runs_dir": trained.run.path.parent}
            go_on = command("train", "--resume", "--name", trained.run.name, **folders)
            console.talk(f"Interrupted. Resume with: {go_on}")
            raise SystemExit(stop.exit_code)
        return trained.run

    def show_plan(self) -> None:
        """Show what the training would take; refuse what the training would refuse.

        Raises:
            HybenchError: as the training does.
        """
        from hybench.api.tokens import cut_texts
        from hybench.api.training import plan_training
        from hybench.encoders.description import describe

        with console.progress() as progress:
            plan = plan_training(**vars(self), progress=progress)
        fewest, most = plan.step_pairs
        pairs = f"{most:,}" if fewest == most else f"{fewest:,} to {most:,}"
        asked = self.config.resolved().batch_size * self.config.accumulation
        short = f" (the data has too few for {asked:,})" if most < asked else ""
        disk = (plan.disk_bytes + plan.teacher_bytes) / 1e6
        console.data(
            f"{counted(plan.steps, 'steps')} of {pairs} pairs{short} from "
            f"{counted(plan.pairs, 'pairs')} in {counted(plan.languages, 'languages')}; "
            f"{plan.parameters:,} weights on {plan.device}; {disk:,.0f} MB on disk; "
            f"about {plan.seconds:,.0f} s"
            f"{', and as much again for the teacher' if plan.teacher_bytes else ''}."
        )
        for what, text in describe(plan.encoder).lines():
            console.data(f"{what}: {text}")
        cut = cut_texts(self.config.data, plan.encoder, self.data_dir)
        if cut:
            each = [f"{name} {100 * share:.1f} %" for name, share in cut.items()]
            console.data(f"texts that are cut: {listed(each, '; ', 12)}")

    @property
    def _shown_name(self) -> str:
        from hybench.api.training import default_name

        return Path(self.name or default_name(self.config)).name


class _Show:
    """Shows the events of a training."""

    def __init__(self, name: str, progress: ProgressCallback) -> None:
        self._name, self._progress = name, progress
        self._steps = 0
        self._said = time.monotonic()

    def __call__(self, event: Event) -> None:
        """Show one."""
        if event["event"] == "teacher_training":
            self._show(event["of"], "the English teacher")
        else:
            self._show(event, self._name)

    def _show(self, event: Event, name: str) -> None:
        kind = event["event"]
        if kind == "encoder":
            self._describe(event, name)
        elif kind == "start":
            self._steps = event["steps"]
        elif kind == "step":
            detail = f"loss {number(event['loss'])}"
            self._progress(Progress(f"train {name}", event["step"], self._steps, "steps", detail))
        elif kind == "validation":
            best = ", the best so far" if event["best"] else ""
            self._say_at_times(
                f"{name}: step {event['step']} of {self._steps}, dev score "
                f"{event['score']:.4f}{best}"
            )
        elif kind == "alpha":
            console.detail(f"{name}: step {event['step']}: alpha is {event['alpha']:.3f} from here")
        elif kind == "alarm":
            console.warn(f"{name}: step {event['step']}: {event['text']}.")
        elif kind == "teacher":
            cost = f", trained in {event['seconds']:.1f} s" if event["trained"] else ""
            console.detail(f"{name}: teacher {event['model']}{cost}")
            self._describe(event["encoder"], f"{name}, teacher")
            for more in event.get("more", ()):
                console.detail(f"{name}: teacher {more['model']}")
                self._describe(more["encoder"], f"{name}, teacher")
        elif kind == "lists":
            for source in event["sources"]:
                self._describe_lists(source, name)
        elif kind == "done":
            score = event["best_score"]
            chosen = (
                "" if score is None else f", best at step {event['best_step']} (dev {score:.4f})"
            )
            console.talk(
                f"{name}: {counted(event['step'], 'steps')}, "
                f"{counted(event['examples'], 'pairs')} in {event['seconds']:.1f} s{chosen}"
            )

    def _describe_lists(self, source: dict[str, Any], name: str) -> None:
        """Say what lists were read from a source, and what of it has no place in the data."""
        entries, queries = counted(source["entries"], "passages"), source["queries"]
        console.talk(f"{name}: {source['name']}: {entries} of {counted(queries, 'queries')}")
        left = {key: source[key] for key in LEFT_OUT if source.get(key)}
        if left:
            said = ", ".join(f"{number:,} {LEFT_OUT[key]}" for key, number in left.items())
            console.warn(f"{name}: {source['name']}: not used: {said}.")

    def _describe(self, values: dict[str, Any], name: str) -> None:
        """Say what an encoder is before it is used; of one made here, only with ``--verbose``."""
        described = EncoderDescription.from_event(values)
        say = console.talk if described.name else console.detail
        for what, text in described.lines():
            say(f"{name}: {what}: {text}")

    def _say_at_times(self, message: str) -> None:
        """Print it with ``--verbose``; without a bar, also at intervals."""
        now = time.monotonic()
        if console.verbose or (not console.draws and now - self._said >= _SAY_EVERY):
            self._said = now
            console.talk(message)


def _end_now(error: HybenchError) -> None:
    """End the process where the training cannot: it waits for a process that has died."""
    os._exit(console.fail(error))
