"""Which negatives a batch takes, and which of them are false."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from hybench.data.dataset import Dataset
from hybench.negatives.folder import open_negatives
from hybench.sampling import Batch, BatchSampler
from hybench.training.corpus import read_pair_texts
from hybench.training.lists.model import QueryLists
from hybench.training.lists.reading import ReadLists, read_lists
from tests.training.conftest import BUDGET, NEGATIVES


def read(data_root: Path, **changes: Any) -> tuple[ReadLists, BatchSampler]:
    from dataclasses import replace

    config = replace(BUDGET, **{"hard_negatives": (NEGATIVES,), **changes})
    datasets = [Dataset.open(data_root / "toy")]
    found = read_lists(config, datasets, data_root, read_pair_texts(datasets, config))
    assert found is not None
    tables = found.texts.tables
    return found, BatchSampler(tables, alpha=0.5, batch_size=16, seed=0, mixing=config.mixing)


def mined(data_root: Path) -> dict[tuple[str, str], list[str]]:
    """The mined texts by language and pair."""
    lists: dict[tuple[str, str], list[str]] = {}
    opened = open_negatives(NEGATIVES, data_root)
    for language in opened.languages:
        for pair, text in opened.rows(language).select("pair_id", "passage").rows():
            lists.setdefault((language, pair), []).append(text)
    return lists


@pytest.mark.parametrize("mixing", ["batch", "example"])
def test_a_query_takes_some_of_its_own_language_s_list(data_root: Path, mixing: str) -> None:
    found, sampler = read(data_root, negatives_per_query=3, mixing=mixing)
    expected = mined(data_root)
    [table] = found.texts.tables
    for number in range(6):
        batch = sampler.batch(number)
        drawn = found.lists.draw(batch, 0)
        assert drawn is not None
        assert drawn.columns.shape == (16, 3)
        assert len(set(drawn.texts.tolist())) == len(drawn.texts)
        for row, columns in enumerate(drawn.columns):
            name = (table.languages[batch.query_languages[row]], table.pair_ids[batch.pairs[row]])
            own = [found.lists.texts[drawn.texts[column]] for column in columns if column >= 0]
            assert len(own) == len(set(own)) == min(3, len(expected.get(name, [])))
            assert set(own) <= set(expected.get(name, []))


def test_what_a_batch_takes_follows_from_seed_and_number(data_root: Path) -> None:
    found, sampler = read(data_root)
    again, _ = read(data_root)

    def taken(lists: QueryLists, batch: Batch, seed: int) -> list[list[int]]:
        drawn = lists.draw(batch, seed)
        assert drawn is not None
        return [row.tolist() for row in drawn.texts[drawn.columns]]

    third = sampler.batch(3)
    first = taken(found.lists, third, 0)
    sampler.batch(1)
    taken(found.lists, sampler.batch(4), 0)
    assert taken(again.lists, third, 0) == first
    assert taken(found.lists, third, 1) != first


def test_every_entry_is_taken_about_as_often(data_root: Path) -> None:
    found, sampler = read(data_root, negatives_per_query=2)
    batch = sampler.batch(0)
    counts = np.zeros(6)
    [table] = found.lists.tables
    assert table is not None
    whole = table.lists.lengths(table.of[batch.pairs, batch.query_languages]) == 6
    for number in range(300):
        drawn = found.lists.draw(
            Batch(number, batch.kind, 0, batch.pairs, batch.query_languages,
                  batch.passage_languages), 0,
        )  # fmt: skip
        assert drawn is not None
        lists = table.of[batch.pairs, batch.query_languages]
        for row in np.flatnonzero(whole):
            own = table.lists.take(np.array([lists[row]]))[1].tolist()
            for column in drawn.columns[row]:
                counts[own.index(drawn.texts[column])] += 1
    assert counts.min() > 0.9 * counts.mean()


def test_negatives_of_one_query_that_answer_another_are_false(data_root: Path) -> None:
    found, sampler = read(data_root)
    dataset = Dataset.open(data_root / "toy")
    source = {
        text: row
        for language in ("de", "en", "yo")
        for text, row in dataset.passages(language).select("text", "source_id").rows()
    }
    [table] = found.texts.tables
    some = 0
    for number in range(20):
        batch = sampler.batch(number)
        drawn = found.lists.draw(batch, 0)
        assert drawn is not None
        for row, pair in enumerate(batch.pairs):
            # A question's source id and its passage's are the same in the toy set.
            answers = [
                source[found.lists.texts[text]] == table.pair_ids[pair] for text in drawn.texts
            ]
            assert drawn.false[row].tolist() == answers
            some += sum(answers)
        assert not drawn.false[np.arange(16)[:, None], np.maximum(drawn.columns, 0)][
            drawn.columns >= 0
        ].any()
    assert some > 20


def test_only_training_languages_are_taken(data_root: Path) -> None:
    found, sampler = read(data_root, languages=("de", "en"))
    dataset = Dataset.open(data_root / "toy")
    yoruba = {*dataset.passages("yo")["text"]}
    assert found.lists.texts
    assert not yoruba & {*found.lists.texts}
    drawn = found.lists.draw(sampler.batch(0), 0)
    assert drawn is not None
    assert (drawn.columns >= 0).any()


def test_what_was_read_is_in_the_event(data_root: Path) -> None:
    found, _ = read(data_root)
    opened = open_negatives(NEGATIVES, data_root)
    rows = pl.concat(opened.rows(language) for language in opened.languages)
    event = found.to_event()
    [source] = event["sources"]
    assert event["per_query"] == 4
    assert (source["name"], source["digest"]) == (NEGATIVES, opened.info.request)
    assert source["entries"] == rows.height
