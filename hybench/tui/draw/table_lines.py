"""A table's heading and rows as lines of styled cells."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style

from hybench.tui.draw.framing import Line
from hybench.tui.draw.glyphs import Glyphs
from hybench.tui.draw.palette import Palette
from hybench.tui.draw.table import GAP, Field, Record, Table
from hybench.tui.draw.text import fit, fit_apart, width_of


def draw_header(
    table: Table, offset: int, width: int, palette: Palette, glyphs: Glyphs, chosen: int | None
) -> Line:
    """The headings; the `chosen` column's stands out."""
    line: Line = []
    places = table.places(offset, width)
    labels = _labels(table, places, glyphs)
    for at, _ in places:
        column = table.columns[at]
        style = palette.tone("on" if at == chosen else "head")
        if column.curve is not None:
            style += palette.arm_text(column.curve)
        line += [Segment(labels[at], style), Segment(" " * GAP)]
    hidden = len(places) < len(table.columns) - offset
    return _padded(line, width, glyphs.into if hidden else "", palette)


def _labels(table: Table, places: Sequence[tuple[int, int]], glyphs: Glyphs) -> dict[int, str]:
    """The columns' names, those of columns of one width apart from each other."""
    found: dict[int, str] = {}
    for width, align in {(size, table.columns[at].align) for at, size in places}:
        own = [at for at, size in places if size == width and table.columns[at].align == align]
        names = [glyphs.plain(table.columns[at].label) for at in own]
        found |= zip(own, fit_apart(names, width, align, glyphs.more), strict=True)
    return found


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
        filled = fit(
            glyphs.plain(text), size - width_of(entry.before), table.columns[at].align, glyphs.more
        )
        line.append(Segment(entry.before + filled, style))
        gap = Style(reverse=True) if cursor and chosen is None else Style.null()
        line.append(Segment(" " * GAP, gap))
    return _padded(line, width, "", palette)


def field_style(entry: Field, palette: Palette) -> Style:
    """The colour, weight and paper of a field."""
    style = (
        palette.tone(entry.tone)
        if entry.curve is None
        else palette.arm_text(entry.curve, entry.shade)
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
