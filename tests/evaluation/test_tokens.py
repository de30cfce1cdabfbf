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


SYLLABIC = "\u2e80\u3005\u3042\u30a2\u4e2d\u6771\U00020000"
ALPHABETIC = "\u0e01\u0e31\u0e81\u1000\u102d\u1780\uaa60"
OTHERS = "aBß1_é\u0301\u093f\u0915\u200c\u200dΣς'’ -.\n\u00a0ﬁ\U00011001\U0001e900\U0001f600"


def letter(character: str) -> bool:
    return (
        character.isalnum()
        or character in "_\u200c\u200d"
        or unicodedata.category(character).startswith("M")
    )


def by_character(text: str) -> list[str]:
    """`auto_tokens` without regular expressions, for the characters above."""
    text = unicodedata.normalize("NFKC", text).casefold()
    pieces: list[tuple[str, int]] = []
    before = -1
    for at, character in enumerate(text):
        joins = (
            character in "'’"
            and before >= 0
            and letter(text[at - 1])
            and letter(text[at + 1 : at + 2] or " ")
        )
        size = 2 if character in SYLLABIC else 3 if character in ALPHABETIC else 0
        if not (joins or letter(character)):
            before = -1
            continue
        if size == before:
            pieces[-1] = (pieces[-1][0] + character, size)
        else:
            pieces.append((character, size))
        before = size
    tokens = []
    for piece, size in pieces:
        ends = range(size, max(size, len(piece)) + 1) if size else [len(piece)]
        tokens += [piece[end - size if size else 0 : end] for end in ends]
    return tokens


@given(st.one_of(*(st.text(some) for some in (OTHERS, SYLLABIC + ALPHABETIC + OTHERS))))
def test_auto_looks_at_each_character(text: str) -> None:
    assert auto_tokens(text) == by_character(text)


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
