from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from hybench.data.dataset import Dataset
from hybench.data.preparation import prepare
from hybench.data.sources.mlqa_r import MLQA_R, MlqaR
from hybench.errors import DataError, UsageError
from hybench.evaluation.plan import plan_queries
from hybench.evaluation.settings import plan_searches

ASKED: Mapping[str, Mapping[str, tuple[int, ...]]] = {
    "en": {"A": (0, 1), "B": (2, 3), "C": (4,), "D": (5,)},
    "de": {"Ä": (0,), "Bé": (2, 3)},
    "zh": {"甲": (1,), "丁": (5, 0)},
}
"""Questions by language and article: 0 is in three languages, 4 in one, the others in two."""


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three languages; each article is a sentence per question and one more."""
    folder = tmp_path / "mlqa-r"
    folder.mkdir()
    counts = {}
    for language, articles in ASKED.items():
        asked = sum(map(len, articles.values()))
        counts[language] = (asked, asked + len(articles))
        data = [_article(title, language, own) for title, own in articles.items()]
        content = json.dumps({"version": "1.1", "data": data})
        (folder / f"{language}.json").write_text(content, encoding="utf-8")
    monkeypatch.setattr(MlqaR, "collection", replace(MLQA_R, counts=counts))
    return folder


def _article(title: str, language: str, asked: tuple[int, ...]) -> dict[str, object]:
    sentences = [f"{language} {number}. " for number in asked] + ["And so on."]
    ends = [sum(map(len, sentences[: place + 1])) for place in range(len(sentences))]
    starts = [0, *ends[:-1]]
    questions = [
        {"id": f"q{number}", "question": f"{language} {number}?",
         "answers": [{"answer_start": start, "text": language}]}
        for number, start in zip(asked, starts, strict=False)
    ]  # fmt: skip
    paragraph = {
        "context": "".join(sentences),
        "sentence_breaks": [*zip(starts, ends, strict=True)],
        "sentences": sentences,
        "qas": questions,
    }
    return {"title": title, "paragraphs": [paragraph]}


def prepared(source: MlqaR, tmp_path: Path) -> Dataset:
    return prepare(source, tmp_path / "data").dataset


def test_a_query_has_an_answer_in_each_of_its_languages(small: Path, tmp_path: Path) -> None:
    data = prepared(MlqaR(small), tmp_path)
    assert data.info.settings == ("mono", "cross", "multi")
    rows = data.qrels("en").group_by("query_id").agg(pl.col("passage_lang").sort())
    assert dict(rows.sort("query_id").iter_rows()) == {
        "q0": ["de", "en", "zh"], "q1": ["en", "zh"], "q2": ["de", "en"],
        "q3": ["de", "en"], "q4": ["en"], "q5": ["en", "zh"],
    }  # fmt: skip
    texts = dict(data.passages("zh").select("passage_id", "text").iter_rows())
    answers = data.qrels("de").filter(passage_lang="zh")
    assert {q: texts[p] for q, p in answers.select("query_id", "passage_id").iter_rows()} == {
        "q0": "zh 0."
    }
    assert data.queries("de")["source_id"].to_list() == ["q:q0", "q:q2", "q:q3"]


def test_a_query_is_searched_where_it_has_an_answer(small: Path, tmp_path: Path) -> None:
    data = prepared(MlqaR(small), tmp_path)
    plan = plan_queries(data, "test", plan_searches(data, "test"))
    found: dict[str, dict[str, int]] = {}
    for search, query, relevant in (
        plan.judged.group_by("search", "query").len().sort("search", "query").iter_rows()
    ):
        name = plan.queries["query_id"][query]
        found.setdefault(str(plan.searches[search]), {})[name] = relevant
    assert found["mono en in en"] == {f"q{number}": 1 for number in range(6)}
    assert found["cross en in de"] == {"q0": 1, "q2": 1, "q3": 1}
    assert found["cross de in zh"] == {"q0": 1}
    assert found["multi en in all"] == {"q0": 3, "q1": 2, "q2": 2, "q3": 2, "q4": 1, "q5": 2}
    assert found["multi zh in all"] == {"q0": 3, "q1": 2, "q5": 2}


def test_pairs_are_parallel_where_their_question_is(small: Path, tmp_path: Path) -> None:
    data = prepared(MlqaR(small, split_articles=True), tmp_path)
    pairs = {code: set(data.pairs(code)["pair_id"]) for code in data.table_languages("pairs")}
    asked = {code: set(data.queries(code)["query_id"]) for code in ASKED}
    for code, articles in ASKED.items():
        every = {f"q{number}" for own in articles.values() for number in own}
        assert pairs.get(code, set()) | asked[code] == every
        assert not pairs.get(code, set()) & asked["en"]
        assert pairs.get(code, set()) <= pairs["en"]
    both = data.pairs("de").join(data.pairs("en"), on="pair_id", how="left")
    assert both["source_id"].to_list() == both["source_id_right"].to_list()


def test_articles_are_split_as_in_english(small: Path, tmp_path: Path) -> None:
    whole = prepared(MlqaR(small, split_articles=True), tmp_path / "a")
    some = prepared(MlqaR(small, ("zh", "de"), split_articles=True), tmp_path / "b")
    assert some.info.languages == ("de", "zh")
    for code in ("de", "zh"):
        assert some.queries(code).equals(whole.queries(code))
        assert some.pairs(code)["pair_id"].equals(whole.pairs(code)["pair_id"])
    (small / "en.json").unlink()
    assert prepared(MlqaR(small), tmp_path / "c").info.languages == ("de", "zh")
    with pytest.raises(DataError, match=r"lacks en\.json"):
        prepared(MlqaR(small, split_articles=True), tmp_path / "d")


def test_a_question_that_english_lacks_is_of_another_version(small: Path, tmp_path: Path) -> None:
    path = small / "de.json"
    path.write_text(path.read_text().replace('"q3"', '"q9"'))
    assert "q9" in prepared(MlqaR(small), tmp_path / "a").queries("de")["query_id"]
    with pytest.raises(DataError, match=r"de\.json has question q9, which en\.json lacks"):
        prepared(MlqaR(small, split_articles=True), tmp_path / "b")


def test_wrong_counts_and_folders_are_refused(small: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not contain MLQA-R"):
        prepared(MlqaR(tmp_path), tmp_path)
    path = small / "de.json"
    path.write_text(path.read_text().replace('"q3"', '"q2"'))
    with pytest.raises(DataError, match="2 distinct questions of 3; published are 5 and 3"):
        prepared(MlqaR(small), tmp_path)


def test_real_counts_are_the_published_ones(shared_data: Path, tmp_path: Path) -> None:
    data = prepared(MlqaR(shared_data / "mlqa-r"), tmp_path)
    languages = ("ar", "de", "en", "es", "zh")
    assert data.info.languages == languages
    assert data.info.counts["queries"] == {"ar": 517, "de": 512, "en": 1148, "es": 500, "zh": 504}
    assert data.info.counts["passages"] == {
        "ar": 2545, "de": 2362, "en": 6264, "es": 1787, "zh": 2322,
    }  # fmt: skip
    answers = data.qrels("de").group_by("query_id").len()["len"]
    assert (answers.min(), answers.max()) == (2, 4)


def test_real_articles_split_without_overlap(shared_data: Path, tmp_path: Path) -> None:
    data = prepared(MlqaR(shared_data / "mlqa-r", split_articles=True), tmp_path)
    assert (data.name, data.splits) == ("mlqa-r-articles", ("dev", "test"))
    trained = set(data.pairs("en")["pair_id"])
    for code in data.info.languages:
        asked = set(data.queries(code)["query_id"])
        assert not asked & trained
        assert set(data.pairs(code)["pair_id"]) <= trained
        passages = set(data.pairs(code)["source_id"])
        answering = data.qrels("en").filter(passage_lang=code)["passage_id"].implode()
        sources = data.passages(code).filter(pl.col("passage_id").is_in(answering))["source_id"]
        assert not passages & set(sources)
