"""A search with two runs: their hits next to each other, moves, gold, and languages."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from hybench.comparison.hit_documents import gold_of
from hybench.data.dataset import Dataset
from hybench.errors import StateError
from hybench.hits import Hit
from hybench.tui.app import Dashboard
from hybench.tui.model.detail_files import hits_outlet
from hybench.tui.model.search import Question, Searcher
from hybench.tui.model.side_by_side import (
    SearchSide,
    SideBySide,
    language_mix,
    mix_line,
    passage_paragraphs,
    side_at,
    side_by_side_table,
)
from hybench.tui.panes.queries import QueriesPane
from hybench.tui.widgets.search_pane import PassageScreen
from tests.tui.driving import drive, frozen, options, said, screen, shows, until

TEXTS = {
    "hi": "चाँद पर चलने वाला पहला आदमी नील आर्मस्ट्रांग था",
    "te": "చంద్రునిపై నడిచిన మొదటి వ్యక్తి నీల్ ఆర్మ్‌స్ట్రాంగ్",
    "ar": "كان نيل آرمسترونغ أول إنسان يمشي على القمر",
    "th": "นีล อาร์มสตรอง เป็นมนุษย์คนแรกที่เดินบนดวงจันทร์",
    "ja": "ニール・アームストロングは月面を歩いた最初の人間である",
    "yo": "Neil Armstrong ni ẹni àkọ́kọ́ tí ó rìn lórí òṣùpá",
}


def hits(*codes: str) -> tuple[Hit, ...]:
    return tuple(
        Hit(rank, code, f"{code}1", 1 - rank / 10, TEXTS[code])
        for rank, code in enumerate(codes, 1)
    )


def found(gold: frozenset[tuple[str, str]] | None = None) -> SideBySide:
    asked = [
        Question(Path("runs") / name, Path("data"), "toy", "", "moon") for name in ("mono", "yo")
    ]
    left, right = (SearchSide(question, at) for at, question in enumerate(asked))
    left.hits, right.hits = hits("hi", "te", "ar", "th"), hits("yo", "hi", "te", "th")
    return SideBySide("moon", (left, right), gold, looked=True)


def test_moves_gold_and_what_is_gone() -> None:
    table = side_by_side_table(found(frozenset({("hi", "hi1"), ("ja", "ja1")})), 80)
    rows = [[field.text for field in record.fields] for record in table.records]
    assert [row[4] for row in rows] == ["", "", "gone", ""]
    assert [row[5] for row in rows] == ["new", "↓1", "↓1", "="]
    assert [(row[1], row[6]) for row in rows] == [("✓", ""), ("", "✓"), ("", ""), ("", "")]
    assert [(row[2], row[7]) for row in rows][:2] == [("hi", "yo"), ("te", "hi")]
    assert sum(table.widths) + len(table.widths) - 1 <= 80
    assert [side_at(table, at) for at in (3, 8)] == [0, 1]


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_both_lists_have_room(width: int) -> None:
    table = side_by_side_table(found(), width)
    places = table.places(0, width)
    assert [at for at, _ in places] == [*range(9)]
    assert places[3][1] <= places[8][1] <= places[3][1] + 2


def test_the_first_ten_passages_count_in_the_language_mix() -> None:
    many = hits(*["hi", "te", "hi"] * 5)
    assert language_mix(many) == [("hi", 7), ("te", 3)]
    side = SearchSide(found().sides[0].question, 2, many)
    line = "".join(field.text for field in mix_line(side, 6, 80))
    assert line == f" mono    hi {'█' * 14} 7  te {'█' * 6} 3  "
    narrow = "".join(field.text for field in mix_line(side, 6, 30))
    assert narrow == f" mono    hi {'█' * 7}  te {'█' * 3}  "
    side.hits, side.error = None, "Run mono has no model.\nTrain it."
    assert mix_line(side, 4, 80)[-1].text == "Run mono has no model."


def test_a_query_of_the_set_is_known_whatever_its_case_and_spaces(evaluated: Path) -> None:
    dataset = Dataset.open(evaluated.parent / "data" / "toy")
    query = dataset.queries("yo").row(0, named=True)
    judged = dataset.qrels("yo").filter(query_id=query["query_id"])
    wanted = {
        (row["passage_lang"], row["passage_id"])
        for row in judged.iter_rows(named=True)
        if row["relevance"] > 0
    }
    assert wanted
    gold = gold_of(dataset, f"  {query['text'].upper()}\t")
    assert gold is not None
    assert wanted <= gold
    assert gold_of(dataset, "who else?") is None


def test_a_passage_has_its_ranks_and_scores_in_both() -> None:
    texts = [text for text, _ in passage_paragraphs(found(frozenset({("hi", "hi1")})), 1, 1)]
    assert texts[:3] == [
        "hi Hindi · hi1 · judged relevant",
        "  mono: rank 1, score 0.900",
        "  yo: rank 2, score 0.800",
    ]
    assert texts[-1] == TEXTS["hi"]
    assert passage_paragraphs(found(), 0, 9) == []


def test_the_file_has_all_hits_and_the_command_that_finds_them(tmp_path: Path) -> None:
    said = hits_outlet(found(frozenset({("te", "te1")}))).write(tmp_path / "hits.csv")
    text = (tmp_path / "hits.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == 8
    assert list(rows[1].values()) == ["mono", "2", "0.8", "te", "te1", "1", TEXTS["te"]]
    hits_outlet(found()).write(tmp_path / "hits.csv")
    assert "mono,1,0.9,hi,hi1,," in (tmp_path / "hits.csv").read_text(encoding="utf-8")
    assert said == (
        "hybench search moon --run runs/mono --run runs/yo --data data/toy -k 20 "
        f"-o {tmp_path / 'hits.csv'}"
    )


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    """Answers by the names of runs, without a model; what was asked."""
    asked: list[Question] = []

    def ask(_: Searcher, question: Question) -> tuple[Hit, ...]:
        asked.append(question)
        if question.query == "lost" and question.run.name == "mono":
            raise StateError("Run mono has no model in runs/mono/model.", "Train it again.")
        left = hits("hi", "te", "ar", "th", "ja")
        return left if question.run.name == "mono" else hits("yo", "hi", "ja", "te", "th")

    monkeypatch.setattr(Searcher, "ask", ask)
    return asked


async def find(app: Dashboard, pilot: Pilot[None], text: str) -> None:
    """Type a search on tab 5, with hybrid against mono."""
    await pilot.press("f")
    app.query_one("#queries-search").query_one(Input).value = text
    await pilot.press("enter")
    await until(pilot, lambda: "searching…" not in said(pilot))


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (140, 40)])
def test_hits_in_all_scripts_side_by_side(
    evaluated: Path, answers: list[Question], size: tuple[int, int]
) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("5", "n")
        await shows(pilot, "hybrid against mono")
        await find(app, pilot, TEXTS["hi"])
        await shows(pilot, "not one of the set's queries; 4 passages in both")
        await pilot.press("right", "down")
        assert [each.text for each in app.watched.notices if each.wrong] == []
        frozen(pilot, f"search-{size[0]}x{size[1]}")
        await pilot.press("enter")
        await shows(pilot, "hi Hindi · hi1")
        assert isinstance(app.screen, PassageScreen)
        await pilot.press("escape", "escape")
        await shows(pilot, "worst first")

    drive(options(evaluated, every=3600.0), script, size)
    assert {question.run.name for question in answers} == {"mono", "hybrid"}


def test_a_run_whose_model_is_gone_is_one_line_and_the_other_answers(
    evaluated: Path, answers: list[Question]
) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("5", "n")
        await shows(pilot, "hybrid against mono")
        await find(app, pilot, "lost")
        assert screen(pilot)[2] == " mono    Run mono has no model in runs/mono/model."
        await shows(pilot, "Run mono has no model in runs/mono/model. Train it again.")
        rows = app.query_one(QueriesPane).hits.table.records
        assert [row.fields[7].text for row in rows] == ["yo", "hi", "ja", "te", "th"]
        assert {row.fields[5].text for row in rows} == {""}  # nothing is new beside nothing
        await pilot.press("n")  # the same with another run
        await until(pilot, lambda: answers[-1].run.name == "bm25")

    drive(options(evaluated, every=3600.0), script)


def test_gold_is_marked_where_the_query_is_the_sets(
    evaluated: Path, answers: list[Question], monkeypatch: pytest.MonkeyPatch
) -> None:
    gold = frozenset({("hi", "hi1"), ("ar", "ar1"), ("en", "e9")})
    monkeypatch.setattr("hybench.comparison.hit_documents.gold_of", lambda *_: gold)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("5", "n")
        await shows(pilot, "hybrid against mono")
        await find(app, pilot, "sw:moon")
        await shows(pilot, "one of the set's queries: 2 and 1 of 3 relevant found")
        assert (answers[0].language, answers[0].query) == ("sw", "moon")
        rows = app.query_one(QueriesPane).hits.table.records
        assert [row.fields[1].text for row in rows] == ["✓", "", "✓", "", ""]
        await pilot.press("C")
        assert app.clipboard == TEXTS["hi"]

    drive(options(evaluated, every=3600.0), script)
