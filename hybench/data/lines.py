"""Read text files by lines, so that every error can name its file and line."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, cast

from hybench.errors import DataError

LINE_LIMIT = 16 * 2**20
"""Bytes of the longest line that is read; a longer one is not the text of one passage."""

BLOCK = 8 * 2**20
"""Bytes read at a time."""

_CACHED = 2**18
"""Bytes looked at at a time, which fit a core's cache."""

_GZIP_MAGIC = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
UNPACKED_LIMIT = 16 * 2**20
MOST_PACKING = 200
"""A file that unpacks to more than this many times its size is not text."""

CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029"
    "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
"""Characters that ids may not have: those that tools of the field read as the end of a field or
line, and invisible ones (of no width, or changing direction), which make two ids look alike."""

_GET_AGAIN = "Get the file again from its source."


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file, unpacked if its content is gzip: cached downloads have no suffix."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
            raw.seek(0)
            if not packed:
                if path.suffix == ".gz":
                    raise DataError(f"{path} is not gzip, despite its name.", _GET_AGAIN)
                yield raw
            else:
                with gzip.open(raw) as unpacked:
                    yield cast("BinaryIO", unpacked)
    except EOFError as error:
        raise DataError(
            f"{path} is cut short: its gzip stream does not end.", _GET_AGAIN
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path} is damaged: {error}.", _GET_AGAIN) from error
    except OSError as error:
        raise DataError(
            f"Cannot read {path}: {error.strerror or error}.", "Check the path and its permissions."
        ) from error


def read_blocks(path: Path, line_limit: int = LINE_LIMIT) -> Iterator[tuple[int, bytes]]:
    """Yield blocks of whole lines, each with the number of its first line, counted from 1.

    A byte order mark is removed; memory is bounded by `line_limit` and `BLOCK`.

    Raises:
        DataError: the file is unreadable, empty, cut short, has a line over `line_limit` bytes, or
            unpacks to more than text can.
    """
    number = 1
    total = 0
    rest = b""
    with _opened(path) as file:
        # Blocks are no longer than the limit, so that only a block's first line can exceed it.
        size = min(BLOCK, line_limit)
        start = file.read(len(_BOM)).removeprefix(_BOM)
        chunk = start + file.read(max(size - len(start), 0))
        if not chunk:
            raise DataError(f"{path} is empty.", _GET_AGAIN)
        most = max(UNPACKED_LIMIT, MOST_PACKING * path.stat().st_size)
        while chunk:
            total += len(chunk)
            if total > most:
                raise DataError(
                    f"{path} unpacks to more than {MOST_PACKING} times its size: it is not text.",
                    _GET_AGAIN,
                )
            end = chunk.find(b"\n")
            if len(rest) + (end if end >= 0 else len(chunk)) > line_limit:
                raise DataError(
                    f"{path}, line {number}: longer than {line_limit:,} bytes.",
                    "One line holds one record: break the file into lines.",
                )
            cut = chunk.rfind(b"\n") + 1
            if cut:
                block = b"".join((rest, memoryview(chunk)[:cut]))
                yield number, block
                number += _line_ends(block)
                rest = chunk[cut:]
            else:
                rest += chunk
            chunk = file.read(size)
    if rest:
        yield number, rest


def _line_ends(block: bytes) -> int:
    """Number of LF: four times as fast as bytes.count, where most lines are short."""
    import numpy as np

    text = np.frombuffer(block, np.uint8)
    parts = (text[start : start + _CACHED] for start in range(0, len(text), _CACHED))
    return sum(int(np.count_nonzero(part == ord("\n"))) for part in parts)


def block_lines(path: Path, number: int, block: bytes) -> Iterator[tuple[int, str]]:
    """Yield the lines of a block of `read_blocks` with their numbers, without line ends.

    Only LF and CRLF end a line: texts may contain Unicode's other separators.

    Raises:
        DataError: a line is not UTF-8.
    """
    lines = block.split(b"\n")
    if not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, number):  # noqa: B020, PLR1704 - the same count, going on
        try:
            yield number, line.removesuffix(b"\r").decode("utf-8")
        except UnicodeDecodeError as error:
            raise DataError(
                f"{path}, line {number}: byte {error.start + 1} is not UTF-8.",
                "Convert the file to UTF-8.",
            ) from error


