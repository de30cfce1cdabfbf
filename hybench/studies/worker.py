"""Cells, each in a process of its own: ``python -m hybench.studies.worker``.

It loads the libraries once, reads `Request`s from stdin, a line of JSON each, and forks a process
for every one, which writes `Message`s to stdout, a line of JSON each. SIGINT once ends that process
after the step, with a checkpoint. Its stdin is kept open by who started it: when that process dies,
however it does, stdin ends and so does the work, at once.
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
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TextIO

from hybench.concurrency.processes import END_SIGNALS, exit_with_parent
from hybench.concurrency.progress import Progress, Stop

State = Literal["done", "interrupted", "failed"]

_REPORT_EVERY = 0.25
"""Seconds between two reports of progress."""


@dataclass(frozen=True)
class Request:
    """What a worker is asked to do.

    Attributes:
        name: of the cell's run.
        config: of the training, as TOML values; None for BM25.
        folder: of the study's runs.
        data_dir: of the prepared sets.
        data: what to evaluate on, ``@split`` if not the set's own.
        settings: None for all that a set has.
        device: auto, cpu, cuda or cuda:N.
        threads: that it may use.
        log: file that takes what libraries print, and tracebacks; empty for the worker's stderr.
        argv: the command line of who asks, which the run records as what made it.
    """

    name: str
    config: dict[str, Any] | None
    folder: str
    data_dir: str
    data: tuple[str, ...]
    settings: tuple[str, ...] | None
    device: str
    threads: int
    log: str = ""
    argv: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ended:
    """How a cell ended.

    Attributes:
        name: of its run.
        state: done, interrupted or failed.
        seconds: by stage, of what was done now.
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
    """How far a cell is."""

    name: str
    task: str
    done: int
    total: int | None
    unit: str
    detail: str = ""


@dataclass(frozen=True)
class Skipped:
    """A cell that was done before."""

    name: str


Message = Ended | Working | Skipped


@dataclass(frozen=True)
class Forked:
    """The process that works on the last request."""

    process: int


@dataclass(frozen=True)
class Left:
    """That process has ended, with its exit code, or minus the signal that killed it."""

    code: int


Said = Ended | Working | Forked | Left
"""What a worker writes to its stdout, each below the name of its kind."""

_KINDS: dict[str, type[Said]] = {
    kind.__name__.lower(): kind for kind in (Ended, Working, Forked, Left)
}


def parse(line: str) -> Said | None:
    """What a worker says in a line; None where it is none of its own."""
    try:
        [(kind, value)] = json.loads(line).items()
        return _KINDS[kind](**value)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def serve(request: Request, out: TextIO) -> None:
    """Do what is asked, and say how it went."""
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
    signal.signal(signal.SIGTERM, ask)  # a scheduler's to all processes: who asked is told, too
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    told = 0.0
    seconds: dict[str, float] = {}

    def report(progress: Progress) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= _REPORT_EVERY:
            told = now
            _say(out, Working(request.name, **asdict(progress)))

    try:
        _work(request, asked, report, seconds)
        ended = Ended(request.name, "done", seconds)
    except (Interrupted, KeyboardInterrupt):
        ended = Ended(request.name, "interrupted", seconds)
    except Exception as error:  # noqa: BLE001 - whatever it is, the study goes on and tells it
        traceback.print_exc()
        what, do = what_and_do(error)
        ended = Ended(request.name, "failed", seconds, what, do)
    _say(out, ended)


def _work(request: Request, asked: Stop, report: Any, seconds: dict[str, float]) -> None:
    from hybench.config.train import TrainConfig
    from hybench.studies.cell import Place, evaluations, work_on

    config = None
    if request.config is not None:
        config = TrainConfig.from_toml(request.config, f"the cell {request.name}")
    place = Place(Path(request.folder), Path(request.data_dir))
    evaluated = evaluations(request.data, request.settings, place.data_dir)
    device, stop = request.device, asked.is_set
    work_on(request.name, config, place, evaluated, device, stop, report, seconds)


def _say(out: TextIO, message: Said) -> None:
    value = {type(message).__name__.lower(): asdict(message)}
    try:
        out.write(json.dumps(value, ensure_ascii=False) + "\n")
        out.flush()
    except BrokenPipeError:  # who asked has gone
        os._exit(1)


def _child(request: Request, parent: int, out: TextIO) -> None:
    """Work on a request, in the process forked for it."""
    threading.Thread(target=exit_with_parent, args=(parent,), daemon=True).start()
    sys.argv = list(request.argv) or sys.argv
    if request.log:
        log = os.open(request.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(log, 2)
    os.dup2(2, 1)  # libraries that print do not get between the messages
    serve(request, out)
    sys.stdout.flush()
    sys.stderr.flush()


def _work_off(request: Request, out: TextIO) -> None:
    """Fork a process for a request, and wait for its end, or for that of who asks."""
    parent, ours = os.pipe()
    done, theirs = os.pipe()
    child = os.fork()
    if not child:
        os.close(ours)
        try:
            _child(request, parent, out)
            os._exit(0)  # without what this process has still to do
        except BaseException:  # noqa: BLE001 - likewise
            traceback.print_exc()
            os._exit(1)
    os.close(parent)
    os.close(theirs)
    _say(out, Forked(child))
    ready, _, _ = select.select([0, done], [], [])
    if done not in ready:  # nothing is asked meanwhile: this is the end of stdin
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(ours)
    os.close(done)
    if done not in ready:
        os._exit(1)
    _say(out, Left(os.waitstatus_to_exitcode(status)))


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
    # For the processes forked from here, which take it when they can: no Ctrl-C is lost.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    for ending in END_SIGNALS:  # this process ends with its stdin, its cells as who asked says
        signal.signal(ending, signal.SIG_IGN)
    import sentence_transformers  # noqa: F401 - seconds that every cell would take

    import hybench.evaluation.evaluate
    import hybench.training.train  # noqa: F401

    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    while line := _line():
        _work_off(Request(**json.loads(line)), out)


if __name__ == "__main__":
    _main()
