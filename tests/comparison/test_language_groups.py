"""Rows over several languages: low-resource, asked for, seen in training, by script."""

from __future__ import annotations

import json

import pytest

from hybench.comparison.arms import make_arms
from hybench.comparison.gather import CompareOptions
from hybench.comparison.language_groups import by_script, by_training, read_groups, row_groups
from hybench.comparison.table import compare
from hybench.errors import UsageError
from hybench.runs.run import Run
from hybench.values.languages import LOW_RESOURCE, MIRACL_LANGUAGES
from tests.comparison.conftest import MakeRun, mono

SCORES = [0.1, 0.4, 0.2, 0.6]


def _started(run: Run, *languages: str) -> Run:
    teacher = {"event": "teacher", "time": 0.0}
    start = {"event": "start", "time": 1.0, "data": [{"name": "x", "languages": languages}]}
    run.events_file.write_text("\n".join(map(json.dumps, (teacher, start))) + "\n")
    return run


def test_groups_as_the_flag_names_them() -> None:
    assert read_groups(["south=bn, te", "yo=yo"]) == {"south": ("bn", "te"), "yo": ("yo",)}
    for wrong in ("bn,te", "=bn", "south=", "south= , "):
        with pytest.raises(UsageError, match="--group is"):
            read_groups([wrong])
    for taken in (["AVG=bn"], ["LOW=bn"], ["a=bn", "a=te"]):
        with pytest.raises(UsageError, match="already"):
            read_groups(taken)


def test_low_resource_is_the_issues_list() -> None:
    assert set(LOW_RESOURCE) == {"sw", "yo", "te", "bn", "th"}


def test_what_says_nothing_new_has_no_row() -> None:
    def labels(languages: list[str], shared: list[str], **found: set[str]) -> list[str]:
        return [group.label for group in row_groups(languages, shared, {}, found)]

    four = ["en", "fi", "sw", "te"]
    assert labels(four, four) == ["AVG", "LOW"]
    assert labels(four, ["en", "sw"]) == ["AVG 2/4", "LOW 1/2"]
    assert labels(["sw", "te"], ["sw", "te"]) == ["AVG"]
    assert labels(["en"], ["en"]) == []
    assert labels(four, four, seen={"en", "fi", "sw"}, unseen={"te"}) == ["AVG", "LOW", "seen"]
    assert labels(four, ["en"], seen={"fi", "sw"}) == ["AVG 1/4"]


def test_what_is_asked_for_has_a_row_in_any_case() -> None:
    groups = row_groups(["en", "te"], ["en", "te"], {"own": {"te", "bn"}}, {"own": {"en"}})
    assert [(group.label, group.languages, group.of) for group in groups] == [
        ("AVG", ("en", "te"), 2),
        ("own", ("te",), 1),
    ]


def test_languages_seen_and_unseen_in_training(make_run: MakeRun) -> None:
    arms = make_arms(
        [
            _started(make_run("a"), "en", "fi", "sw"),
            make_run("b", config={"languages": ["en", "fi"]}),
            make_run("bm25", config={"kind": "bm25"}),
        ],
        group_seeds=False,
    )
    found = by_training(arms, ["en", "fi", "sw", "te", "yo"])
    assert {name: set(languages) for name, languages in found.items()} == {
        "seen": {"en", "fi"},
        "unseen": {"te", "yo"},
    }
    assert by_training(arms, ["en", "fi"]) == {}
    assert by_training(arms[2:], ["en"]) == {}
    unknown = make_arms([make_run("c")], group_seeds=False)
    assert by_training([*arms, *unknown], ["en", "te"]) == {}


@pytest.mark.parametrize("data", [None, 5, [3, {}, {"languages": 4}], {"languages": ["en"]}])
def test_a_start_without_languages_says_nothing(data: object, make_run: MakeRun) -> None:
    run = make_run("a")
    run.events_file.write_text(json.dumps({"event": "start", "data": data}) + "\n{torn")
    assert by_training(make_arms([run], group_seeds=False), ["en", "te"]) == {}


def test_scripts_of_miracl() -> None:
    scripts = by_script(MIRACL_LANGUAGES)
    assert scripts["Latin"] == {"de", "en", "es", "fi", "fr", "id", "sw", "yo"}
    assert scripts["Arabic"] == {"ar", "fa"}
    assert scripts["Cyrillic"] == {"ru"}
    assert sum(map(len, scripts.values())) == 18


def test_rows_of_groups_in_a_table(make_run: MakeRun) -> None:
    scores = dict.fromkeys(("ar", "en", "fa", "sw", "te", "yo"), SCORES)
    runs = [_started(make_run(name, mono(scores)), "en", "sw", "te") for name in ("one", "two")]
    options = CompareOptions(draws=200, groups={"mine": ("yo", "ar")}, scripts=True)
    (table,) = compare(runs, options)
    assert [(row.kind, row.label, row.languages) for row in table.rows[6:]] == [
        ("mean", "AVG", ("ar", "en", "fa", "sw", "te", "yo")),
        ("low-resource", "LOW", ("sw", "te", "yo")),
        ("group", "mine", ("ar", "yo")),
        ("group", "seen", ("en", "sw", "te")),
        ("group", "unseen", ("ar", "fa", "yo")),
        ("group", "Arabic", ("ar", "fa")),
        ("group", "Latin", ("en", "sw", "yo")),
    ]
    assert table.tests == 13
    assert table.rows[8].queries == 8
    (plain,) = compare(runs, CompareOptions(draws=200))
    assert [row.label for row in plain.rows[6:]] == ["AVG", "LOW", "seen", "unseen"]


def test_groups_that_do_not_fit_are_refused(make_run: MakeRun) -> None:
    runs = [make_run("a", mono({"en": SCORES, "sw": SCORES}))]
    with pytest.raises(UsageError, match="--group: no language yo here"):
        compare(runs, CompareOptions(groups={"x": ("sw", "yo")}))
    with pytest.raises(UsageError, match="--group: en is a language"):
        compare(runs, CompareOptions(groups={"en": ("sw",)}))
