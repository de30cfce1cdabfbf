"""What is typed to search for, and in which languages."""

from __future__ import annotations

import pytest

from hybench.tui.model.search import read_typed


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("who walked on the moon", ("", "", "who walked on the moon")),
        ("sw: odò", ("sw", "", "odò")),
        ("yor:odò", ("yo", "", "odò")),
        (":yo: odò", ("", "yo", "odò")),
        ("what: a name", ("", "", "what: a name")),
        ("at 12:30", ("", "", "at 12:30")),
        (": odò", ("", "", ": odò")),
    ],
)
def test_languages_are_said_before_the_text(typed: str, wanted: tuple[str, str, str]) -> None:
    assert read_typed(typed) == wanted
