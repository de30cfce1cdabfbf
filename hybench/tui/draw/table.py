"""A table as lines of styled cells: fields that stay in their columns, a cursor, heat."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from rich.segment import Segment
from rich.style import Style

from hybench.tui.draw.glyphs import Glyphs
from hybench.tui.draw.palette import Palette
from hybench.tui.draw.text import fit, fit_middle, width_of

Line = list[Segment]
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
    """

    text: str
    tone: str = ""
    heat: float | None = None
    diverging: bool = False
    curve: int | None = None
    shade: int = 0

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
        widths = []
        for at, column in enumerate(self.columns):
            entries = [record.fields[at] for record in self.records if not record.rule]
            # Without background colours, a sign before the number takes their place.
            sizes = [width_of(entry.text) + entry.stepped for entry in entries]
            widest = max(sizes, default=0)
            widths.append(column.width or min(column.most, max(width_of(column.label), widest)))
        for number in {column.alike for column in self.columns} - {0}:
            same = [at for at, column in enumerate(self.columns) if column.alike == number]
            widest = max(widths[at] for at in same)
            for at in same:
                widths[at] = widest
        object.__setattr__(self, "widths", tuple(widths))

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


def draw_header(
    table: Table, offset: int, width: int, palette: Palette, glyphs: Glyphs, chosen: int | None
) -> Line:
    """The headings; the `chosen` column's stands out."""
    line: Line = []
    places = table.places(offset, width)
    for at, size in places:
        column = table.columns[at]
        style = palette.tone("on" if at == chosen else "head")
        if column.curve is not None:
            style += palette.curve(column.curve)
        text = fit_middle(glyphs.plain(column.label), size, column.align, glyphs.more)
        line += [Segment(text, style), Segment(" " * GAP)]
    hidden = len(places) < len(table.columns) - offset
    return _padded(line, width, glyphs.into if hidden else "", palette)


def draw_record(
    table: Table,
    record: Record,
    offset: int,
    width: int,
    palette: Palette,
    glyphs: Glyphs,
    *,
    cursor: bool = False,
    chosen: int | None = None,
) -> Line:
    """One row.

    Args:
        table: that it stands in.
        record: the row.
        offset: columns scrolled away.
        width: cells.
        palette: of the terminal.
        glyphs: likewise.
        cursor: whether the cursor is on it.
        chosen: the column that the cursor is in; None where it takes the whole row.
    """
    line: Line = []
    if record.rule:
        used = sum(size + GAP for _, size in table.places(offset, width)) - GAP
        ruled = Segment(glyphs.across * min(used, width), palette.tone("frame"))
        return _padded([ruled], width, "", palette)
    for at, size in table.places(offset, width):
        entry = record.fields[at]
        here = cursor and (chosen is None or chosen == at)
        style = field_style(entry, palette)
        text = entry.text
        if entry.heat is not None and entry.stepped and not palette.rich:
            text = _step(entry.heat, glyphs) + text
        if here:
            # In one colour where it takes the row: each field reversed would be a patchwork.
            keeps = chosen is not None or entry.curve is not None
            style = palette.tone("on") + (style if keeps else Style.null())
        filled = fit(glyphs.plain(text), size, table.columns[at].align, glyphs.more)
        line.append(Segment(filled, style))
        gap = Style(reverse=True) if cursor and chosen is None else Style.null()
        line.append(Segment(" " * GAP, gap))
    return _padded(line, width, "", palette)


def field_style(entry: Field, palette: Palette) -> Style:
    """The colour, weight and paper of a field."""
    style = (
        palette.tone(entry.tone) if entry.curve is None else palette.curve(entry.curve, entry.shade)
    )
    if entry.heat is None:
        return style
    # The paper says how much; a tone beside it could not be read on all papers.
    heat = palette.heat(entry.heat, diverging=entry.diverging)
    return heat + Style(bold=style.bold) if palette.rich else style


def _step(heat: float, glyphs: Glyphs) -> str:
    """A sign as high as the heat, where there are no colours to show it."""
    steps = glyphs.steps
    return steps[min(len(steps) - 1, max(0, int(heat * len(steps))))]


def _padded(line: Line, width: int, end: str, palette: Palette) -> Line:
    used = sum(width_of(segment.text) for segment in line)
    while line and used > width:
        last = line.pop()
        used -= width_of(last.text)
    room = width - used
    if room > 0:
        return [*line, Segment(fit(end, room, "right"), palette.tone("quiet"))]
    return line
