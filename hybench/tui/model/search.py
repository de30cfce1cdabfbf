"""Asks the search process, which starts with the first question and ends with the dashboard."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.errors import StateError
from hybench.values.languages import stored_code

if TYPE_CHECKING:
    from hybench.hits import Hit


@dataclass(frozen=True)
class Question:
    """What to search for, and where.

    Attributes:
        run: whose model encodes, whose index is searched.
        data_dir: of the prepared sets.
        dataset: the set's name.
        language: of the passages; empty for all.
        query: the text.
        k: hits.
        spoken: the query's language, if it was said; for models whose vectors depend on it.
    """

    run: Path
    data_dir: Path
    dataset: str
    language: str
    query: str
    k: int = 20
    spoken: str = ""


def read_typed(text: str) -> tuple[str, str, str]:
    """The language of the passages, that of the query, and the query, of what was typed: ``sw:
    text`` in passages of that language, ``:sw: text`` in all; languages not said are empty.
    """
    before, colon, rest = text.removeprefix(":").partition(":")
    code = before.strip()
    if not colon or not 2 <= len(code) <= 3:
        return "", "", text.strip()
    spoken, query = stored_code(code), rest.strip()
    return ("", spoken, query) if text.startswith(":") else (spoken, "", query)


class Searcher:
    """One process for all questions; it keeps what it has loaded."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def ask(self, question: Question) -> tuple[Hit, ...]:
        """Wait for the answer.

        Raises:
            StateError: there is no index or model, or the process has ended.
        """
        from hybench.hits import Hit

        with self._lock:
            process = self._running()
            if process.stdin is None or process.stdout is None:
                raise StateError("The search process has no pipes.", "Search again.")
            values = {
                **vars(question),
                "run": str(question.run),
                "data_dir": str(question.data_dir),
            }
            with suppress(BrokenPipeError):
                process.stdin.write(json.dumps(values) + "\n")
                process.stdin.flush()
            line = process.stdout.readline()
        if not line:
            raise StateError(
                "The search process has ended.", "It may have run out of memory; search again."
            )
        said = json.loads(line)
        if "error" in said:
            what, _, do = said["error"].partition("\n")
            raise StateError(what, do)
        return tuple(Hit(**hit) for hit in said["hits"])

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "hybench.tui.search_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                # A Ctrl-C in the terminal is the dashboard's.
                start_new_session=True,
            )
        return self._process
