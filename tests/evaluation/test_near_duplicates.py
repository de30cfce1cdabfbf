from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hybench.evaluation.near_duplicates import ALIKE, SHINGLE, NearDuplicates, shingles


def plain(text: str) -> set[str]:
    return {text[at : at + SHINGLE] for at in range(len(text) - SHINGLE + 1)}


def alike(one: str, other: str) -> bool:
    a, b = plain(one), plain(other)
    return bool(a | b) and len(a & b) / len(a | b) >= ALIKE


def found(known: list[str], others: list[str], at_once: int = 2) -> list[bool]:
    index = NearDuplicates.of(known)
    for start in range(0, len(others), at_once):
        index.look(others[start : start + at_once])
    return [bool(each) for each in index.found]


def test_shingles_are_those_of_each_text() -> None:
    texts = ["abcdefg", "abc", "", "xabcdex", "ọ̀rọ̀ ni", "🌍🌎🌏abc"]
    hashes, starts = shingles(texts)
    assert np.diff(starts).tolist() == [max(0, len(text) - SHINGLE + 1) for text in texts]
    named: dict[str, int] = {}
    for text, begin in zip(texts, starts.tolist(), strict=False):
        for at in range(max(0, len(text) - SHINGLE + 1)):
            assert named.setdefault(text[at : at + SHINGLE], int(hashes[begin + at])) == int(
                hashes[begin + at]
            )
    assert len(set(named.values())) == len(named)


def test_small_changes_of_long_texts_are_found_and_others_are_not() -> None:
    text = "Nairobi is the capital and the largest city of Kenya, in the south of the country."
    others = [
        text.replace("Kenya", "Kenia"),
        text + " It lies high.",
        text[: len(text) // 2],
        "Mombasa is the second largest city of Kenya, on the coast.",
    ]
    assert [found([text], [other])[0] for other in others] == [True, True, False, False]


words = st.lists(st.sampled_from(["red", "blue", "old", "river", "stone", "a"]), max_size=12)


@given(st.lists(words, max_size=6), st.lists(words, max_size=6))
def test_it_finds_what_comparing_every_pair_finds(
    known: list[list[str]], others: list[list[str]]
) -> None:
    ours, theirs = [" ".join(each) for each in known], [" ".join(each) for each in others]
    expected = [any(alike(one, other) for other in theirs) for one in ours]
    assert found(ours, theirs) == expected
