"""The run folder: its paths, its event log, its lock."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hybench.digests import folder_digests
from hybench.errors import StateError, UsageError
from hybench.storage import json_bytes, no_write, write_json

CONFIG = "config.toml"
ENVIRONMENT = "environment.json"
LOCK = ".lock"
CACHE = ".cache"
"""Beside runs: vocabularies, tokens and teachers' vectors that several trainings share."""
STUDY = "study.json"
"""In the folder of a study's runs: what it is, for those who read them."""

Event = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """A run's folder; it exists once its config.toml does."""

    path: Path

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def config_file(self) -> Path:
        """The resolved config."""
        return self.path / CONFIG

    @property
    def environment_file(self) -> Path:
        """Versions, device, command line."""
        return self.path / ENVIRONMENT

    @property
    def events_file(self) -> Path:
        """The append-only event log."""
        return self.path / "events.jsonl"

    @property
    def checkpoints(self) -> Path:
        """Folder of the training checkpoints."""
        return self.path / "checkpoints"

    @property
    def model(self) -> Path:
        """The trained model, a sentence-transformers directory."""
        return self.path / "model"

    @property
    def model_files(self) -> Path:
        """JSON with the checksums of the model's files, as its training wrote them."""
        return self.path / "model.json"

    def note_model(self) -> None:
        """Write down the checksums of the model that training has just saved."""
        found = folder_digests(self.model)
        files = {f"{self.model.name}/{name}": digest for name, digest in found.items()}
        write_json(self.model_files, {"files": files})

    def index(self, dataset: str, language: str) -> Path:
        """Folder with the vectors and the index of one language of a data set."""
        return self.path / "index" / dataset / language

    def rankings(self, results: str) -> Path:
        """Parquet of the top hits; `results` is the data set, with ``@split`` if not its own."""
        return self.path / "rankings" / f"{results}.parquet"

    def relevant(self, results: str) -> Path:
        """Parquet of the rank of every judged relevant passage."""
        return self.path / "rankings" / f"{results}.relevant.parquet"

    def results(self, results: str) -> Path:
        """Parquet of per-query metric values."""
        return self.path / "results" / f"{results}.parquet"

    def results_info(self, results: str) -> Path:
        """JSON manifest of the results, written last."""
        return self.path / "results" / f"{results}.json"

    @property
    def means(self) -> Path:
        """JSON with the means of an imported run that has no values per query."""
        return self.path / "means.json"

    @classmethod
    def open(cls, path: Path) -> Run:
        """Open an existing run.

        Raises:
            UsageError: there is none.
        """
        if not (path / CONFIG).is_file():
            others = sorted(other.parent.name for other in path.parent.glob(f"[!.]*/{CONFIG}"))
            known = f"Runs in {path.parent}: {' '.join(others)}." if others else ""
            raise UsageError(
                f"No run {path.name!r} in {path.parent}.",
                known or "Train one: hybench train --data SET.",
            )
        return cls(path)

    def lock(self) -> AbstractContextManager[None]:
        """Hold the run against other processes; the system lets go when the owner dies.

        Raises:
            StateError: another process holds it, or the folder cannot be written.
        """
        return holding(self.path / LOCK, f"run {self.name}")


def list_results(run: Run) -> tuple[str, ...]:
    """Names of the results that a run has, sorted."""
    folder = run.results_info("any").parent
    return tuple(sorted(file.stem for file in folder.glob("*.json") if file.name[0] != "."))


def most_common_results(runs: Sequence[Run]) -> str:
    """Results that can be compared: of the set that most runs have, the first by name.

    Raises:
        ValueError: no run has results.
    """
    counts = Counter(key for run in runs for key in list_results(run))
    return min(counts, key=lambda key: (-counts[key], key))


@contextmanager
def holding(lock_file: Path, what: str, wait: bool = False) -> Iterator[None]:
    """Hold a lock file against other processes; the system lets go when the owner dies.

    Args:
        lock_file: the file, made with its folder where it is missing.
        what: what is held, for the message.
        wait: wait for another process to let go, instead of failing.

    Raises:
        StateError: another process holds it, or the folder cannot be written.
    """
    from filelock import FileLock, Timeout

    try:
        lock_file.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(lock_file)
        lock.acquire(timeout=-1 if wait else 0)
    except Timeout as error:
        raise StateError(
            f"Another process is working on {what}.", "Wait for it, or end it, and try again."
        ) from error
    except OSError as error:
        raise no_write(lock_file.parent, error) from error
    try:
        yield
    finally:
        lock.release()


