from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from hybench.data.sources.parallel.names import (
    column_languages,
    language_named,
    pair_named,
    split_named,
)


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("yo", "yo"), ("yor", "yo"), ("swh_Latn", "sw"), ("zho_Hant", "zh-Hant"), ("arb", "ar"),
        ("pcm", "pcm"), ("ted", None), ("ids", None), ("Yo", None), ("train", None),
        ("all", None), ("", None),
    ],
)  # fmt: skip
def test_languages_are_those_with_a_script_or_a_name(word: str, code: str | None) -> None:
    assert language_named(word) == code


@pytest.mark.parametrize(
    ("name", "pair"),
    [
        ("TED2020-en-de-train.tsv.gz", ("en", "de")),
        ("ted-en-de.tsv", ("en", "de")),
        ("GlobalVoices.en-yo.tsv", ("en", "yo")),
        ("en-pt-br/train-00000-of-00001.parquet", ("en", "pt-BR")),
        ("en-zh-cn/dev-00000-of-00001.parquet", ("en", "zh-CN")),
        ("eng_Latn-yor_Latn/train.jsonl", ("en", "yo")),
        ("en-fi/opus100-train.parquet", ("en", "fi")),
        ("all/train-00000-of-00012.parquet", None),
        ("yor_Latn/train.tsv", None),
    ],
)
def test_a_pair_is_two_languages_next_to_each_other(
    name: str, pair: tuple[str, str] | None
) -> None:
    assert pair_named(PurePosixPath(name)) == pair


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("en-yo/dev.json", "dev"),
        ("TED2020-en-de-train.tsv", "train"),
        ("devtest/eng_Latn.devtest", "test"),
        ("dev/eng_Latn.dev", "dev"),
        ("test/corpus.en", "test"),
        ("opus100-validation.parquet", "dev"),
        ("newstest2019.en", None),
    ],
)
def test_a_split_is_a_word_of_the_name(name: str, split: str | None) -> None:
    assert split_named(PurePosixPath(name)) == split


def test_columns_are_languages_or_english_and_another() -> None:
    assert column_languages(["n", "en", "yor"], None) == {"en": "en", "yor": "yo"}
    named = ["english", "non_english"]
    assert column_languages(named, ("de", "en")) == {"english": "en", "non_english": "de"}
    assert column_languages(named, None) is None
    assert column_languages(named, ("de", "fr")) is None
    assert column_languages(["en", "other"], None) is None
