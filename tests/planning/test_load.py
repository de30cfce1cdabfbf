from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from hybench.encoders.encoder import Encoder
from hybench.encoders.loading import load_encoder
from hybench.encoders.options import EncoderOptions
from hybench.errors import UsageError
from hybench.planning.known import known_languages, miracl_languages
from hybench.planning.load import cut_moments, load_of_miracl, load_of_set, sample_passages
from hybench.values.languages import MIRACL_LANGUAGES
from tests.builders import Toy, toy_dataset


@pytest.fixture(scope="module")
def encoder(checkpoint: Path) -> Encoder:
    return load_encoder(checkpoint, "cpu", EncoderOptions("query: ", "", 6, 8))


def test_the_shipped_counts_are_those_of_miracl() -> None:
    known = known_languages()
    assert tuple(known) == MIRACL_LANGUAGES
    assert sum(each.passages for each in known.values()) == 106_332_152
    assert known["en"].passages == 32_893_221
    assert sum(each.train_queries for each in known.values()) == 40_203
    # MIRACL's own total is of the 16 languages without German and Yoruba.
    asked = {code: each.dev_queries for code, each in known.items()}
    assert sum(asked.values()) - asked["de"] - asked["yo"] == 13_071


def test_the_shipped_characters_are_those_of_the_files(shared_data: Path) -> None:
    file = shared_data / "miracl" / "miracl-corpus-v1.0-yo" / "docs-0.jsonl.gz"
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        passages = [json.loads(line) for line in lines]
    assert len(passages) == known_languages()["yo"].passages
    characters = sum(len(f"{each['title']} {each['text']}") for each in passages)
    assert characters == known_languages()["yo"].characters


def test_names_of_sets_of_miracl() -> None:
    assert miracl_languages("miracl") == MIRACL_LANGUAGES
    assert miracl_languages("miracl-yo-sw") == ("sw", "yo")
    assert miracl_languages("atlas") is None
    with pytest.raises(UsageError, match="MIRACL has no language 'xx'"):
        miracl_languages("miracl-xx")


@pytest.mark.parametrize("limit", [None, 40, 500])
def test_moments_of_lengths_that_are_cut(limit: int | None) -> None:
    mean, spread = 93.0, 0.88
    drawn = np.random.default_rng(0).lognormal(np.log(mean) - spread**2 / 2, spread, size=1_000_000)
    cut = drawn if limit is None else np.minimum(drawn, limit)
    first, second = cut_moments(mean, spread, limit)
    assert first == pytest.approx(cut.mean(), rel=0.01)
    assert second == pytest.approx(np.square(cut).mean(), rel=0.03)


def test_a_sample_of_all_passages_counts_their_tokens_exactly(
    encoder: Encoder, tmp_path: Path
) -> None:
    dataset = toy_dataset(tmp_path, Toy(languages=("en", "yo", "zh")))
    load = load_of_set(dataset, encoder, ("en", "yo", "zh"))
    assert load.passages == sum(dataset.info.counts["passages"].values())
    for each in load.languages:
        texts = sample_passages(dataset, each.language, 10**6)
        assert len(texts) == each.passages.count
        lengths = encoder.tokenize(texts, "passage").lengths
        assert each.passages.work.tokens == lengths.sum()
        assert each.passages.work.squares == np.square(lengths).sum()
        assert each.passages.size == sum(len(text.encode()) for text in texts)
        asked = dataset.queries(each.language, "test")["text"].to_list()
        assert each.queries.work.tokens == encoder.tokenize(asked, "query").lengths.sum()
    assert load.work("passage", spaced=False).texts == load.languages[2].passages.count
    # The toy has cross and multi settings: every query meets every passage.
    assert load.products == load.queries * load.passages


def test_a_sample_is_taken_from_all_parts_of_the_corpus(tmp_path: Path) -> None:
    dataset = toy_dataset(tmp_path)
    texts = sample_passages(dataset, "en", 10**6)
    some = sample_passages(dataset, "en", 16)
    assert len(some) == 16
    places = [texts.index(text) for text in some]
    assert min(places) < len(texts) // 8
    assert max(places) >= len(texts) * 7 // 8


def test_a_language_of_miracl_from_the_shipped_numbers(encoder: Encoder) -> None:
    load = load_of_miracl("miracl-en-th", ("en", "th"), encoder)
    english, thai = load.languages
    assert english.passages.count == 32_893_221
    assert english.passages.work.tokens <= 8 * english.passages.count  # the model's length
    assert thai.passages.size == pytest.approx(2.877 * thai.passages.characters)
    assert load.products == sum(each.passages.count * each.queries.count for each in load.languages)
    assert "XLM-R" in load.counted
    assert (english.train_queries, thai.train_queries) == (2_863, 2_972)
