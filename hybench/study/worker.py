"""A cell in a process of its own: ``python -m hybench.study.worker``.

It reads a `Request` as one line of JSON from stdin, and writes `Message`s, a line of JSON each, to
stdout. SIGINT once ends it after the step, with a checkpoint. Its stdin is kept open by who started
it: when that process dies, however it does, stdin ends and so does the work, at once.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TextIO

from hybench.progress import Progress, Stop

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
    """

    name: str
    config: dict[str, Any] | None
    folder: str
    data_dir: str
    data: tuple[str, ...]
    settings: tuple[str, ...] | None
    device: str
    threads: int


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


def environment(threads: int) -> dict[str, str]:
    """The environment of a worker that may use so many threads."""
    counts = ("OMP_NUM_THREADS", "RAYON_NUM_THREADS", "POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS")
    limits = dict.fromkeys(counts, str(threads))
    return {"GOMP_SPINCOUNT": "1000", **os.environ, **limits}


def parse(line: str) -> Message | None:
    """The message in a line of a worker's; None where there is none."""
    try:
        value = json.loads(line)
        return Ended(**value["ended"]) if "ended" in value else Working(**value["working"])
    except (ValueError, TypeError, KeyError):
        return None


def serve(request: Request, out: TextIO) -> None:
    """Do what is asked, and say how it went."""
    from hybench.failures import what_and_do
    from hybench.study.cell import Interrupted

    asked = Stop()

    def ask(_signal: int, _frame: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    signal.signal(signal.SIGINT, ask)
    told = 0.0

    def report(progress: Progress) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= _REPORT_EVERY:
            told = now
            _say(out, "working", Working(request.name, **asdict(progress)))

    try:
        ended = Ended(request.name, "done", _work(request, asked, report))
    except (Interrupted, KeyboardInterrupt):
        ended = Ended(request.name, "interrupted", {})
    except Exception as error:  # noqa: BLE001 - whatever it is, the study goes on and tells it
        traceback.print_exc()
        what, do = what_and_do(error)
        ended = Ended(request.name, "failed", {}, what, do)
    _say(out, "ended", ended)


def _work(request: Request, asked: Stop, report: Any) -> dict[str, float]:
    from hybench.config import TrainConfig
    from hybench.study.cell import Place, evaluations, work_on

    config = None
    if request.config is not None:
        config = TrainConfig.from_toml(request.config, f"the cell {request.name}")
    place = Place(Path(request.folder), Path(request.data_dir))
    evaluated = evaluations(request.data, request.settings, place.data_dir)
    return work_on(request.name, config, place, evaluated, request.device, asked.is_set, report)


def _say(out: TextIO, kind: str, message: Message) -> None:
    try:
        out.write(json.dumps({kind: asdict(message)}, ensure_ascii=False) + "\n")
        out.flush()
    except BrokenPipeError:  # who asked has gone
        os._exit(1)


def _end_with_parent() -> None:
    """End when stdin does: its checkpoints are whole at any moment."""
    while os.read(0, 1024):
        pass
    os._exit(1)


def _main() -> None:
    # Byte by byte: a buffered reader would keep what the watcher of stdin waits for.
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            return
        line += byte
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Libraries that print do not get between the messages.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    serve(Request(**json.loads(line)), out)
    sys.stderr.flush()


if __name__ == "__main__":
    _main()
