"""The program as a whole: help, version, unknown commands, global flags."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer

import hybench as package
from hybench.cli import compare, evaluate, index, options
from hybench.cli.layers import commands_of
from hybench.cli.main import app
from hybench.comparison import gather, render
from hybench.data import schema
from hybench.encoders import precision
from hybench.evaluation.bm25 import tokens
from hybench.indexes import shards
from hybench.indexes.approximate import graph
from hybench.workers.ray_cluster import ENGINES
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


def _commands(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield words, command
    for name, below in commands_of(command).items():
        yield from _commands(below, (*words, name))


PROGRAM = dict(_commands(typer.main.get_command(app)))


@pytest.mark.parametrize("words", PROGRAM, ids=" ".join)
def test_help_fits_80_columns_with_nothing_cut(words: tuple[str, ...]) -> None:
    lines = works(*words, "--help").out.splitlines()
    assert max(map(len, lines)) <= 80
    listed = lines[lines.index("Commands:") + 1 :] if "Commands:" in lines else []
    names = {line.split()[0] for line in listed if line.startswith("  ") and line[2] != " "}
    assert set(commands_of(PROGRAM[words])) <= names
    assert not [line for line in lines[1:] if "..." in line and "torchrun" not in line]
    assert "…" not in "".join(lines)


@pytest.mark.parametrize("words", [words for words in PROGRAM if words], ids=" ".join)
def test_global_flags_after_every_command_too(words: tuple[str, ...]) -> None:
    shown = works(*words, "--help").out
    assert all(flag in shown for flag in ("--color", "-q, --quiet", "-v, --verbose", "--debug"))


@pytest.mark.parametrize(
    ("choices", "core"),
    [
        (options.Setting, schema.SETTINGS),
        (compare.Dial, gather.DIALS),
        (compare.CompareFormat, ("table", *render.FORMATS, "latex", "html")),
        (evaluate.Tokens, get_args(tokens.Tokenisation)),
        (index.Dtype, graph.PRECISIONS),
        (index.Store, shards.STORES),
        (get_args(options.Precision)[0], precision.PRECISIONS),
        (get_args(options.Engine)[0], ENGINES),
    ],
)
def test_choices_are_those_of_the_core(choices: Any, core: tuple[str, ...]) -> None:
    assert set(get_args(choices)) == set(core)


def test_choices_are_shown_and_checked() -> None:
    shown = works("train", "--help").out
    assert "--objective <cosine|kl|margin-mse|mse>" in shown
    assert "[default: mse]" in shown
    said = refused(2, "train", "--objective", "magic")
    assert said.startswith(
        "error: --objective is 'magic'.\n  Choose one of: cosine kl margin-mse mse."
    )


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
        (
            ("prepare", "wikipedia"),
            "no source 'wikipedia'.\n  Choose one of: atlas belebele hub jsonl miracl",
        ),
        (("prepare", "jsonl"), "'DIR'.\n  See hybench prepare jsonl --help."),
        (("index", "mono"), "'--data'.\n  See hybench index --help."),
        (("info", "more", "much"), "(much)\n  See hybench info --help."),
        (("--color", "blue", "info"), "'blue' is not one of 'auto', 'always', 'never'."),
        (("info", "--color", "blue"), "'blue' is not one of 'auto', 'always', 'never'."),
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
    assert hybench("eval", "nosuch", "--data", "toy", "--debug").err == done.err
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
    assert "\x1b[" in hybench("eval", "nosuch", "--data", "toy", "--color", "always").err


def test_quiet_and_verbose_after_the_command(here: Path) -> None:
    assert "Next: " in works("compare", "runs", "--data", "toy").err
    assert works("compare", "runs", "--data", "toy", "-q").err == ""
    assert works("-q", "compare", "runs", "--data", "toy").err == ""
    assert "a bug" not in works("eval", "mono", "--data", "toy", "--dry-run", "-qv").err
