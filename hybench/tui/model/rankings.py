"""What two runs found for one query, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from hybench.comparison.moves import describe_relevant, move_text
from hybench.tui.draw.table import Column, Field, Record, Table
from hybench.tui.draw.text import Verbatim
from hybench.tui.model.queries import Pair

if TYPE_CHECKING:
    from hybench.comparison.rankings import QueryKey, RankedPassage, Rankings


def rankings(pair: Pair, query: QueryKey, text: str) -> Rankings:
    """Read what the first runs of both found.

    Raises:
        StateError: a run has no such results.
        DataError: they cannot be read.
    """
    from hybench.comparison.rankings import read_rankings

    first = [side.runs[0] for side in pair.sides]
    return read_rankings(first, pair.key, pair.setting, query, text, pair.data_dir)


def describe_query(found: Rankings) -> list[tuple[str, str]]:
    """What was asked, and where the relevant passages stand."""
    relevant = describe_relevant(found.judged, bool(found.left))
    return [(Verbatim(found.text), "best"), (relevant, "")]


def ranking_table(found: Rankings, pair: Pair, width: int) -> Table:
    """Both rankings side by side, relevant passages marked, with how far each has moved."""
    before = {(hit.language, hit.id): hit.rank for hit in found.left}
    half = max(12, (width - 14) // 2)
    both = bool(found.left)
    columns = [Column("#", width=3), Column("", "left", width=1)]
    if both:
        columns += [Column(pair.left.runs[0].name if pair.left else "", "left", width=half)]
        columns += [Column("", width=4), Column("", "left", width=1)]
    columns.append(Column(pair.right.runs[0].name, "left", most=400))
    records = []
    for at in range(max(len(found.left), len(found.right))):
        left = found.left[at] if at < len(found.left) else None
        right = found.right[at] if at < len(found.right) else None
        fields = [Field(f"{at + 1}", "quiet")]
        for side, hit in enumerate((left, right) if both else (right,)):
            if side:
                fields.append(moved(before, right))
            fields.append(Field("✓" if hit and hit.relevant else "", "better"))
            fields.append(
                Field(_shown(hit, found.query[1] == "all"), "best" if hit and hit.relevant else "")
            )
        records.append(Record(at, tuple(fields)))
    return Table(tuple(columns), records, frozen=0)


def _shown(hit: RankedPassage | None, pooled: bool) -> str:
    if hit is None:
        return ""
    return Verbatim(f"{hit.language} {hit.text}" if pooled else hit.text)


class Ranked(Protocol):
    """A passage in a ranking."""

    @property
    def rank(self) -> int:
        """From 1."""

    @property
    def language(self) -> str:
        """The passage's."""

    @property
    def id(self) -> str:
        """Its id."""


def moved(
    before: Mapping[tuple[str, str], int], hit: Ranked | None, *, known: bool = True
) -> Field:
    """How far a passage moved up or down.

    Args:
        before: ranks in the ranking at the left, by language and id.
        hit: the passage; None for none.
        known: whether there is a ranking at the left.
    """
    if hit is None or not known:
        return Field("")
    was = before.get((hit.language, hit.id))
    if was is None or was == hit.rank:
        tone = "accent" if was is None else "quiet"
    else:
        tone = "better" if was > hit.rank else "worse"
    return Field(move_text(was, hit.rank), tone)
