"""A study's hypotheses, as a section of the page."""

from __future__ import annotations

from dataclasses import dataclass

from hybench.comparison.hypotheses import Hypotheses
from hybench.comparison.hypothesis_documents import hypothesis_sheet
from hybench.report.view import Datum, Table, minus


@dataclass(frozen=True)
class HypothesisSection:
    """A study's hypotheses and their outcomes.

    Attributes:
        said: the summary.
        table: a line per hypothesis and point of the grid.
        caption: how to read it.
    """

    said: str
    table: Table
    caption: str


def hypothesis_section(found: Hypotheses) -> HypothesisSection:
    """The hypotheses as a section of the page."""
    shown = hypothesis_sheet(found)
    bodies: list[list[tuple[Datum, ...]]] = []
    for line in shown.lines:
        if line.ruled:
            bodies.append([])
        bodies[-1].append(tuple(Datum(minus(each.text), "", each.tone) for each in line.entries))
    header = tuple(Datum(name) for name in shown.header)
    table = Table(shown.title, header, tuple(map(tuple, bodies)), numeric=False)
    return HypothesisSection(shown.lead[0], table, shown.caption)
