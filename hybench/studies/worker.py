"""A worker that runs each cell in its own process: ``python -m hybench.studies.worker``.

It loads the libraries once, reads `CellRequest`s from stdin, a line of JSON each, and forks a
process for each, which writes `Message`s to stdout, a line of JSON each. One SIGINT ends that
process after the step, with a checkpoint. The parent keeps the worker's stdin open: when the parent
dies, for whatever reason, stdin ends, and the work ends at once.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, TextIO

from hybench.concurrency.processes import END_SIGNALS, exit_with_parent
from hybench.concurrency.progress import Progress, Stop
from hybench.encoders.precision import FP32

State = Literal["done", "interrupted", "failed"]

_REPORT_EVERY = 0.25
"""Seconds between two reports of progress."""


@dataclass(frozen=True)
class CellRequest:
    """A cell for a worker.

    Attributes:
        name: of the cell's run.
        configs: of the training's stages, as TOML values; empty for BM25.
        folder: of the study's runs.
        data_dir: of the prepared sets.
        data: sets to evaluate on, ``@split`` if not the set's own.
        settings: None for all that a set has.
        device: auto, cpu, cuda or cuda:N.
        threads: of its process.
        precision: that texts are encoded in to evaluate.
        log: file for the output of libraries, and tracebacks; empty for the worker's stderr.
        argv: the command line of the study, which the run records.
        keep: what is kept of a cell that is done, see `hybench.studies.keeping`.
        derived: what the run is made of, and how, if it is not trained.
        after: names of the runs that it is made of; it begins when their cells are done.
        report_to: experiment trackers that hear of the training.
        trial: whether it only counts what its dev score is.
    """

    name: str
    configs: tuple[dict[str, Any], ...]
    folder: str
    data_dir: str
    data: tuple[str, ...]
    settings: tuple[str, ...] | None
    device: str
    threads: int
    precision: str = FP32
    log: str = ""
    argv: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    trial: bool = False
    derived: dict[str, Any] | None = None
    after: tuple[str, ...] = ()
    report_to: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ended:
    """The end of a cell.

    Attributes:
        name: of its run.
        state: done, interrupted or failed.
        seconds: by stage, of the work done now.
        what: what went wrong, in one line.
        do: what to do about it.
    """

    name: str
    state: State
    seconds: dict[str, float]
    what: str = ""
    do: str = ""


@dataclass(frozen=True)
class Working:
    """The progress of a cell."""

    name: str
    task: str
    done: int
    total: int | None
    unit: str
    detail: str = ""


@dataclass(frozen=True)
class Skipped:
    """A cell that was finished before."""

    name: str


Message = Ended | Working | Skipped


@dataclass(frozen=True)
class Forked:
    """The process of the last request."""

    process: int


@dataclass(frozen=True)
class Left:
    """The end of that process, with its exit code, or minus the signal that killed it."""

    code: int


WorkerLine = Ended | Working | Forked | Left
"""The messages that a worker writes to stdout, by the name of their kind."""

_KINDS: dict[str, type[WorkerLine]] = {
    kind.__name__.lower(): kind for kind in (Ended, Working, Forked, Left)
}


def parse(line: str) -> WorkerLine | None:
    """The message in a worker's line; None if the line is not a message."""
    try:
        [(kind, value)] = json.loads(line).items()
        return _KINDS[kind](**value)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def serve(request: CellRequest, out: TextIO) -> None:
    """Work on a request, and report its messages."""
    from hybench.studies.cell import Interrupted
    from hybench.wording.error_messages import what_and_do

    asked = Stop()
    interrupted = False

    def ask(number: int, _frame: object) -> None:
        nonlocal interrupted
        if number == signal.SIGINT:
            if interrupted:
                raise KeyboardInterrupt
            interrupted = True
        asked.set()

    signal.signal(signal.SIGINT, ask)
    signal.signal(
        signal.SIGTERM, ask
    )  # a scheduler signals all processes: the parent gets the signal, too
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    reported = 0.0
    seconds: dict[str, float] = {}

    def report(progress: Progress) -> None:
        nonlocal reported
        now = time.monotonic()
        if now - reported >= _REPORT_EVERY:
            reported = now
            _send(out, Working(request.name, **asdict(progress)))

    try:
        _work(request, asked, report, seconds)
        ended = Ended(request.name, "done", seconds)
    except (Interrupted, KeyboardInterrupt):
        ended = Ended(request.name, "interrupted", seconds)
    except Exception as error:  # noqa: BLE001 - whatever it is, the study goes on and tells it
        traceback.print_exc()
        what, do = what_and_do(error)
        ended = Ended(request.name, "failed", seconds, what, do)
    _send(out, ended)


