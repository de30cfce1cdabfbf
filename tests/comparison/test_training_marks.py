"""Marks of models that were trained on the set's training data, in every kind of table."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from hybench.comparison.layout import sheet
from hybench.comparison.model import Comparison
from hybench.comparison.render import to_json, to_markdown
from hybench.comparison.score_sheets import evaluation_sheets
from hybench.comparison.table import compare
from hybench.comparison.training_marks import model_of, row_marks
from hybench.comparison.verdict import verdicts
from hybench.report.latex import latex_report
from hybench.report.scores import sections
from hybench.runs.run import Run
from hybench.tui.model.matrix import describe_field, matrix_table
from tests.comparison.conftest import MakeRun, mono
from tests.comparison.test_table import QUICK

E5, XLMR = "intfloat/multilingual-e5-small", "xlm-roberta-base"
SCORES = {"sw": [0.1, 0.2, 0.3] * 4, "yo": [0.3, 0.2, 0.1] * 4}
NOTE = (
    "† Trained on training data of MIRACL in sw: {} "
    f"({E5}: MIRACL train, Mr. TyDi train, TyDi QA in xP3)."
)


@pytest.fixture
def tuned(make_run: MakeRun) -> dict[str, Run]:
    """Runs from several beginnings, evaluated on MIRACL."""
    configs: dict[str, dict[str, object]] = {
        "e5": {"encoder": E5},
        "e5-too": {"encoder": E5, "alpha": 1.0},
        "xlmr": {"encoder": XLMR},
        "taught": {"encoder": XLMR, "strategy": "distill", "teacher": E5},
        "mine": {"encoder": "someone/unheard-of"},
        "bm25": {"kind": "bm25"},
    }
    return {
        name: make_run(
            name,
            mono(SCORES),
            key="miracl",
            config={"data": ["xquad-r"], **config},
            trained_queries={},
        )
        for name, config in configs.items()
    }


def entries(table: Comparison) -> dict[str, list[str]]:
    """The fields of each language in the terminal's table, with their marks."""
    lines = sheet(table).lines[: len(table.rows)]
    return {
        line.entries[0].text: [each.text + each.mark for each in line.entries] for line in lines
    }


def test_models_that_differ_are_marked_by_score(tuned: dict[str, Run]) -> None:
    (table,) = compare([tuned[name] for name in ("e5", "xlmr", "taught", "mine", "bm25")], QUICK)
    found = entries(table)
    assert [text.strip("▲▼* 0123456789.") for text in found["sw"][2:7]] == ["†", "", "‡", "", ""]
    assert [text.strip("▲▼* 0123456789.") for text in found["yo"][2:7]] == [""] * 5
    assert "†" in found["AVG"][2]
    why = "(intfloat/multilingual-e5-small: MIRACL train, Mr. TyDi train, TyDi QA in xP3)"
    data = "training data of MIRACL in"
    assert list(table.notes[-6:]) == [
        NOTE.format("e5"),
        f"‡ Taught by a model that was trained on {data} sw: taught {why}.",
        f"Not known whether trained on {data} all languages here: mine (someone/unheard-of).",
        "Zero-shot in yo, by what is known: e5, taught.",
        "Zero-shot in all languages here, by what is known: xlmr.",
        "A row of several languages is marked if one of them is.",
    ]
    assert [column.origin for column in table.columns][:3] == [(E5,), (XLMR,), (XLMR, E5)]
    assert table.columns[-1].is_model is False


def test_models_that_share_their_beginning_are_marked_by_language(tuned: dict[str, Run]) -> None:
    (table,) = compare([tuned[name] for name in ("e5", "e5-too", "bm25")], QUICK)
    found = entries(table)
    assert [found[name][0] for name in ("sw", "yo", "AVG")] == ["sw†", "yo", "AVG†"]
    assert not any("†" in text for text in found["sw"][1:])
    assert NOTE.format("e5, e5-too") in table.notes


def test_what_holds_of_all_is_only_noted(tuned: dict[str, Run]) -> None:
    (table,) = compare([tuned["e5"], tuned["e5-too"]], replace(QUICK, languages=("sw",)))
    assert not any(each.row or any(each.cells) for each in row_marks(table))
    assert NOTE.format("e5, e5-too").removeprefix("† ") in table.notes
    assert not any("Zero-shot" in note for note in table.notes)


def test_zero_shot_is_not_said_where_texts_were_seen_or_not_compared(make_run: MakeRun) -> None:
    def run(name: str, **info: object) -> Run:
        config = {"encoder": XLMR, "data": ["xquad-r"]}
        return make_run(name, mono(SCORES), key="miracl", config=config, **info)

    (table,) = compare([run("seen", trained_queries={"yo": 2}), run("unsure")], QUICK)
    assert [note for note in table.notes if "Zero-shot" in note] == [
        "Zero-shot in sw, by what is known: seen."
    ]


def test_zero_shot_is_not_said_of_what_a_run_began_with(make_run: MakeRun) -> None:
    """Only a run's own sets were compared with the test's."""
    first = make_run("first", mono(SCORES), config={"data": ["xquad-r"]})
    first.model.mkdir()
    config = {"encoder": str(first.model), "data": ["ntrex"]}
    second = make_run("second", mono(SCORES), key="miracl", config=config, trained_queries={})
    (table,) = compare([second], QUICK)
    assert not any("Zero-shot" in note for note in table.notes)


def test_every_format_has_the_marks(tuned: dict[str, Run]) -> None:
    (table,) = compare([tuned["e5"], tuned["xlmr"]], QUICK)
    cells = json.loads(to_json([table]))["comparisons"][0]["rows"][0]["cells"]
    assert (cells["e5"]["seen"], cells["xlmr"]["seen"]) == ("trained", "no")
    assert "†" in to_markdown([table]).split("| sw |")[1].split("\n")[0]
    latex = latex_report([table])
    assert r"\dagger}$" in latex.split("sw & 12")[1].split("\n")[0]
    data = sections([table])[0].table.bodies[0][0]
    assert "†" in data[2].mark
    shown = matrix_table(table).records[0].fields
    assert "†" in shown[2].text
    assert "†" not in shown[3].text
    assert describe_field(table, "sw", 0).endswith("It was trained on the set's training data.")


def test_an_evaluation_has_them_too(tuned: dict[str, Run]) -> None:
    from hybench.evaluation.results import read_results

    results = read_results(tuned["e5"], "miracl")
    model = model_of("e5", [tuned["e5"]], [results.info])
    (only,) = evaluation_sheets("e5", results.values, results.info, ("nDCG@10",), model)
    assert [line.entries[0].mark for line in only.lines] == ["†", "", ""]
    assert only.notes == (NOTE.format("e5"), "Zero-shot in yo, by what is known: e5.")


def test_a_sentence_says_it_where_models_differ(tuned: dict[str, Run]) -> None:
    (table,) = compare([tuned[name] for name in ("xlmr", "e5", "e5-too", "bm25")], QUICK)
    told = {
        (table.columns[each.column].label, table.rows[each.row].label): each.sentence
        for each in verdicts(table)
    }
    caveat = "trained on the set's training data"
    assert table.columns[table.baseline or 0].label == "e5-too"
    assert f"e5-too {caveat}" in told["xlmr", "sw"]
    assert not any(caveat in told[each] for each in (("xlmr", "yo"), ("e5", "sw"), ("bm25", "sw")))
