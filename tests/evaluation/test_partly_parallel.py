"""Queries that exist in some of the languages only, as in MLQA-R."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pytest

from hybench.evaluation.evaluate import evaluate
from hybench.evaluation.means import language_means, macro_averages
from hybench.evaluation.results import read_results
from hybench.metrics.bias import RANK_DISTANCE, SAME_LANGUAGE, bias_table
from tests.indexes.fakes import FrameSource, passages, prepared, qrels, queries, run_with_model

SCORES = {"en": {"a": 0.9, "b": 0.7, "c": 0.5}, "sw": {"a": 0.8, "b": 0.3}, "yo": {"a": 0.1}}
"""The score of each passage, for any query; a question is asked where it has an answer."""


class Told:
    """An encoder: the text of a passage is its score."""

    dimension = 2
    precision = "fp32"
    languages: tuple[str, ...] = ()

    def encode(
        self,
        texts: Sequence[str],
        kind: Literal["query", "passage"],
        progress: Callable[[int], None] | None = None,
        language: str | None = None,
    ) -> npt.NDArray[np.float32]:
        """Unit vectors of two dimensions, with queries along the first."""
        cosines = np.array([1.0 if kind == "query" else float(text) for text in texts])
        return np.stack([cosines, np.sqrt(1 - cosines**2)], axis=1).astype(np.float32)


def test_each_query_counts_where_it_has_an_answer(tmp_path: Path) -> None:
    answers = {one: [code for code in SCORES if one in SCORES[code]] for one in "abc"}
    source = FrameSource(
        {
            "passages": {
                code: passages({one: str(score) for one, score in own.items()})
                for code, own in SCORES.items()
            },
            "queries": {code: queries(dict.fromkeys(own, "?")) for code, own in SCORES.items()},
            "qrels": {
                code: qrels(*((one, other, one, 1) for one in own for other in answers[one]))
                for code, own in SCORES.items()
            },
        },
        metrics=("AP",),
    )
    run = run_with_model(tmp_path)
    values = evaluate(run, prepared(tmp_path / "data", source), Told()).values

    def of(metric: str, setting: str, query_lang: str, corpus_lang: str) -> dict[str, float]:
        rows = values.filter(
            metric=metric, setting=setting, query_lang=query_lang, corpus_lang=corpus_lang
        )
        return dict(rows.select("query_id", "value").iter_rows())

    # The pool is a (en), a (sw), b (en), c (en), b (sw), a (yo).
    pooled = {"a": (1 + 1 + 3 / 6) / 3, "b": (1 / 3 + 2 / 5) / 2, "c": 1 / 4}
    for code, own in SCORES.items():
        expected = {one: pytest.approx(pooled[one]) for one in own}
        assert of("AP", "multi", code, "all") == expected
        distances = {one: value for one, value in (("a", 5.0), ("b", 2.0)) if one in own}
        assert of(RANK_DISTANCE, "multi", code, "all") == distances
    # Half of the pool is English, and so is a third, a half, or all of what is relevant.
    assert of(SAME_LANGUAGE, "multi", "en", "all") == pytest.approx({"a": 1.5, "b": 1, "c": 0.5})
    assert of("AP", "cross", "en", "sw") == {"a": 1.0, "b": 0.5}
    assert of("AP", "cross", "sw", "en") == {"a": 1.0, "b": 0.5}
    assert of("AP", "cross", "en", "yo") == {"a": 1.0}
    assert of("AP", "mono", "en", "en") == pytest.approx({"a": 1, "b": 1 / 2, "c": 1 / 3})

    means = language_means(values, "AP", "multi")
    assert means.select("query_lang", "queries").rows() == [("en", 3), ("sw", 2), ("yo", 1)]
    [(searches, mean)] = (
        macro_averages(values)
        .filter(setting="multi", metric="AP")
        .select("searches", "value")
        .iter_rows()
    )
    by_language = [np.mean([pooled[one] for one in own]) for own in SCORES.values()]
    assert (searches, mean) == (3, pytest.approx(np.mean(by_language)))

    relevant = read_results(run, "tiny").relevant().collect()
    gaps = bias_table(values, relevant).filter(metric="RecallGap@10")
    # Everything is found among ten, in whichever languages it exists.
    assert gaps["value"].to_list() == [0.0] * 4