def find_runs(paths: Sequence[Path], *, studies: bool = False) -> list[Run]:
    """The runs that `paths` name: a run, or a folder whose subfolders are runs, sorted by name.

    Args:
        paths: runs, or folders of runs.
        studies: whether the runs of studies in such a folder are found too, after its own.

    Raises:
        UsageError: a path holds no run.
    """
    found: dict[Path, Run] = {}
    for path in paths:
        if (path / CONFIG).is_file():
            found.setdefault(path.resolve(), Run(path))
            continue
        inside = sorted(config.parent for config in path.glob(f"[!.]*/{CONFIG}"))
        held = sorted(file.parent for file in path.glob(f"[!.]*/{STUDY}"))
        if studies:
            inside += sorted(file.parent for each in held for file in each.glob(f"[!.]*/{CONFIG}"))
        if not inside:
            do = "Name a run, or a folder of runs; hybench train makes them."
            if held:
                do = f"It holds studies: name one, such as {held[0]}."
            raise UsageError(f"No runs in {path}.", do)
        for folder in inside:
            found.setdefault(folder.resolve(), Run(folder))
    return list(found.values())


def names_of(runs: Iterable[Path]) -> dict[Path, str]:
    """Names of runs, by folder; where any two are the same, all with their parent's."""
    folders = list(runs)
    twice = len({path.name for path in folders}) < len(folders)
    return {path: f"{path.parent.name}/{path.name}" if twice else path.name for path in folders}


def manifests(folder: Path) -> list[Path]:
    """The files in a run or data set that record the checksums of others, sorted."""
    patterns = (
        *("dataset.json", "model.json", "means.json", "results/[!.]*.json"),
        *("checkpoints/[!.]*/state.json", "index/*/[!.]*/manifest.json"),
    )
    return sorted(path for pattern in patterns for path in folder.glob(pattern))


class EventLog:
    """Appends events to ``events.jsonl``, one line of JSON each, flushed.

    A line that a kill or a full disk cut short is closed by the next one. NaN and infinity are
    written as Python's ``NaN`` and ``Infinity``, which `read_events` reads back.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock

    def append(self, event: str, **values: Any) -> Event:
        """Write one event and return it; ``event`` and ``time`` (seconds since 1970) come first.

        Raises:
            StateError: the log cannot be written.
        """
        line: Event = {"event": event, "time": round(self._clock(), 3), **values}
        try:
            # Opened for appending, so that lines of two processes do not run over each other.
            with self._path.open("ab+", buffering=0) as file:
                size = file.seek(0, os.SEEK_END)
                torn = size > 0 and os.pread(file.fileno(), 1, size - 1) != b"\n"
                data = b"\n" * torn + json_bytes(line)
                while data:  # a disk that is nearly full takes a part
                    data = data[file.write(data) :]
        except OSError as error:
            raise no_write(self._path, error) from error
        return line


class UnwrittenLog(EventLog):
    """Makes events and writes none: of processes that work together, one keeps the log."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__(Path(os.devnull), clock)

    def append(self, event: str, **values: Any) -> Event:
        """The event."""
        return {"event": event, "time": round(self._clock(), 3), **values}


@dataclass(frozen=True)
class EventsRead:
    """What `read_events` found.

    Attributes:
        events: the whole events from the offset on.
        offset: bytes read so far, to pass to the next call.
        torn: lines that were no event.
    """

    events: list[Event]
    offset: int
    torn: int


def read_events(path: Path, offset: int = 0) -> EventsRead:
    """Read the events after byte `offset`; an unfinished last line is left for the next call.

    A file that is missing has no events; one that shrank is read from its beginning.
    """
    try:
        with path.open("rb") as file:
            if offset > os.fstat(file.fileno()).st_size:
                offset = 0
            file.seek(offset)
            data = file.read()
    except FileNotFoundError:
        return EventsRead([], 0, 0)
    whole = data[: data.rfind(b"\n") + 1]
    events: list[Event] = []
    torn = 0
    for line in whole.split(b"\n")[:-1]:
        event = parse_event(line)
        if event is not None:
            events.append(event)
        else:
            torn += bool(line.strip())
    return EventsRead(events, offset + len(whole), torn)


def parse_event(line: bytes) -> Event | None:
    """The event in a line of a log; None where there is none."""
    try:
        value = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict) and isinstance(value.get("event"), str):
        return value
    return None
