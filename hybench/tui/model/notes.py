"""How to read a comparison: the notes and the legend that `hybench compare` prints below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hybench.comparison.model import Comparison

Paragraphs = list[tuple[str, str]]
"""Paragraphs and their tones."""

_OF_TABLE = ("Letters:", "detectable", "examples and below", "train s and below")
"""How sentences begin that concern only the table of all arms."""


_FLAGS = (
    "(Options in these notes belong to hybench compare: e writes its file, and ! then "
    "shows the command. To compare fewer arms, mark them in tab 1.)"
)


def notes_and_legend(
    comparison: Comparison, left_out: str = "", *, pair: bool = False
) -> Paragraphs:
    """What a reader must know, then what the signs mean.

    Args:
        comparison: the table.
        left_out: that not all marked runs are compared; empty where they are.
        pair: whether one arm is shown beside the reference, without what only a table of all has.
    """
    from hybench.comparison.layout import legend

    kept = [each for each in legend(comparison) if not (pair and each.startswith(_OF_TABLE))]
    texts = [*([left_out] if left_out else []), *comparison.notes]
    notes: Paragraphs = [(f"- {text}", "warn") for text in texts]
    if any(" --" in note for note in comparison.notes):
        notes.append((_FLAGS, "quiet"))
    return [*notes, (" ".join(kept), "quiet")]


def headline_and_notes(comparison: Comparison, left_out: str = "") -> Paragraphs:
    """The summary of the table, then `notes_and_legend`."""
    from hybench.comparison.verdict import headline

    said: Paragraphs = [("Summary", "head"), ("", "")]
    said += [part for text in headline(comparison) for part in ((text, ""), ("", ""))]
    return [*said, ("Notes and legend", "head"), ("", ""), *notes_and_legend(comparison, left_out)]
