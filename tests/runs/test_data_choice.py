"""Which results are compared: asked for, in common, or the most common."""

from __future__ import annotations

import pytest

from hybench.errors import StateError, UsageError
from hybench.runs.data_choice import choose_data, count_results, most_common_data
from tests.comparison.conftest import MakeRun, make_run, mono

__all__ = ["make_run"]

ROWS = mono({"en": [0.5, 0.7], "sw": [0.1]})


def test_the_only_common_data_set_is_chosen(make_run: MakeRun) -> None:
    runs = [make_run("a", ROWS), make_run("b", ROWS), make_run("c")]
    make_run("a", ROWS, key="xquad")
    assert choose_data(runs, None) == "atlas"
    assert choose_data(runs, "xquad") == "xquad"


def test_several_common_data_sets_must_be_chosen_from(make_run: MakeRun) -> None:
    runs = [make_run("a", ROWS), make_run("b", ROWS)]
    for name in ("a", "b"):
        make_run(name, ROWS, key="xquad")
    with pytest.raises(UsageError) as caught:
        choose_data(runs, None)
    assert caught.value.do == "Choose one: --data atlas | xquad."


def test_no_common_data_set(make_run: MakeRun) -> None:
    runs = [make_run("a", ROWS), make_run("b", ROWS, key="xquad")]
    with pytest.raises(UsageError, match="no data set in common"):
        choose_data(runs, None)


def test_runs_without_results_name_the_command(make_run: MakeRun) -> None:
    runs = [make_run("a"), make_run("b")]
    with pytest.raises(StateError) as caught:
        choose_data(runs, None)
    assert "hybench eval RUN --data SET" in caught.value.do
    make_run("a", ROWS)
    with pytest.raises(StateError) as caught:
        choose_data(runs, "xquad")
    assert "hybench eval RUN --data xquad" in caught.value.do
    assert "There are results of: atlas." in caught.value.do


def test_one_run_is_named(make_run: MakeRun) -> None:
    run = make_run("a", ROWS)
    with pytest.raises(StateError, match="Run a has no results of xquad") as caught:
        choose_data([run], "xquad")
    assert caught.value.do.startswith("Evaluate it: ")


def test_the_most_common_comes_first_and_of_several_the_first_by_name(make_run: MakeRun) -> None:
    runs = [make_run("a", ROWS, key="xquad"), make_run("b", ROWS, key="xquad"), make_run("c", ROWS)]
    assert count_results(runs) == {"xquad": 2, "atlas": 1}
    assert most_common_data(runs) == "xquad"
    assert most_common_data(runs, "atlas") == "atlas"
    assert most_common_data(runs, "miracl") == "xquad"
    assert most_common_data(runs[1:]) == "atlas"
    with pytest.raises(StateError, match="None of the 2 runs has results"):
        most_common_data([make_run("d"), make_run("e")])