def read_lines(path: Path, line_limit: int = LINE_LIMIT) -> Iterator[tuple[int, str]]:
    """Yield every line of a text file, gzipped or not, with its number from 1.

    Raises:
        DataError: as `read_blocks`, or a line is not UTF-8.
    """
    for number, block in read_blocks(path, line_limit):
        yield from block_lines(path, number, block)


def parse_object(text: str) -> dict[str, Any]:
    """Read one line of JSON as an object.

    Raises:
        ValueError: it is not an object; the message gives the reason in few words.
    """
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at character {error.pos + 1}") from error
    except RecursionError as error:
        raise ValueError("not JSON: nested too deeply") from error
    except ValueError as error:  # an integer of thousands of digits
        raise ValueError("not JSON: a number is too long") from error
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - callers report one kind of fault
    return value


def string_of(record: dict[str, Any], key: str, default: str | None = None) -> str:
    """The string under `key`, fit to be stored; a null counts as no value.

    Raises:
        ValueError: it is missing without a default, not a string, or not Unicode text.
    """
    value = record.get(key)
    if value is None:
        if default is None:
            raise ValueError(f"{key!r} is missing")
        return default
    if not isinstance(value, str):
        raise ValueError(f"{key!r} is not a string")  # noqa: TRY004
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(f"{key!r} contains half of a surrogate pair") from error
    return value


def id_of(record: dict[str, Any], key: str, default: str | None = None) -> str:
    """The id under `key`, a whole number by its digits; see `string_of` and `check_id`."""
    value = record.get(key)
    return str(value) if type(value) is int else check_id(string_of(record, key, default), key)


def check_id(value: str, key: str) -> str:
    """Return an id if every file format of the field can represent it.

    Raises:
        ValueError: it is empty, or has a line break, tab or other character of `CONTROL`.
    """
    if not value:
        raise ValueError(f"{key!r} is empty")
    if CONTROL.search(value):
        raise ValueError(f"{key!r} has a control or invisible character: {value!r}")
    return value


@dataclass
class Problems:
    """Faults of many lines, collected so that a user can fix them all at once.

    Attributes:
        skip: how many faulty lines are skipped rather than refused.
        shown: how many faults are listed.
        lines: those faults.
        count: all faults.
        files: the number of faults of whole files, which are never skipped.
    """

    skip: int = 0
    shown: int = 20
    lines: list[str] = field(default_factory=list)
    count: int = 0
    files: int = 0

    def add(self, path: Path, number: int | None, fault: str) -> None:
        """Add a fault of a line, or of the whole file if `number` is None."""
        self.count += 1
        self.files += number is None
        if len(self.lines) < self.shown:
            place = f"{path}, line {number}" if number is not None else f"{path}"
            self.lines.append(f"{place}: {fault}.")

    def extend(self, others: Problems) -> None:
        """Add the faults of another collection."""
        self.lines += others.lines[: max(0, self.shown - len(self.lines))]
        self.count += others.count
        self.files += others.files

    def listing(self, most: int | None = None) -> list[str]:
        """The faults to list, at most `most`, and how many more there are."""
        lines = self.lines[:most]
        rest = self.count - len(lines)
        return [*lines, f"and {rest:,} more."] if rest else lines

    def raise_any(self) -> None:
        """Raise the collected faults.

        Raises:
            DataError: a file was faulty, or more lines than may be skipped.
        """
        if not self.files and self.count <= self.skip:
            return
        faults = "\n".join(self.listing())
        if self.files:
            raise DataError(faults, "Fix these files; nothing was written.")
        other = f"--skip-bad skips {self.skip:,}" if self.skip else "--skip-bad N skips N"
        raise DataError(faults, f"Fix these lines ({other}); nothing was written.")


def fail_line(path: Path, number: int, fault: str, do: str) -> NoReturn:
    """Raise a DataError that names the file and the line."""
    raise DataError(f"{path}, line {number}: {fault}.", do)
