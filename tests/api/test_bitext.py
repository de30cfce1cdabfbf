"""Translations mined from a set's queries."""

from __future__ import annotations

from pathlib import Path

import pytest

import hybench
from hybench.errors import UsageError
from hybench.metrics.margin import best_threshold, margins, mine
from tests.indexes.fakes import HashedWords


def test_every_two_languages_are_mined_with_a_threshold_from_dev(here: Path) -> None:
    from hybench.evaluation.bitext import BitextOptions, mine_bitext

    dataset, encoder = hybench.Dataset.open(Path("data/toy")), HashedWords()
    rows = mine_bitext(dataset, encoder, BitextOptions())
    assert [row.languages for row in rows] == [("de", "en"), ("de", "yo"), ("en", "yo")]
    assert {row.translations for row in rows} == {12}
    dev = {
        code: encoder.encode(dataset.queries(code, "dev")["text"].to_list(), "query")
        for code in ("de", "en")
    }
    same = [(row, row) for row in range(12)]
    chosen = best_threshold(mine(margins(dev["de"], dev["en"])), same)
    assert rows[0].score.threshold == chosen.threshold
    with pytest.raises(UsageError, match="the split that is mined"):
        mine_bitext(dataset, encoder, BitextOptions(threshold_split="test"))
    with pytest.raises(UsageError, match="queries in 1 language"):
        mine_bitext(dataset, encoder, BitextOptions(languages=("de",)))


def test_a_run_mines(here: Path) -> None:
    options = hybench.BitextOptions(languages=("de", "yo"))
    found = hybench.mine_bitext("mono", "toy", options)
    [row] = found.to_frame().to_dicts()
    assert (row["language"], row["other"], row["translations"]) == ("de", "yo", 12)
    assert row["f1"] == pytest.approx(found.f1)
    assert "thresholds from dev" in repr(found)
