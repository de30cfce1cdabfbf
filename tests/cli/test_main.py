"""The program as a whole: help, version, unknown commands, global flags."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import hybench as package
from tests.cli.program import hybench, refused, works

COMMANDS = ("demo", "prepare", "train", "batches", "index", "eval", "compare", "info")


def test_version() -> None:
    assert works("--version").out == f"hybench {package.__version__}\n"


def test_help() -> None:
    done = works("--help")
    assert all(re.search(rf"^  {command} ", done.out, re.MULTILINE) for command in COMMANDS)
    assert "HYBENCH_TRAIN_STEPS" in done.out
    assert done.err == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command(command: str) -> None:
    done = works(command, "-h")
    assert done.out.startswith(f"Usage: hybench {command} ")


@pytest.mark.parametrize("arguments", [(), ("prepare",)])
def test_without_a_command_the_help_is_shown(arguments: tuple[str, ...]) -> None:
    done = hybench(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Usage: hybench ")
    assert "Commands:" in done.err
    assert "error:" not in done.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nosuch",), "'nosuch'.\n  See hybench --help."),
        (("--nosuch",), "--nosuch\n  See hybench --help."),
        (("prepare", "wikipedia"), "'wikipedia'.\n  See hybench prepare --help."),
        (("prepare", "jsonl"), "'DIR'.\n  See hybench prepare jsonl --help."),
        (("index", "mono"), "'--data'.\n  See hybench index --help."),
        (("info", "more"), "(more)\n  See hybench info --help."),
        (("--color", "blue", "info"), "--color is 'blue'.\n  Choose one of: auto always never."),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], says: str) -> None:
    assert says in refused(2, *arguments)


def test_info() -> None:
    facts = json.loads(works("info", "--json").out)
    assert facts["hybench"] == package.__version__
    assert {"python", "torch", "platform", "cores", "memory_gb"} <= facts.keys()
    done = works("info")
    assert done.err == ""
    assert [line.split()[0] for line in done.out.splitlines()] == list(facts)


def test_a_traceback_only_when_asked_for(here: Path) -> None:
    done = hybench("--debug", "eval", "nosuch", "--data", "toy")
    assert done.code == 2
    assert done.err.startswith("Traceback (most recent call last):")
    assert done.err.splitlines()[-2] == "error: No run 'nosuch' in runs."
    refused(2, "eval", "nosuch", "--data", "toy")


def test_quiet_still_says_what_is_wrong(here: Path) -> None:
    assert "No run 'nosuch'" in refused(2, "-q", "eval", "nosuch", "--data", "toy")


def test_color(here: Path) -> None:
    compare = ("compare", "runs", "--data", "toy", "--setting", "multi")
    plain = works("--color", "never", *compare).out
    assert plain == works(*compare).out
    coloured = hybench("--color", "always", *compare).out
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
    assert "\x1b[" in hybench("--color", "always", "eval", "nosuch", "--data", "toy").err
