"""Commands that messages name: a shell takes them as they were meant."""

from __future__ import annotations

import shlex
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from hybench.wording.commands import DATA_DIR, RUNS_DIR, command, eval_command, named, path_word

words = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1)


@given(st.lists(words, min_size=1))
def test_every_word_is_one_word(given_words: list[str]) -> None:
    assert shlex.split(command(*given_words)) == ["hybench", *given_words]


def test_a_run_by_its_name_where_that_is_enough() -> None:
    assert named(Path("runs/mono"), RUNS_DIR) == "mono"
    assert named(Path("runs/s4/hybrid-s0"), RUNS_DIR) == "runs/s4/hybrid-s0"
    assert named(Path("mono"), RUNS_DIR) == "./mono"
    assert named(Path("runs/-x"), RUNS_DIR) == "runs/-x"
    assert named(Path("data/a b"), DATA_DIR) == "a b"
    assert path_word(Path("-odd/x")) == "./-odd/x"


def test_eval_command() -> None:
    assert eval_command("xquad") == "hybench eval RUN --data xquad"
    run = Path("my runs/a b")
    expected = "hybench eval 'my runs/a b' --data xquad --split dev"
    assert eval_command("xquad@dev", run) == expected
