from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from hybench.data.dataset import Dataset
from hybench.data.preparation import prepare
from hybench.data.sources.xquad_r import QUESTIONS, XquadR
from hybench.errors import DataError, UsageError
from tests.data.conftest import CANDIDATES, write_xquad


def prepared(source: XquadR, tmp_path: Path) -> Dataset:
    return prepare(source, tmp_path / "data").dataset


def test_real_counts_are_the_published_ones(shared_data: Path, tmp_path: Path) -> None:
    data = prepared(XquadR(shared_data / "xquad-r"), tmp_path)
    languages = data.info.languages
    assert set(languages) == {"ar", "de", "en", "es", "hi", "ru", "th", "zh"}
    assert data.info.counts["passages"] == {code: CANDIDATES[code] for code in languages}
    assert data.info.counts["splits"] == {"test": dict.fromkeys(languages, QUESTIONS)}
    assert "pairs" not in data.info.counts
    assert (data.info.settings, data.info.depth) == (("mono", "cross", "multi"), None)


def test_real_answers_stand_in_their_sentences(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "xquad-r"
    data = prepared(XquadR(folder, ("de", "zh")), tmp_path)
    raw = json.loads((folder / "zh.json").read_bytes())["data"]
    answers = {
        question["id"]: question["answers"][0]["text"]
        for article in raw
        for paragraph in article["paragraphs"]
        for question in paragraph["qas"]
    }
    qrels = data.qrels("de").filter(pl.col("passage_lang") == "zh")
    joined = qrels.join(data.passages("zh"), on="passage_id", how="left")
    texts = dict(zip(joined["query_id"], joined["text"], strict=True))
    # An answer may run over the end of its sentence: its first character does not.
    assert texts.keys() == answers.keys()
    assert all(answers[query][0] in text for query, text in texts.items())


def test_real_articles_split_without_overlap(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "xquad-r"
    data = prepared(XquadR(folder, ("en", "th"), split_articles=True), tmp_path)
    assert data.name == "xquad-r-articles"
    pairs, queries = data.pairs("en"), data.queries("en")
    assert data.splits == ("dev", "test")
    assert pairs.height + queries.height == QUESTIONS
    assert not set(pairs["pair_id"]) & set(queries["query_id"])
    assert pairs["pair_id"].to_list() == data.pairs("th")["pair_id"].to_list()
    assert pairs["source_id"].to_list() == data.pairs("th")["source_id"].to_list()
    counts = {"train": pairs.height} | {s: data.queries("en", s).height for s in data.splits}
    assert counts == {"train": 748, "dev": 153, "test": 289}
    assert data.passages("th").height == CANDIDATES["th"]
    assert set(data.qrels("en")["query_id"]) == set(queries["query_id"])


def test_slices_are_the_candidates_not_the_sentences(tmp_path: Path) -> None:
    write_xquad(tmp_path / "x", "en")
    passages = prepared(XquadR(tmp_path / "x"), tmp_path).passages("en")
    assert passages["text"][0] == "en 0 0."
    assert passages["passage_id"][:2].to_list() == ["00.00.000", "00.00.001"]
    assert passages["title"].unique().to_list() == [""]


def test_one_language_is_monolingual(tmp_path: Path) -> None:
    write_xquad(tmp_path / "x", "en")
    data = prepared(XquadR(tmp_path / "x"), tmp_path)
    assert data.info.settings == ("mono",)


def test_every_query_has_one_relevant_passage_per_language(tmp_path: Path) -> None:
    for language in ("en", "de", "th"):
        write_xquad(tmp_path / "x", language)
    data = prepared(XquadR(tmp_path / "x"), tmp_path)
    rows = data.qrels("th").group_by("query_id").agg(pl.col("passage_lang").sort())
    assert rows.height == QUESTIONS
    assert rows["passage_lang"].to_list() == [["de", "en", "th"]] * QUESTIONS


def test_unanswering_passages_are_their_own_source(shared_data: Path, tmp_path: Path) -> None:
    data = prepared(XquadR(shared_data / "xquad-r", ("en", "es")), tmp_path)
    english, spanish = data.passages("en"), data.passages("es")
    shared = set(english["source_id"]) & set(spanish["source_id"])
    assert all(source.startswith("p:") for source in shared)
    answering = data.qrels("en").filter(pl.col("passage_lang") == "es")["passage_id"]
    named = spanish.filter(pl.col("source_id").str.starts_with("p:"))["passage_id"]
    assert set(answering) == set(named)


def test_wrong_counts_are_refused(tmp_path: Path) -> None:
    write_xquad(tmp_path / "x", "en", missing=1)
    with pytest.raises(DataError, match=r"1179 candidates .* published are 1180"):
        prepared(XquadR(tmp_path / "x"), tmp_path)
    assert not list((tmp_path / "data").iterdir())


def test_languages_of_other_versions_are_refused(tmp_path: Path) -> None:
    write_xquad(tmp_path / "x", "en")
    german = write_xquad(tmp_path / "x", "de")
    german.write_text(german.read_text().replace("q07-0-3", "other"))
    with pytest.raises(DataError, match=r"en\.json has question q07-0-3 where de\.json has other"):
        prepared(XquadR(tmp_path / "x"), tmp_path)


def test_wrong_folders_and_languages_are_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no folder"):
        prepared(XquadR(tmp_path / "nowhere"), tmp_path)
    (tmp_path / "x").mkdir()
    with pytest.raises(UsageError, match="does not contain XQuAD-R"):
        prepared(XquadR(tmp_path / "x"), tmp_path)
    write_xquad(tmp_path / "x", "en")
    with pytest.raises(UsageError, match="no language tr here"):
        prepared(XquadR(tmp_path / "x", ("en", "tr")), tmp_path)
