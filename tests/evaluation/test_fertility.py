"""Tokens by language, against the tokenizer called text by text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import hybench
from hybench.comparison.result_notes import result_notes
from hybench.encoders.encoder import Encoder
from hybench.encoders.loading import load_encoder
from hybench.encoders.options import EncoderOptions
from hybench.evaluation import fertility
from hybench.evaluation.fertility import Fertility, cut_shares, measure_fertility
from hybench.evaluation.results import ResultsInfo
from hybench.runs.run import Run
from tests.builders import Toy, toy_dataset
from tests.cli.program import refused, works
from tests.indexes.fakes import HashedWords


def by_kind(found: list[Fertility]) -> dict[tuple[str, str], Fertility]:
    return {(each.language, each.kind): each for each in found}


@pytest.fixture(scope="module")
def encoder(checkpoint: Path) -> Encoder:
    return load_encoder(checkpoint, "cpu", EncoderOptions("query: ", "", 6, 64))


def test_tokens_by_word_character_and_byte(encoder: Encoder, tmp_path: Path) -> None:
    dataset = toy_dataset(tmp_path, Toy(languages=("en", "yo", "zh")))
    found = by_kind(measure_fertility(dataset, encoder))
    assert set(found) == {
        (one, kind) for one in ("en", "yo", "zh") for kind in ("query", "passage")
    }
    tokenizer: Any = encoder.model[0].tokenizer
    for language in ("yo", "zh"):
        texts = dataset.passages(language)["text"].to_list()
        tokens = sum(len(tokenizer.tokenize(text)) for text in texts)
        own = found[language, "passage"]
        assert own.texts == len(texts)
        assert own.per_character == pytest.approx(tokens / sum(len(text) for text in texts))
        assert own.per_byte == pytest.approx(tokens / sum(len(text.encode()) for text in texts))
        if language == "yo":
            assert own.per_word == pytest.approx(tokens / (3 * len(texts)))
        else:
            assert own.per_word is None


@pytest.mark.parametrize("most", [1, 7, 30, 84, 500])
def test_a_corpus_is_sampled_in_parts_as_it_would_be_whole(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    dataset = toy_dataset(tmp_path)
    [_, whole] = measure_fertility(dataset, encoder, ["yo"], most)
    monkeypatch.setattr(fertility, "_ROWS", 5)
    [_, parts] = measure_fertility(dataset, encoder, ["yo"], most)
    rows = dataset.passages("yo").height
    assert whole == parts
    assert parts.texts == -(-rows // -(-rows // most))


def test_texts_that_are_cut_have_more_tokens_than_the_model_takes(
    encoder: Encoder, tmp_path: Path
) -> None:
    dataset = toy_dataset(tmp_path)
    found = by_kind(measure_fertility(dataset, encoder))
    tokenizer: Any = encoder.model[0].tokenizer
    texts = dataset.queries("yo")["text"].to_list()
    longer = [len(tokenizer(f"query: {text}")["input_ids"]) > 6 for text in texts]
    assert found["yo", "query"].truncated == pytest.approx(sum(longer) / len(longer))
    assert found["yo", "query"].truncated > 0
    assert found["yo", "passage"].truncated == 0


def test_results_keep_what_is_cut_and_comparisons_say_it(encoder: Encoder, tmp_path: Path) -> None:
    dataset = toy_dataset(tmp_path)
    run = Run(tmp_path / "runs" / "one")
    cut = cut_shares(run, dataset, encoder, ["yo"])
    share = by_kind(measure_fertility(dataset, encoder))["yo", "query"].truncated
    assert cut == {"queries yo": round(share, 4)}
    assert cut_shares(run, dataset, HashedWords(), ["yo"]) == {}
    info = ResultsInfo("toy", "", "test", ("mono",), ("yo",), ("AP",), None, 10, "exact", cut=cut)
    [note] = result_notes([("one", info), ("two", replace(info, cut={"passages yo": 0.001}))])
    assert note.startswith("Longer than the model takes, and cut: queries yo ")
    assert note.endswith("(one).")


def test_a_set_of_pairs_is_measured_by_its_pairs(encoder: Encoder, tmp_path: Path) -> None:
    dataset = toy_dataset(tmp_path, Toy(held_out=0))
    (dataset.path / "passages").rename(dataset.path / "gone")
    pairs_only = hybench.Dataset(dataset.path, dataset.info)
    pairs_only.info.counts.pop("passages", None)
    found = by_kind(measure_fertility(pairs_only, encoder, ["yo"], sample=10))
    assert {each.texts for each in found.values()} == {10}


def test_info_shows_them(here: Path) -> None:
    said = works("info", "toy", "--encoder", "mono", "-l", "de").out
    assert "tokens/word" in said
    assert [line.split()[0] for line in said.splitlines() if line[:3] == "de "] == ["de", "de"]
    assert "Name one" in refused(2, "info", "--encoder", "mono")


def test_prepare_shows_them_of_a_set_that_it_made(here: Path) -> None:
    asked = ("prepare", "atlas", "-l", "en,sw", "--tokens-of", "mono")
    said = works(*asked)
    assert "tokens/word" in said.out
    assert {line.split()[0] for line in said.out.splitlines() if line[:3] in {"en ", "sw "}} == {
        "en",
        "sw",
    }
    assert "tokens/word" in works(*asked).out  # of a set that is up to date, too
    assert "No run" in refused(2, *asked[:-1], "nowhere")
