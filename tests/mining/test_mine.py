"""Mining against a plain implementation, and against sentence-transformers' own."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import hybench
from hybench.api.mining import Mined
from hybench.data.dataset import Dataset
from hybench.encoders.loading import load_encoder
from hybench.errors import DataError, StateError, UsageError
from hybench.mining.mine import Mining
from hybench.mining.options import MineOptions
from hybench.negatives.folder import NEGATIVES, Negatives
from tests.builders import Toy, toy_dataset
from tests.training.conftest import run_to_the_end

WIDE = MineOptions(count=100, depth=1000, relative_margin=-100.0)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, toys: Path) -> Path:
    """A trained run ``mono``, of the toy set."""
    root = tmp_path_factory.mktemp("runs")
    run_to_the_end(root / "mono", toys, alpha=1.0)
    return root


def mine(run: str, sets: Path, runs: Path, options: MineOptions, **more: Any) -> Mined:
    return hybench.mine(run, "small", options, data_dir=sets, runs_dir=runs, device="cpu", **more)


@pytest.fixture
def place(sets: Path, tmp_path: Path) -> Path:
    shutil.copytree(sets, tmp_path / "data")
    return tmp_path / "data"


def fold(text: str) -> str:
    return " ".join(text.casefold().split())


def plain(
    dataset: Dataset, vectors: Mapping[str, np.ndarray[Any, Any]], options: MineOptions
) -> dict[tuple[str, str], list[tuple[str, str, float]]]:
    """Negatives of every query, language and pair, by loops over strings."""
    languages = dataset.table_languages("pairs")
    pool: list[tuple[str, str, str, str]] = []
    for language in languages:
        seen = set()
        rows = list(dataset.passages(language).select("passage_id", "source_id", "text").rows())
        rows += dataset.pairs(language).select("pair_id", "source_id", "passage").rows()
        for passage, source, text in rows:
            if fold(text) not in seen:
                seen.add(fold(text))
                pool.append((language, passage, source, text))
    pairs = [
        (language, *row) for language in languages for row in dataset.pairs(language).rows()
    ]  # language, pair, query source, source, query, passage
    tested = {"p96"} | {fold(row[3]) for row in pool if row[2] == "p96"}
    found: dict[tuple[str, str], list[tuple[str, str, float]]] = {}
    for language, pair, source, _, query, _ in pairs:
        same_text = {row[2] for row in pairs if fold(row[4]) in
                     {fold(each[4]) for each in pairs if each[1] == pair}}  # fmt: skip
        of_query = [row for row in pairs if row[2] in {source, *same_text}]
        ids = {row[2] for row in of_query} | {row[3] for row in of_query}
        texts = {fold(row[4]) for row in of_query} | {fold(row[5]) for row in of_query}
        if source == "q5":
            ids |= {f"{each}97" for each in languages}
        asked = vectors[query]
        searched = [
            row
            for row in pool
            if options.negatives == "any" or (row[0] == language) == (options.negatives == "same")
        ]
        # Equal scores are ordered by id, the larger one first.
        searched.sort(key=lambda row: f"{row[0]}/{row[1]}".encode(), reverse=True)
        searched.sort(key=lambda row: -round(float(asked @ vectors[row[3]]), 5))
        kept, sources = [], set()
        for of, passage, of_source, text in searched[: options.depth]:
            score = float(asked @ vectors[text])
            if of_source in ids or fold(text) in texts or {of_source, fold(text)} & tested:
                continue
            own = [asked @ vectors[row[5]] for row in of_query if row[0] == of] or [
                asked @ vectors[row[5]] for row in of_query if row[0] == language
            ]
            best = float(min(own))
            if score > best - abs(best) * options.relative_margin:
                continue
            if of_source not in sources:
                sources.add(of_source)
                kept.append((of, passage, round(score, 4)))
        found[language, pair] = kept[options.skip_top : options.skip_top + options.count]
    return found


def mined_lists(mined: Mined) -> dict[tuple[str, str], list[tuple[str, str, float]]]:
    found: dict[tuple[str, str], list[tuple[str, str, float]]] = {}
    for row in mined.to_frame().iter_rows(named=True):
        name = row["query_language"], row["pair_id"]
        found.setdefault(name, []).append(
            (row["language"], row["passage_id"], round(row["score"], 4))
        )
    return found


@pytest.mark.parametrize("changes", [{}, {"relative_margin": 0.2, "skip_top": 1, "count": 3}])
@pytest.mark.parametrize("negatives", ["same", "other", "any"])
def test_negatives_are_those_of_loops_over_strings(
    place: Path, small: Dataset, runs: Path, negatives: str, changes: dict[str, Any]
) -> None:
    encoder = load_encoder(runs / "mono" / "model", "cpu")
    texts: dict[str, str] = {}
    for language in ("de", "en", "yo"):
        pairs = small.pairs(language)
        texts |= dict.fromkeys(pairs["query"], "query")
        texts |= dict.fromkeys([*pairs["passage"], *small.passages(language)["text"]], "passage")
    vectors = {text: encoder.encode([text], kind)[0] for text, kind in texts.items()}  # type: ignore[arg-type]
    options = replace(WIDE, negatives=negatives, **changes)
    mined = mine("mono", place, runs, options)
    expected = {name: rows for name, rows in plain(small, vectors, options).items() if rows}
    found = mined_lists(mined)
    assert found.keys() == expected.keys()
    for name, rows in found.items():
        assert [row[:2] for row in rows] == [row[:2] for row in expected[name]], name
        assert [row[2] for row in rows] == pytest.approx(
            [row[2] for row in expected[name]], abs=2e-4
        )


def test_negatives_are_those_of_sentence_transformers(
    tmp_path: Path, toys: Path, runs: Path
) -> None:
    from datasets import Dataset as Rows
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.util import mine_hard_negatives

    dataset = Dataset.open(toys / "toy")
    pairs = dataset.pairs("en").sort("pair_id")
    model = SentenceTransformer(str(runs / "mono" / "model"), device="cpu")
    theirs = mine_hard_negatives(
        Rows.from_dict({"query": pairs["query"].to_list(), "passage": pairs["passage"].to_list()}),
        model,
        range_min=2,
        range_max=40,
        max_score=0.9,
        min_score=0.0,
        absolute_margin=0.05,
        relative_margin=0.1,
        num_negatives=5,
        output_scores=True,
        verbose=False,
    )
    options = MineOptions(
        count=5,
        depth=41,  # their range comes on top of the positive
        skip_top=2,
        max_score=0.9,
        min_score=0.0,
        absolute_margin=0.05,
        relative_margin=0.1,
        passages="pairs",
        languages=("en",),
    )
    shutil.copytree(toys, tmp_path / "data")
    mined = hybench.mine(
        "mono", "toy", options, data_dir=tmp_path / "data", runs_dir=runs, device="cpu"
    )
    query = dict(pairs.select("pair_id", "query").rows())
    ours: dict[str, list[float]] = {}
    for row in mined.to_frame().iter_rows(named=True):
        ours.setdefault(query[row["pair_id"]], []).append(row["score"])
        assert row["margin"] == pytest.approx(row["positive_score"] - row["score"])
    others: dict[str, list[float]] = {}
    texts: dict[str, set[str]] = {}
    for row in theirs:
        others.setdefault(row["query"], []).append(row["scores"][1])
        texts.setdefault(row["query"], set()).add(row["negative"])
    assert ours.keys() == others.keys()
    for name, scores in ours.items():
        assert scores == pytest.approx(others[name], abs=1e-5)
    # Texts that are bags of the same words score the same; what is no tie is the same passage.
    same = [
        set(rows["passage"]) == texts[query[str(pair)]]
        for (pair,), rows in mined.to_frame().group_by("pair_id")
    ]
    assert sum(same) > len(same) / 2


class EndedError(Exception):
    """Stands for a kill."""


def test_a_mining_that_is_ended_goes_on_with_the_same_bytes(
    place: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = replace(WIDE, negatives="any", score_with=str(runs / "mono" / "model"))
    whole = mine("mono", place, runs, replace(options, name="whole")).negatives
    mined: list[str] = []
    once = Mining._mine

    def ends(self: Mining, work: Path, language: str) -> None:
        if len(mined) == 2:
            raise EndedError
        mined.append(language)
        once(self, work, language)

    with monkeypatch.context() as patch:
        patch.setattr(Mining, "_mine", ends)
        with pytest.raises(EndedError):
            mine("mono", place, runs, replace(options, name="cut"))
    assert not (place / "cut").exists()

    def goes_on(self: Mining, work: Path, language: str) -> None:
        mined.append(language)
        once(self, work, language)

    monkeypatch.setattr(Mining, "_mine", goes_on)
    cut = mine("mono", place, runs, replace(options, name="cut")).negatives
    assert mined == ["de", "en", "yo"]  # each once
    assert cut.info.files == whole.info.files
    assert cut.info.counts == whole.info.counts
    # Another request begins anew.
    mined.clear()
    with monkeypatch.context() as patch:
        patch.setattr(Mining, "_finish", lambda *_: (_ for _ in ()).throw(EndedError))
        with pytest.raises(EndedError):
            mine("mono", place, runs, replace(options, name="new"))
    mine("mono", place, runs, replace(options, name="new", count=2))
    assert len(mined) == 6


def test_a_teacher_scores_negatives_and_positives(place: Path, runs: Path, small: Dataset) -> None:
    options = replace(WIDE, negatives="any", count=3, score_with=str(runs / "mono" / "model"))
    mined = mine("mono", place, runs, options)
    costs = mined.negatives.info.costs.values()
    assert all(len(each) == 1 for each in costs)  # the time of miner and teacher is one
    frame = mined.to_frame()
    # The teacher is the miner: the same cosines, of the positive in the query's language.
    assert frame["teacher_score"].to_numpy() == pytest.approx(frame["score"].to_numpy(), abs=1e-5)
    own = frame.filter(
        pl.col("language") == pl.col("query_language"), pl.col("pair_id") != "g0",
        pl.col("pair_id") != "f0",
    )  # fmt: skip
    assert own.height
    assert own["teacher_positive"].to_numpy() == pytest.approx(
        own["positive_score"].to_numpy(), abs=1e-5
    )


def test_bm25_mines_what_shares_a_token(place: Path, runs: Path) -> None:
    frame = mine("bm25", place, runs, replace(WIDE, negatives="any")).to_frame()
    query = {
        (language, pair): text
        for language in ("de", "en", "yo")
        for pair, text in Dataset.open(place / "small").pairs(language).select(
            "pair_id", "query"
        ).rows()
    }  # fmt: skip
    assert frame.height
    assert (frame["score"] > 0).all()
    for row in frame.iter_rows(named=True):
        words = set(query[row["query_language"], row["pair_id"]].rstrip("?").lower().split())
        assert words & set(row["passage"].lower().split())
    for (_, _), rows in frame.group_by("query_language", "pair_id", maintain_order=True):
        assert all(one >= other for one, other in pairwise(rows["score"]))
        assert rows["source_id"].is_unique().all()


def test_what_is_there_is_kept_and_nothing_else_is_replaced(place: Path, runs: Path) -> None:
    first = mine("bm25", place, runs, WIDE)
    assert (first.unchanged, first.negatives.path.name) == (False, "small-by-bm25")
    for [cost] in first.negatives.info.costs.values():  # of a miner that encodes nothing
        assert (cost["tokens"], cost["flops"]) == (0, 0)
        assert cost["seconds"] > 0
    assert mine("bm25", place, runs, WIDE).unchanged
    with pytest.raises(StateError, match="small-by-bm25 are there, mined otherwise"):
        mine("bm25", place, runs, replace(WIDE, count=2))
    assert not mine("bm25", place, runs, replace(WIDE, count=2, force=True)).unchanged
    with pytest.raises(UsageError, match="small is a data set"):
        mine("bm25", place, runs, replace(WIDE, name="small"))
    assert not [*place.glob(".*.mining")]
    file = first.negatives.path / "en.parquet"
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(DataError, match=r"en\.parquet is damaged"):
        Negatives.open(first.negatives.path).rows("en")
    (first.negatives.path / NEGATIVES).unlink()
    with pytest.raises(UsageError, match="No negatives 'small-by-bm25'"):
        Negatives.open(first.negatives.path)


def test_requests_that_make_no_sense_are_refused(tmp_path: Path, place: Path, runs: Path) -> None:
    for wrong, match in (
        ({"depth": 5}, "--depth is 5: too few hits"),
        ({"negatives": "all"}, "--negatives"),
        ({"relative_margin": 1.5}, "--relative-margin is 1.5"),
        ({"name": "a/b"}, "--name"),
    ):
        with pytest.raises(UsageError, match=match):
            MineOptions(**wrong)
    with pytest.raises(UsageError, match="en is the only language"):
        mine("bm25", place, runs, MineOptions(negatives="other", languages=("en",)))
    with pytest.raises(UsageError, match="no language fr"):
        mine("bm25", place, runs, MineOptions(languages=("fr",)))
    toy_dataset(tmp_path, Toy(train=0))
    with pytest.raises(UsageError, match="toy has no training pairs"):
        hybench.mine("bm25", "toy", data_dir=tmp_path)
