from __future__ import annotations

import pytest

from hybench.planning.invented import invented_texts
from hybench.values.languages import MIRACL_LANGUAGES


@pytest.mark.parametrize("language", MIRACL_LANGUAGES)
def test_texts_have_the_letters_and_lengths_of_the_language(language: str) -> None:
    texts = invented_texts(language, 400, 120.0)
    assert texts == invented_texts(language, 400, 120.0)
    assert len({*texts}) == 400
    mean = sum(map(len, texts)) / 400
    assert mean == pytest.approx(120, rel=0.2)
    assert (" " in texts[0]) is (language not in {"ja", "th", "zh"})
    ascii_letters = sum(letter.isascii() for text in texts for letter in text.replace(" ", ""))
    latin = language in {"de", "en", "es", "fi", "fr", "id", "sw", "yo"}
    assert (ascii_letters > 0.5 * sum(map(len, texts))) is latin
