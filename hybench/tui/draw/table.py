"""A table: columns, and fields that stay in them, with what they look like."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import overload

from hybench.tui.draw.text import width_of

GAP = 1
"""Cells between two columns."""


@dataclass(frozen=True)
class Field:
    """One field.

    Attributes:
        text: what stands there.
        tone: of `Palette.tones`.
        heat: 0 to 1 where its paper shows it, None where it has none.
        diverging: whether 0.5 is no heat at all.
        curve: the number of an arm's colour, where it stands in that.
        shade: of it.
        before: a sign before the text, which is not part of what the field says.
    """

    text: str
    tone: str = ""
    heat: float | None = None
    diverging: bool = False
    curve: int | None = None
    shade: int = 0
    before: str = ""

    @property
    def width(self) -> int:
        """Cells that it takes."""
        return width_of(self.before) + width_of(self.text)

    @property
    def stepped(self) -> bool:
        """Whether a sign shows its heat where there are no colours; a difference has its own."""
        return self.heat is not None and not self.diverging and not math.isnan(self.heat)


@dataclass(frozen=True)
class Record:
    """One row.

    Attributes:
        key: tells it from the others.
        fields: one by column.
        pinned: whether it stays in sight, below the others, where not all rows have room.
        rule: whether it is a line that sets rows apart, on which no cursor stands.
    """

    key: Hashable
    fields: tuple[Field, ...]
    pinned: bool = False
    rule: bool = False


def rule(name: str, *, pinned: bool = False) -> Record:
    """A line between rows."""
    return Record(("rule", name), (), pinned, rule=True)


class LazyRecords(Sequence[Record]):
    """Rows of which those that are looked at are made, and no others: there may be thousands.

    None of them is pinned, none a rule.

    Args:
        keys: of the rows.
        sizes: cells that the widest field of each column takes.
        make: makes the fields of a row, by its place.
    """

    def __init__(
        self,
        keys: Sequence[Hashable],
        sizes: Sequence[int],
        make: Callable[[int], tuple[Field, ...]],
    ) -> None:
        self.keys, self.sizes, self._make = keys, sizes, make
        self._made: dict[int, Record] = {}

    def __len__(self) -> int:
        """How many."""
        return len(self.keys)

    @overload
    def __getitem__(self, at: int) -> Record: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Record]: ...
    def __getitem__(self, at: int | slice) -> Record | Sequence[Record]:
        """A row, or some of them."""
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        at = range(len(self))[at]
        if at not in self._made:
            self._made[at] = Record(self.keys[at], self._make(at))
        return self._made[at]


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        label: its heading.
        align: ``left`` or ``right``.
        width: cells; 0 for what its fields take.
        most: of `width` where that is 0.
        curve: the number of a run's colour, where its heading stands in that.
        alike: columns with the same number other than 0 are as wide as the widest of them.
        picture: whether its fields are drawn, and say nothing as text.
        aside: whether a cursor that goes from column to column passes it.
    """

    label: str
    align: str = "right"
    width: int = 0
    most: int = 40
    curve: int | None = None
    alike: int = 0
    picture: bool = False
    aside: bool = False


@dataclass(frozen=True)
class Table:
    """What a grid shows.

    Attributes:
        columns: from left to right; the last takes what room is left where it is set left.
        records: from top to bottom.
        frozen: how many columns stay where they are when the others are scrolled.
    """

    columns: tuple[Column, ...]
    records: Sequence[Record] = ()
    frozen: int = 1
    widths: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Measure the columns."""
        widths = [
            column.width or min(column.most, max(width_of(column.label), size))
            for column, size in zip(self.columns, self._sizes(), strict=True)
        ]
        for number in {column.alike for column in self.columns} - {0}:
            same = [at for at, column in enumerate(self.columns) if column.alike == number]
            widest = max(widths[at] for at in same)
            for at in same:
                widths[at] = widest
        object.__setattr__(self, "widths", tuple(widths))

    def _sizes(self) -> Sequence[int]:
        """Cells that the widest field of each column takes."""
        if isinstance(self.records, LazyRecords):
            return self.records.sizes
        rows = [record.fields for record in self.records if not record.rule]
        # Without background colours, a sign before the number takes their place.
        return [
            max((fields[at].width + fields[at].stepped for fields in rows), default=0)
            for at in range(len(self.columns))
        ]

    @property
    def keys(self) -> Sequence[Hashable]:
        """The keys of the rows."""
        if isinstance(self.records, LazyRecords):
            return self.records.keys
        return [record.key for record in self.records]

    @property
    def pinned(self) -> list[int]:
        """Places of the rows that are pinned."""
        return [at for at, each in enumerate(self._settled) if each.pinned]

    @property
    def rules(self) -> list[int]:
        """Places of the lines between rows."""
        return [at for at, each in enumerate(self._settled) if each.rule]

    @property
    def _settled(self) -> Sequence[Record]:
        return () if isinstance(self.records, LazyRecords) else self.records

    def places(self, offset: int, width: int) -> list[tuple[int, int]]:
        """Columns that are shown, and their widths; the last may be cut off.

        Args:
            offset: how many of the columns that move are scrolled away.
            width: cells.
        """
        order = [*range(self.frozen), *range(self.frozen + offset, len(self.columns))]
        shown: list[tuple[int, int]] = []
        left = width
        for at in order:
            size = min(self.widths[at], left)
            last = at == len(self.columns) - 1
            if size < self.widths[at] and shown and not (last and self._takes_rest):
                break
            if last and self._takes_rest:
                size = left
            if size <= 0:
                break
            shown.append((at, size))
            left -= size + GAP
        return shown

    @property
    def _takes_rest(self) -> bool:
        return self.columns[-1].align == "left"
