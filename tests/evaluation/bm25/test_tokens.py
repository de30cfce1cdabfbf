from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybench.errors import UsageError
from hybench.evaluation.bm25.tokens import auto_tokens, tokeniser, whitespace_tokens


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
        ("क्‍ष క్‌ష", ["क्‍ष", "క్‌ష"]),
        ("\u200bab\u200bcd\u200b", ["ab", "cd"]),
        ("\u200bກຂ\u200bຄງ\u200b a", ["ກຂຄ", "ຂຄງ", "a"]),
        ("'yan l'h ' ''a''b", ["yan", "l'h", "a", "b"]),
        ("👩\u200d💻 \u200d", []),
        ("", []),
        ("?! …", []),
    ],
)
def test_auto(text: str, tokens: list[str]) -> None:
    normal = [unicodedata.normalize("NFKC", token) for token in tokens]
    assert auto_tokens(text) == normal


SYLLABIC = "\u2e80\u3005\u3042\u30a2\u4e2d\u6771\U00020000"
ALPHABETIC = "\u0e01\u0e31\u0e81\u1000\u102d\u1780\uaa60"
JOINED = "\u093f\u0915\U00011001"
OTHERS = (
    "aBß1_é\u0301\u093f\u0915\u200c\u200d\u00ad\ufe0fΣς'’ -.\n\u00a0ﬁ\U00011001\U0001e900\U0001f600"
)


def letter(character: str) -> bool:
    return (
        character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")
    )


def fold_each(text: str) -> str:
    """What typography folds of the characters above."""
    text = "".join("'" if one == "’" else one for one in text if one not in "\u00ad\ufe0f")
    kept = ""
    for at, one in enumerate(text):
        after = text[at + 1 :].lstrip("\u200c\u200d")[:1]
        between = kept and after and kept[-1] in JOINED and after in JOINED
        if one not in "\u200c\u200d" or between:
            kept += one
    return unicodedata.normalize("NFKC", kept)


def by_character(text: str) -> list[str]:
    """`auto_tokens` without regular expressions, for the characters above."""
    text = fold_each(unicodedata.normalize("NFKC", text).casefold())
    pieces: list[tuple[str, int]] = []
    before = -1
    for at, character in enumerate(text):
        joins = (
            character in "'\u200c\u200d"
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


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("sw", ("ng'ombe", "ng’ombe", "ngʼombe", "NG‘OMBE", "ng`ombe", "ng´ombe", "ng′ombe")),
        ("en", ("l'h", "l＇h", "l\u1ffdh")),
        ("en", ("l'h", "l\u02b9h", "l\u02beh", "l\u02bfh", "l\u1fbfh", "l\u0384h", "l\u275ch")),
        ("yo", ("ẹ̀kọ́", "e\u0329\u0300ko\u0329\u0301", "e\u0300\u0329kó\u0329", "E\u0329̀KO\u0329́")),
        ("el", ("ΐ", "Ϊ\u0301", "ι\u0308\u0301", "\u1fd3")),
        ("th", ("แม่", "เเม่", "เ\u2060เม่")),
        ("th", ("น้ำ", "น\u0e4d\u0e49า", "น\u0e49\u0e4dา")),
        ("lo", ("ແມ່", "ເເມ່")),
        ("lo", ("ນ້ຳ", "ນ\u0ecd\u0ec9າ")),
        ("km", ("កខគ", "ក\u17b4ខ\u17b5គ")),
        ("ko", ("한국", "한\u3164국", "한\u115f국", "한\uffa0국")),
        ("mn", ("ᠮᠣᠩ", "ᠮ\u180eᠣᠩ")),
        ("en", ("word", "wo\u2065rd", "wo\U000e0041rd", "wo\ufff0rd", "wo\U000e0001rd")),
        ("uz", ("oʻzbek", "o'zbek", "oʼzbek")),
        ("yo", ("ọ̀rọ̀", "ọ\u034f̀rọ̀", "ọ̀\u00adrọ̀", "\ufeffọ̀rọ̀", "ọ̀\u2060rọ̀")),
        ("de", ("Zusammenfassung", "Zu\u00adsammen\u00adfassung", "Zusammen\u200cfassung")),
        ("ar", ("كتاب", "كتـــاب", "ﻛﺘﺎب", "\u200fكتاب\u200e", "\u2067كتاب\u2069")),
        ("ar", ("كتاب", "كتا\u061cب", "\u202bكتاب\u202c")),
        ("fa", ("خانه", "خانه\u200c", "\u200cخانه", "خانه\u200d")),
        ("fa", ("می\u200cخواهم", "می\u200c\u200cخواهم", "می\u200c\u200dخواهم", "می\u200cـخواهم")),
        ("te", ("చాట్", "చాట్\u200c", "చాట్\u200d")),
        ("ml", ("അവൻ", "അവന്\u200d")),
        ("bn", ("উৎস", "উত্\u200dস")),
        ("zh", ("葛城", "葛\U000e0100城", "葛\ufe00城")),
        ("th", ("กขคง", "กข\u200bคง", "กขค\u2060ง")),
    ],
)
def test_one_word_in_any_typography(language: str, forms: tuple[str, ...]) -> None:
    assert len({tuple(auto_tokens(form)) for form in forms}) == 1, language
    assert auto_tokens(forms[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("می\u200cخواهم", "میخواهم"),
        ("ക്\u200dഷ", "ക്ഷ"),
        ("ọ̀rọ̀", "ọrọ"),
        ("ng'ombe", "ngombe"),
        ("ي", "ی"),
        ("ك", "ک"),
        ("เม่", "แม่"),
    ],
)
def test_other_spellings_are_other_words(one: str, other: str) -> None:
    assert auto_tokens(one) != auto_tokens(other)


@given(st.text(st.sampled_from("abé’'ʼ\u00ad\u200c\u200d\u200b\u0640\u0915\u0301 "), max_size=8))
def test_folding_again_changes_nothing(text: str) -> None:
    tokens = auto_tokens(text)
    assert [auto_tokens(token) for token in tokens] == [[token] for token in tokens]


def test_whitespace_keeps_punctuation() -> None:
    assert whitespace_tokens("Kí ni? KÍ") == ["kí", "ni?", "kí"]


def test_an_unknown_tokenisation_is_told() -> None:
    with pytest.raises(UsageError, match="--tokens"):
        tokeniser("words")
