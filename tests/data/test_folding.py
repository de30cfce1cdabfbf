from __future__ import annotations

import sys
import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybench.data.folding import folded


def fold(*texts: str) -> list[str]:
    return pl.DataFrame({"text": texts}).select(folded(pl.col("text"))).to_series().to_list()


def expected(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", plain).split())


@pytest.mark.parametrize(
    "texts",
    [
        (" What  is\n it?", "ｗｈａｔ is\u3000it？", "what\u00a0is it?", "WHAT \tIS\r\nIT?"),
        ("Straße", "STRASSE", "strasse"),
        ("ΌΔΟΣ", "όδος", "όδοσ"),
        ("ᎠᎡ", "ꭰꭱ"),
        ("n\u0303", "\u00f1", "Ñ"),
        ("ΐ", "Ϊ\u0301", "ι\u0308\u0301", "\u1fd3"),
        ("a b", "a\x1cb", "a \x1d\x1eb", "\x1fa b\x1f"),
        ("कि\u0915\u093c", "कि\u0958"),
    ],
)
def test_texts_that_read_the_same(texts: tuple[str, ...]) -> None:
    assert len(set(fold(*texts))) == 1


def test_texts_that_do_not() -> None:
    texts = ("what is it?", "what is it", "whatis it?", "wh\u00e2t is it?", "می‌خواهم", "میخواهم")
    assert len(set(fold(*texts))) == len(texts)


def test_every_letter_folds_as_python_says() -> None:
    known = map(chr, range(0x80, sys.maxunicode))
    letters = [one for one in known if unicodedata.category(one)[0] == "L"]
    assert fold(*letters) == [*map(expected, letters)]


@given(
    st.text(
        st.sampled_from("aAßẞΣςİıﬁＡéΐΪ\u0301\x1c\x1f \t\u3000\x85\xa0\u200bÅ한\u1112\u1161ͅ"),
        max_size=12,
    )
)
def test_it_is_what_python_makes_of_a_text(text: str) -> None:
    assert fold(text) == [expected(text)]
