"""The hits of two runs for one query, next to each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hybench.tui.draw.table import Column, Field, Record, Table
from hybench.tui.draw.text import Verbatim, width_of
from hybench.tui.model.rankings import moved
from hybench.tui.model.search import Question
from hybench.values.languages import language_name

if TYPE_CHECKING:
    from hybench.hits import Hit

FIRST = 10
"""Passages whose languages are counted."""

_LANGUAGE, _MOVE = 3, 4
"""Cells of a language's code, and of a move."""

_NARROWEST = 12
"""Cells of a passage, at least."""

Place = tuple[str, str]
"""A passage's language and id."""


@dataclass
class SearchSide:
    """One run's answer.

    Attributes:
        question: what it was asked.
        color: the number of its arm's colour.
        hits: best first; None until they are there.
        error: why there are none.
    """

    question: Question
    color: int | None = None
    hits: tuple[Hit, ...] | None = None
    error: str = ""

    @property
    def name(self) -> str:
        """The run's."""
        return self.question.run.name

    @property
    def ranks(self) -> dict[Place, int]:
        """The ranks of its passages."""
        return {(hit.language, hit.id): hit.rank for hit in self.hits or ()}


@dataclass
class SideBySide:
    """What one run or two found for one query.

    Attributes:
        text: as it was typed.
        sides: the reference, where there is one, and the run.
        gold: passages that are judged relevant; None where the query is none of the set's, or while
            that is not known yet.
        looked: whether it is known.
    """

    text: str
    sides: tuple[SearchSide, ...]
    gold: frozenset[Place] | None = None
    looked: bool = False

    @property
    def summary(self) -> str:
        """Whether it is one of the set's queries, and how the two lists overlap, in words."""
        if self.gold is None:
            known = "not one of the set's queries" if self.looked else ""
        else:
            found = [
                sum(place in self.gold for place in side.ranks)
                for side in self.sides
                if side.hits is not None
            ]
            listed = " and ".join(map(str, found)) or "0"
            known = f"one of the set's queries: {listed} of {len(self.gold)} relevant found"
        ranks = [{*side.ranks} for side in self.sides if side.hits is not None]
        shared = f"{len(ranks[0] & ranks[1])} passages in both" if len(ranks) == 2 else ""
        return "; ".join(part for part in (known, shared) if part)


def language_mix(hits: Sequence[Hit], most: int = FIRST) -> list[tuple[str, int]]:
    """Languages of the first passages and how many are in each, the most frequent first."""
    return Counter(hit.language for hit in hits[:most]).most_common()


def mix_line(side: SearchSide, long: int, width: int) -> list[Field]:
    """The languages of a run's first passages as bars in its arm's colour, in one line.

    Args:
        side: the run's answer.
        long: cells of the names.
        width: cells of the line; where they are few, the numbers go, then the cells of the bars.
    """
    head = [Field(" "), Field(f"{side.name:<{long}}  ", "head", curve=side.color)]
    if side.error:
        return [*head, Field(side.error.partition("\n")[0], "warn")]
    if side.hits is None:
        return [*head, Field("searching…", "quiet")]
    if not side.hits:
        return [*head, Field("Nothing was found.", "quiet")]
    mix = language_mix(side.hits)
    lines: list[list[Field]] = []
    for cells, numbered in ((2, True), (1, True), (1, False)):
        line = list(head)
        for code, count in mix:
            number = f" {count}" if numbered else ""
            line += [
                Field(f"{code} ", "best"),
                Field("█" * (cells * count), curve=side.color),
                Field(f"{number}  ", "quiet"),
            ]
        lines.append(line)
    return next((line for line in lines if _wide(line) <= width), lines[-1])


def _wide(line: Sequence[Field]) -> int:
    return sum(width_of(each.text) for each in line)


def side_by_side_table(found: SideBySide, width: int) -> Table:
    """Both lists next to each other: what is relevant, the language, the passage; at the left what
    the right list has not, at the right how far each passage moved.
    """
    both = len(found.sides) > 1
    room = width - 4 - (both + 1) * (2 + _LANGUAGE + 1) - both * 2 * (_MOVE + 1) - both
    half = max(_NARROWEST, room // (both + 1))
    columns = [Column("#", width=3)]
    for at, side in enumerate(found.sides):
        columns += [Column("", "left", width=_MOVE, aside=True)] * (at > 0)
        columns += [
            Column("", "left", width=1, aside=True),
            Column("", "left", width=_LANGUAGE, aside=True),
            Column(side.name, "left", width=half, curve=side.color),
        ]
        columns += [Column("", "left", width=_MOVE, aside=True)] * (both and at == 0)
    most = max((len(side.hits or ()) for side in found.sides), default=0)
    records = []
    for at in range(most):
        fields = [Field(f"{at + 1}", "quiet")]
        for number, side in enumerate(found.sides):
            hits = side.hits or ()
            hit = hits[at] if at < len(hits) else None
            if number:
                fields.append(
                    moved(found.sides[0].ranks, hit, known=found.sides[0].hits is not None)
                )
            fields += _fields(hit, found.gold or frozenset())
            if both and number == 0:
                other = found.sides[1]
                gone = (
                    hit is not None
                    and other.hits is not None
                    and (hit.language, hit.id) not in other.ranks
                )
                fields.append(Field("gone" if gone else "", "warn"))
        records.append(Record(at, tuple(fields)))
    return Table(tuple(columns), records, frozen=1)


def _fields(hit: Hit | None, gold: frozenset[Place]) -> list[Field]:
    if hit is None:
        return [Field(""), Field(""), Field("")]
    good = (hit.language, hit.id) in gold
    return [
        Field("✓" if good else "", "better"),
        Field(hit.language, "head"),
        Field(Verbatim(hit.text), "best" if good else ""),
    ]


def side_at(table: Table, column: int) -> int:
    """Which of the lists a column belongs to."""
    named = [at for at, each in enumerate(table.columns) if at and not each.aside]
    return max(0, sum(at <= column for at in named) - 1)


def passage_paragraphs(found: SideBySide, number: int, row: int) -> list[tuple[str, str]]:
    """A passage whole, with its language, its ranks and its scores; nothing where there is none."""
    hits = found.sides[number].hits or ()
    if row >= len(hits):
        return []
    hit = hits[row]
    place = (hit.language, hit.id)
    ranks = []
    for side in found.sides:
        rank = side.ranks.get(place)
        if side.hits is not None:
            said = f"rank {rank}, score {side.hits[rank - 1].score:.3f}" if rank else "not found"
            ranks.append((f"  {side.name}: {said}", ""))
    name = language_name(hit.language)
    judged = "judged relevant" if place in (found.gold or ()) else ""
    words = [f"{hit.language} {name}".strip(), hit.id, judged]
    return [
        (" · ".join(word for word in words if word), "head"),
        *ranks,
        ("", ""),
        (Verbatim(hit.text), ""),
    ]
