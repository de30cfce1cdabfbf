"""Scores during training are what evaluation would say of the same pools."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hybench.data.dataset import Dataset
from hybench.encoders.loading import load_encoder
from hybench.metrics.scoring import evaluate_run
from hybench.training.validation import _mean_ndcg, selection_score, validate, validation_set
from tests.indexes.fakes import FrameSource, passages, prepared, qrels, queries
from tests.training.conftest import run_to_the_end


def test_validation_is_ndcg_at_10(tmp_path: Path, data_root: Path) -> None:
    # tiny sees the order of words: static has ties, which validation decides otherwise.
    run_to_the_end(tmp_path / "run", data_root, encoder="tiny")
    encoder = load_encoder(tmp_path / "run" / "model", "cpu")
    dataset = Dataset.open(data_root / "toy")
    scores = validate(encoder, validation_set(dataset, encoder)).scores
    languages = dataset.table_languages("passages")
    pools = {lang: dataset.passages(lang) for lang in languages}
    vectors = {lang: encoder.encode(pools[lang]["text"].to_list(), "passage") for lang in languages}
    for language in languages:
        queries = dataset.queries(language, "dev")
        asked = encoder.encode(queries["text"].to_list(), "query")
        for setting, searched in (("mono", (language,)), ("multi", languages)):
            hits = pl.concat(
                pl.DataFrame(
                    {
                        "query_id": np.repeat(queries["query_id"].to_numpy(), pools[lang].height),
                        "passage_id": [f"{lang}/{one}" for one in pools[lang]["passage_id"]]
                        * queries.height,
                        "score": (asked @ vectors[lang].T).ravel(),
                    }
                )
                for lang in searched
            )
            qrels = (
                dataset.qrels(language)
                .filter(pl.col("passage_lang").is_in(searched))
                .join(queries.select("query_id"), on="query_id", how="semi")
                .with_columns(passage_id=pl.concat_str("passage_lang", pl.lit("/"), "passage_id"))
            )
            values = evaluate_run(hits, qrels, ["nDCG@10"])["value"]
            assert scores[setting][language] == pytest.approx(values.mean(), abs=1e-6)


def test_ties_count_against_the_relevant_passage() -> None:
    same = np.ones((1, 2), np.float32)
    assert _mean_ndcg(same, np.ones((20, 2), np.float32), [[0]]) == 0.0
    assert _mean_ndcg(same, np.ones((2, 2), np.float32), [[0, 1]]) == pytest.approx(1.0)


def test_queries_without_a_relevant_passage_are_left_out() -> None:
    queries = np.eye(2, dtype=np.float32)
    assert _mean_ndcg(queries, queries, [[0], []]) == 1.0


def test_the_selection_score_weighs_languages_settings_and_sets_equally() -> None:
    one = {"mono": {"en": 1.0, "yo": 0.0}, "multi": {"en": 0.0, "yo": 0.0}}
    other = {"mono": {"sw": 0.75}}
    assert selection_score([one, other]) == pytest.approx((0.25 + 0.75) / 2)


def test_translations_are_scored_across_languages(tmp_path: Path, data_root: Path) -> None:
    run_to_the_end(tmp_path / "run", data_root, encoder="tiny")
    encoder = load_encoder(tmp_path / "run" / "model", "cpu")
    texts = {
        "de": {"a": "rot Haus", "b": "blau Stein", "c": "alt Vogel"},
        "en": {"a": "red house", "b": "blue stone", "c": "old bird"},
        "yo": {"a": "ilé pupa", "b": "òkúta búlúù"},
    }
    both = {code: [other for other in texts if other != code] for code in texts}
    tables = {
        "passages": {code: passages(own) for code, own in texts.items()},
        "queries": {code: queries(own, "dev") for code, own in texts.items()},
        "qrels": {
            code: qrels(
                *((k, other, k, 1) for other in both[code] for k in own if k in texts[other])
            )
            for code, own in texts.items()
        },
    }
    dataset = prepared(tmp_path / "data", FrameSource(tables, settings=("cross",)))
    found = validation_set(dataset, encoder)
    scores = validate(encoder, found).scores
    assert found.settings == ("cross",)
    for code, own in texts.items():
        asked = encoder.encode([*own.values()], "query")
        means = [
            _mean_ndcg(
                asked,
                encoder.encode([*texts[other].values()], "passage"),
                [[[*texts[other]].index(key)] if key in texts[other] else [] for key in own],
            )
            for other in both[code]
        ]
        assert scores["cross"][code] == pytest.approx(np.mean(means), abs=1e-6)
    # Without it a run that validates on such a set could not choose a checkpoint.
    assert 0 < selection_score([scores, {"mono": {"en": 0.5}}]) < 1
