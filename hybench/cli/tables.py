"""What rich draws: sheets as tables."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from hybench.wording.text_table import Line, Sheet

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.console import RenderableType
    from rich.table import Table


STYLES = {"better": "blue", "worse": "dark_orange", "best": "bold", "quiet": "dim", "": ""}
"""Tone of an entry to rich style: blue and orange are distinguishable by everyone."""

_WIDE = 100_000  # columns of a stream that is not a terminal: nothing is cut there
_TEXT_WIDTH = 100
_GAP = 2


def rich_console(stream: TextIO | None, *, colored: bool, terminal: bool) -> RichConsole:
    """A rich console on a stream, with all that rich would detect set explicitly."""
    from rich.console import Console

    return Console(
        file=stream,
        force_terminal=terminal or colored,
        color_system="auto" if colored else None,
        no_color=not colored,
        width=None if terminal else _WIDE,
        markup=False,
        highlight=False,
        emoji=False,
    )


def sheet_tables(sheet: Sheet, width: int | None) -> list[RenderableType]:
    """A sheet as rich renderables: title, summary, table, caption, notes.

    Args:
        sheet: what to show.
        width: columns of the terminal; a table that is wider is shown in several, one below the
            other, each with the fields that name a line. None leaves it whole.
    """
    from rich.text import Text

    room = min(_TEXT_WIDTH, width or _TEXT_WIDTH)
    shown: list[RenderableType] = [Text(sheet.title, style="bold")]
    for paragraph in sheet.lead:
        shown += [Text(), Text(textwrap.fill(paragraph, room))]
    for columns in _parts(sheet, width):
        shown += [Text(), _table(sheet, columns)]
    texts = [textwrap.fill(sheet.caption, room)] if sheet.caption else []
    texts += [textwrap.fill(f"note: {note}", room, subsequent_indent="  ") for note in sheet.notes]
    if texts:
        shown += [Text(), *(Text(text) for text in texts)]
    return shown


def _widths(sheet: Sheet) -> list[int]:
    from rich.cells import cell_len

    marks = _marks(sheet)
    rows = [sheet.header, *(_texts(line, marks) for line in sheet.lines)]
    return [max(cell_len(text) for text in column) for column in zip(*rows, strict=True)]


def _marks(sheet: Sheet) -> list[int]:
    """Room for marks by field, so that numbers are aligned whatever follows them."""
    rows = [line.entries for line in sheet.lines] or [()]
    return [max(len(entry.mark) for entry in column) for column in zip(*rows, strict=True)]


def _texts(line: Line, marks: Sequence[int]) -> list[str]:
    return [
        entry.text + entry.mark.ljust(room) for entry, room in zip(line.entries, marks, strict=True)
    ]


def _parts(sheet: Sheet, width: int | None) -> list[list[int]]:
    """Fields of each table: as many as fit, and at least one beside those that name a line."""
    keys = list(range(sheet.keys))
    others = list(range(sheet.keys, len(sheet.header)))
    if width is None:
        return [keys + others]
    widths = _widths(sheet)
    parts: list[list[int]] = []
    room = 0
    for field in others:
        if not parts or room < widths[field] + _GAP:
            parts.append(list(keys))
            room = width - sum(widths[key] + _GAP for key in keys) + _GAP
        parts[-1].append(field)
        room -= widths[field] + _GAP
    return parts or [keys]


def _aligned(sheet: Sheet, texts: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Texts right-aligned but for the keys; rich would strip the room for marks from their ends."""
    from rich.cells import cell_len

    return [
        text if at < sheet.keys else " " * (widths[at] - cell_len(text)) + text
        for at, text in enumerate(texts)
    ]


def _table(sheet: Sheet, columns: Sequence[int]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    widths = _widths(sheet)
    headings = _aligned(sheet, sheet.header, widths)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(Text(headings[column]), overflow="fold")
    marks = _marks(sheet)
    for line in sheet.lines:
        if line.ruled:
            table.add_section()
        texts = _aligned(sheet, _texts(line, marks), widths)
        styles = [STYLES[entry.tone] for entry in line.entries]
        table.add_row(*(Text(texts[column], style=styles[column]) for column in columns))
    return table
