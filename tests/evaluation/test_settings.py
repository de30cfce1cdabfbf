from __future__ import annotations

from pathlib import Path

import pytest

from hybench.errors import UsageError
from hybench.evaluation.settings import plan_searches
from tests.evaluation.tiny import tiny_dataset


def test_the_three_settings(tmp_path: Path) -> None:
    searches = plan_searches(tiny_dataset(tmp_path), "test")
    pairs = {
        setting: [(one.query_lang, one.corpus_lang) for one in searches if one.setting == setting]
        for setting in ("mono", "cross", "multi")
    }
    assert pairs["mono"] == [("en", "en"), ("sw", "sw"), ("yo", "yo")]
    assert sorted(pairs["cross"]) == [
        ("en", "sw"), ("en", "yo"), ("sw", "en"), ("sw", "yo"), ("yo", "en"), ("yo", "sw"),
    ]  # fmt: skip
    assert pairs["multi"] == [("en", "all"), ("sw", "all"), ("yo", "all")]
    assert searches[-1].passage_langs == ("en", "sw", "yo")
    assert str(searches[3]) == "cross sw in en"


def test_query_languages_are_chosen_and_pools_stay_whole(tmp_path: Path) -> None:
    searches = plan_searches(tiny_dataset(tmp_path), "test", ("multi", "cross"), ("yo",))
    assert [str(one) for one in searches] == [
        "cross yo in en", "cross yo in sw", "multi yo in all",
    ]  # fmt: skip
    assert searches[-1].passage_langs == ("en", "sw", "yo")


def test_what_the_set_does_not_have_is_told(tmp_path: Path) -> None:
    dataset = tiny_dataset(tmp_path)
    with pytest.raises(UsageError, match="--settings: data set tiny does not support both"):
        plan_searches(dataset, "test", ("mono", "both"))
    with pytest.raises(UsageError, match="--languages: no language fi"):
        plan_searches(dataset, "test", None, ("fi",))
