"""Nothing that hybench did not write itself can steer the terminal that shows it."""

from __future__ import annotations

import io
import json
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybench.cli.bar import Reporter
from hybench.cli.console import Console
from hybench.cli.tables import rich_console
from hybench.concurrency.progress import Progress
from hybench.runs.events import EventLog
from hybench.wording.text_table import Entry, Line, Sheet, sheet_markdown
from tests.cli.program import hybench, works
from tests.data.conftest import write_lines

STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
OURS = re.compile("\x1b\\[[0-9;]*m")
"""Colours, which rich sets itself."""

HOSTILE = "\x1b]0;owned\x07\x1bc\x9b31m\u202eevil\r"

texts = st.text(
    st.sampled_from("ab \n\t\r\x00\x07\x08\x1b\x7f\x85\x90\x9b\x9c\u202e\u2066\u2028é中[]")
)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@given(texts, texts, texts, st.booleans())
def test_sheets(name: str, cell: str, note: str, terminal: bool) -> None:
    line = Line((Entry(name), Entry(cell, "better", "▲")))
    sheet = Sheet(name, ("run", cell), 1, (line,), cell, (note, name), (note,))
    out = Terminal() if terminal else io.StringIO()
    Console(stdout=out, color="always").show(sheet)
    assert not STEERING.search(OURS.sub("", out.getvalue()))
    markdown = sheet_markdown(sheet)
    assert not STEERING.search(markdown)
    assert sum(line.startswith("|") for line in markdown.split("\n")) == 3


@given(texts)
def test_lines_of_data_and_talk(text: str) -> None:
    out, err = Terminal(), Terminal()
    console = Console(stdout=out, stderr=err, color="never", verbose=True, debug=True)
    console.data(text)
    console.output(text, None)
    console.talk(text)
    console.warn(text)
    console.error(text, text)
    console.fail(ValueError(text))
    assert not STEERING.search((out.getvalue() + err.getvalue()).replace("\t", " "))


@given(texts)
def test_a_pipe_gets_documents_as_they_are(text: str) -> None:
    out = io.StringIO()
    Console(stdout=out).output(text + "\n", None)
    assert out.getvalue() == text + "\n"


def test_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    err = Terminal()
    seconds = iter(range(100))
    reporter = Reporter(
        rich_console(err, colored=False, terminal=True), lambda: float(next(seconds))
    )
    hostile = "\x1b]0;owned\x07[red]\x9b"
    for done in (1, 2):
        reporter(Progress(f"encode {hostile}", done, 9, "texts", f"detail {hostile}"))
    reporter.stop()
    assert "encode �]0;owned�[red]�" in err.getvalue()
    assert "detail �]0;owned�[red]�" in err.getvalue()
    assert "\x07" not in err.getvalue()


def _clean(*arguments: object, code: int = 0) -> str:
    done = hybench(*arguments)
    assert done.code == code, done.err
    assert not STEERING.search(done.out + done.err)
    assert "Traceback" not in done.err
    return done.out


def test_names_and_reasons_of_runs(empty: Path) -> None:
    run = empty / "runs" / f"evil{HOSTILE}"
    run.mkdir(parents=True)
    (run / "config.toml").write_text('kind = "train"\nsteps = 40\n', encoding="utf-8")
    EventLog(run / "events.jsonl").append("failed", step=1, reason=f"Because {HOSTILE}.")
    told = _clean("status")
    assert "evil\ufffd]0;owned" in told
    assert "Because \ufffd]0;owned" in told
    _clean("status", "--format", "md")
    _clean("status", run)
    _clean("compare", "runs", code=1)
    _clean("index", run, "--data", HOSTILE, code=2)
    _clean("status", f"nowhere{HOSTILE}", code=2)
    _clean("published", "--dataset", HOSTILE, code=2)
    document = json.loads(works("status", "--json").out)
    assert document["runs"][0]["name"] == f"evil{HOSTILE}"


def test_a_comparison_of_hostile_runs(copied: Path) -> None:
    shutil.copytree(copied / "runs" / "mono", copied / "runs" / f"copy{HOSTILE}")
    for arguments in ((), ("--format", "md")):
        assert "owned" in _clean("compare", "runs", "--data", "toy", *arguments)


def test_texts_of_batches(empty: Path) -> None:
    pairs = [
        {
            "_id": f"p{at}",
            "query": {"en": f"q{at} {HOSTILE}"},
            "passage": {"en": f"p{at} {HOSTILE}"},
        }
        for at in range(4)
    ]
    write_lines(empty / "own" / "pairs.jsonl", *pairs)
    works("prepare", "jsonl", "own")
    assert "owned" in _clean("batches", "--data", "own", "--alpha", "1")


def test_a_study(empty: Path) -> None:
    folder = empty / "runs" / "grid"
    folder.mkdir(parents=True)
    study = {"name": HOSTILE, "cells": {"a-s0": {"arm": HOSTILE}}, "unequal": [HOSTILE]}
    (folder / "study.json").write_text(json.dumps(study), encoding="utf-8")
    assert "owned" in _clean("study", "status", folder)
