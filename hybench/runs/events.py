"""The event log of a run: writing and reading."""

from __future__ import annotations

import json
import os
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hybench.files.atomic import write_refused
from hybench.files.documents import json_bytes

Event = dict[str, Any]


class EventLog:
    """Appends events to ``events.jsonl``, one line of JSON each with its CRC-32, flushed.

    A line that a kill or a full disk cut short is ended by the next one. NaN and infinity are
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
            # Opened for appending, so that lines of two processes do not overwrite each other.
            with self._path.open("ab+", buffering=0) as file:
                size = file.seek(0, os.SEEK_END)
                torn = size > 0 and os.pread(file.fileno(), 1, size - 1) != b"\n"
                data = b"\n" * torn + _sealed(json_bytes(line))
                while data:  # a disk that is nearly full takes a part
                    data = data[file.write(data) :]
        except OSError as error:
            raise write_refused(self._path, error) from error
        return line


class UnwrittenLog(EventLog):
    """Makes events but writes none: of several processes of a training, only one writes the log."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__(Path(os.devnull), clock)

    def append(self, event: str, **values: Any) -> Event:
        """The event."""
        return {"event": event, "time": round(self._clock(), 3), **values}


@dataclass(frozen=True)
class EventsRead:
    """The result of `read_events`.

    Attributes:
        events: the whole events from the offset on.
        offset: bytes read so far, to pass to the next call.
        torn: lines that are not events.
    """

    events: list[Event]
    offset: int
    torn: int


def read_events(path: Path, offset: int = 0) -> EventsRead:
    """Read the events after byte `offset`; an unfinished last line is not consumed.

    A missing file has no events; one that shrank is read from its beginning.
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
    """The event in a line of a log; None if there is none or it was changed.

    Lines of builds that wrote no checksums are read as they are.
    """
    text, mark, checksum = line.rpartition(_SEAL)
    if mark and checksum.rstrip() != _checksum(text):
        return None
    try:
        value = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict) and isinstance(value.get("event"), str):
        value.pop("crc32", None)
        return value
    return None


_SEAL = b', "crc32": '


def _sealed(line: bytes) -> bytes:
    """A line of JSON with a checksum of the text before it as its last value."""
    text = line.rstrip()[:-1]
    return text + _SEAL + _checksum(text) + b"\n"


def _checksum(text: bytes) -> bytes:
    return b'"%08x"}' % zlib.crc32(text)


def last_events(log: Path, kinds: Sequence[str]) -> dict[str, Event]:
    """The last event of each of these kinds, by kind; empty if the log is missing.

    Lines that cannot be such events are not parsed, which makes long logs fast to read.
    """
    marks = [f'"{kind}"'.encode() for kind in kinds]
    by_kind: dict[str, Event] = {}
    try:
        with log.open("rb") as lines:
            for line in lines:
                if any(mark in line for mark in marks):
                    event = parse_event(line)
                    if event is not None and event["event"] in kinds:
                        by_kind[event["event"]] = event
    except OSError:
        pass
    return by_kind


def training_fingerprints(log: Path) -> dict[str, str]:
    """Fingerprints of the data sets that a training started on, by name.

    Args:
        log: its event log, read up to the start of training.

    Returns:
        Empty if it has not started, or the log is missing or was changed by hand.
    """
    try:
        return {item["name"]: item["fingerprint"] for item in first_event(log, "start")["data"]}
    except (KeyError, TypeError):
        return {}


def first_event(log: Path, kind: str = "") -> Event:
    """The first event of a kind, or of any; empty if there is none, or the log is missing."""
    mark = f'"{kind}"'.encode() if kind else b""
    try:
        with log.open("rb") as lines:
            for line in lines:
                event = parse_event(line) if mark in line else None
                if event is not None and kind in {"", event["event"]}:
                    return event
    except OSError:
        pass
    return {}


def every_event(log: Path, kind: str) -> list[Event]:
    """All events of a kind, in their order; empty if the log is missing.

    Lines that cannot be such events are not parsed.
    """
    mark = f'"{kind}"'.encode()
    found = []
    try:
        with log.open("rb") as lines:
            for line in lines:
                event = parse_event(line) if mark in line else None
                if event is not None and event["event"] == kind:
                    found.append(event)
    except OSError:
        pass
    return found


def newest_events(log: Path, most: int) -> list[Event]:
    """The last events of a log, the last one first; empty if the log is missing.

    Args:
        log: the event log; only its end is read.
        most: events at most; fewer if they are very long.
    """
    try:
        size = log.stat().st_size
    except OSError:
        return []
    found = read_events(log, max(0, size - _NEAR_END)).events
    return found[: -1 - most : -1]


_NEAR_END = 1 << 18
"""Bytes at the end of a log in which `newest_events` looks."""