def _work(request: CellRequest, asked: Stop, report: Any, seconds: dict[str, float]) -> None:
    from hybench.config.train import TrainConfig
    from hybench.studies.cell import Place, try_out, work_on
    from hybench.studies.derived import derive_cell, making
    from hybench.studies.done import evaluations, lacking

    where = f"the cell {request.name}"
    configs = [TrainConfig.from_toml(config, where) for config in request.configs]
    place = Place(Path(request.folder), Path(request.data_dir), tuple(request.report_to))
    evaluated = evaluations(request.data, request.settings, place.data_dir, request.precision)
    device, stop = request.device, asked.is_set
    if request.derived is not None:
        start, options = making(request.derived, where)
        evaluated = tuple(each for each in evaluated if not lacking(each, options, place.data_dir))
        make = partial(
            derive_cell, request.name, start, options, place.folder, place.data_dir, device, report
        )
        work: Callable[..., None] = partial(work_on, make=make)
    else:
        work = try_out if request.trial else work_on
    work(request.name, configs, place, evaluated, device, stop, report, seconds, keep=request.keep)


def _send(out: TextIO, message: WorkerLine) -> None:
    value = {type(message).__name__.lower(): asdict(message)}
    try:
        out.write(json.dumps(value, ensure_ascii=False) + "\n")
        out.flush()
    except BrokenPipeError:  # the parent has gone
        os._exit(1)


def _child(request: CellRequest, parent: int, out: TextIO) -> None:
    """Work on a request, in its forked process."""
    threading.Thread(target=exit_with_parent, args=(parent,), daemon=True).start()
    sys.argv = list(request.argv) or sys.argv
    if request.log:
        log = os.open(request.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(log, 2)
    os.dup2(2, 1)  # keeps the output of libraries out of the messages
    serve(request, out)
    sys.stdout.flush()
    sys.stderr.flush()


def _work_off(request: CellRequest, out: TextIO) -> None:
    """Fork a process for a request, and wait for its end or the parent's."""
    parent, ours = os.pipe()
    done, theirs = os.pipe()
    child = os.fork()
    if not child:
        os.close(ours)
        try:
            _child(request, parent, out)
            os._exit(0)  # without this process's own clean-up
        except BaseException:  # noqa: BLE001 - likewise
            traceback.print_exc()
            os._exit(1)
    os.close(parent)
    os.close(theirs)
    _send(out, Forked(child))
    ready, _, _ = select.select([0, done], [], [])
    if done not in ready:  # no request comes meanwhile: this is the end of stdin
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(ours)
    os.close(done)
    if done not in ready:
        os._exit(1)
    _send(out, Left(os.waitstatus_to_exitcode(status)))


def _line() -> bytes:
    """The next line of stdin, byte by byte: a buffer would keep what `select` waits for."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            return b""
        line += byte
    return bytes(line)


def _main() -> None:
    # Inherited by forked processes, which unblock it when they are ready: no Ctrl-C is lost.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    for ending in END_SIGNALS:  # this process ends with its stdin, its cells as the parent asks
        signal.signal(ending, signal.SIG_IGN)
    import sentence_transformers  # noqa: F401 - seconds that every cell would take

    import hybench.evaluation.evaluate
    import hybench.training.train  # noqa: F401

    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    while line := _line():
        _work_off(CellRequest(**json.loads(line)), out)


if __name__ == "__main__":
    _main()
