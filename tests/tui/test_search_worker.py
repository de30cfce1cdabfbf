"""The queries that the search process is told, and their language."""

from __future__ import annotations

from hybench.tui.search_worker import _told


def test_the_language_of_a_query_is_told_where_it_matters() -> None:
    known = ("sw", "yo")
    assert _told(":yo: odò", known) == (" odò", "yo")
    assert _told("yo: odò", known, "sw") == (" odò", "yo")
    assert _told("odò", known, "sw") == ("odò", "sw")
    assert _told("odò", known) == ("odò", None)
    assert _told("fr: eau", known) == ("fr: eau", None)
    assert _told(":yo: odò", ()) == (":yo: odò", None)
