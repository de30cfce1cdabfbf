"""How to read a comparison: the notes and the legend that `hybench compare` prints below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hybench.compare.comparison import Comparison

Said = list[tuple[str, str]]
"""Paragraphs and their tones."""

_OF_TABLE = ("Letters:", "detectable", "examples and below")
"""How sentences begin on what stands in the table of all arms alone."""


def notes_and_legend(comparison: Comparison, *, pair: bool = False) -> Said:
    """What a reader must know, then what the signs mean.

    Args:
        comparison: the table.
        pair: whether one arm is shown beside the reference, without what only a table of all has.
    """
    from hybench.compare.layout import legend

    kept = [each for each in legend(comparison) if not (pair and each.startswith(_OF_TABLE))]
    notes: Said = [(f"- {note}", "warn") for note in comparison.notes]
    return [*notes, (" ".join(kept), "quiet")]


def whole_reading(comparison: Comparison) -> Said:
    """What the table comes to, its notes and its legend."""
    from hybench.compare.verdict import headline

    said: Said = [("What it comes to", "head"), ("", "")]
    said += [part for text in headline(comparison) for part in ((text, ""), ("", ""))]
    return [*said, ("Notes and legend", "head"), ("", ""), *notes_and_legend(comparison)]
