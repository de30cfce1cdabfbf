from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybench.errors import UsageError
from hybench.evaluation.tokens import auto_tokens, tokeniser, whitespace_tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Hello, World!", ["hello", "world"]),
        ("Kí ni orúkọ rẹ̀?", ["kí", "ni", "orúkọ", "rẹ̀"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("తెలుగు లిపి", ["తెలుగు", "లిపి"]),
        ("বাংলা ভাষা।", ["বাংলা", "ভাষা"]),
        ("ng'ombe 'kubwa'", ["ng'ombe", "kubwa"]),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("ＡＢＣ１２", ["abc12"]),
        ("東京都は", ["東京", "京都", "都は"]),
        ("水", ["水"]),
        ("한국어 문장", ["한국어", "문장"]),
        ("iPhone在中国", ["iphone", "在中", "中国"]),
        ("กขคง", ["กขค", "ขคง"]),
        ("กข", ["กข"]),
        ("ไทยABC日本語", ["ไทย", "abc", "日本", "本語"]),
        ("می‌خواهم", ["می‌خواهم"]),
        ("", []),
        ("?! …", []),
    ],
)
def test_auto(text: str, tokens: list[str]) -> None:
    normal = [unicodedata.normalize("NFKC", token) for token in tokens]
    assert auto_tokens(text) == normal


@given(st.text())
def test_auto_does_not_depend_on_the_form_of_composition(text: str) -> None:
    composed = auto_tokens(unicodedata.normalize("NFC", text))
    assert composed == auto_tokens(unicodedata.normalize("NFD", text))
    assert all(composed)


def test_whitespace_keeps_punctuation() -> None:
    assert whitespace_tokens("Kí ni? KÍ") == ["kí", "ni?", "kí"]


def test_an_unknown_tokenisation_is_told() -> None:
    with pytest.raises(UsageError, match="--tokens"):
        tokeniser("words")
