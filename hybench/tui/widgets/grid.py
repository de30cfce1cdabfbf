"""A table with a cursor that draws the rows on the screen and no others."""

from __future__ import annotations

from collections.abc import Hashable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from hybench.tui.draw.sorting import Order, next_order, sorted_table
from hybench.tui.draw.table import GAP, Column, Record, Table
from hybench.tui.draw.table_lines import draw_header, draw_record
from hybench.tui.model.rows import Rows, field_text, main_column, table_rows
from hybench.tui.widgets.content import Content

_NOTHING = Table((Column(""),))


class Grid(Content, can_focus=True):
    """Shows a `Table`; the cursor stays on its row when rows come and go.

    Args:
        by_cell: whether the cursor is in a column too.
        sorts: whether it sorts its rows when a heading is clicked; else a message tells of that.
        id: of the widget.
    """

    DEFAULT_CSS = "Grid { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="up"),
        Binding("down,j", "move(1)", "Down", show=False, id="down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="page_up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="page_down"),
        Binding("home", "end(-1)", "First", show=False, id="first"),
        Binding("end", "end(1)", "Last", show=False, id="last"),
        Binding("left,h", "across(-1)", "Left", show=False, id="left"),
        Binding("right,l", "across(1)", "Right", show=False, id="right"),
        Binding("enter", "choose", "Open", show=False, id="open"),
    ]

    class Moved(Message):
        """The cursor has moved."""

    class Chosen(Message):
        """Enter was pressed on a row."""

    class Headed(Message):
        """A heading was clicked."""

        def __init__(self, column: int) -> None:
            super().__init__()
            self.column = column

    class Scrolled(Message):
        """Other rows are in sight than before."""

    def __init__(
        self,
        *,
        by_cell: bool = False,
        sorts: bool = False,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self.by_cell, self.sorts = by_cell, sorts
        self.order: Order | None = None
        self._given = self.table = _NOTHING
        self.row = 0
        self.column = 0
        self._top = 0
        self._offset = 0
        self._moved = False
        self._shown: list[int] = []
        self._clicked: int | None = None
        self.in_sight = ""
        """Which of the rows that scroll are seen, where not all are: ``13–20 of 20``."""

    @property
    def record(self) -> Record | None:
        """The row under the cursor."""
        records = self.table.records
        return records[self.row] if self.row < len(records) else None

    @property
    def key(self) -> Hashable | None:
        """Its key."""
        return None if self.record is None else self.record.key

    def show(self, table: Table) -> None:
        """Show another table, or the same one with other numbers."""
        key = self.key
        self._given = table
        self.table = table = sorted_table(table, self.order)
        # Before it was moved, the cursor stays at the top, whatever comes there.
        place = self._place_of(key) if self._moved and key is not None else None
        self.row = self._on_a_row(min(self.row, self._last), -1) if place is None else place
        self.column = self._stop(max(table.frozen, min(self.column, len(table.columns) - 1)), 0)
        self._keep_in_sight()
        self.refresh()

    def go_to(self, key: Hashable) -> None:
        """Put the cursor on the row with that key, if there is one."""
        place = self._place_of(key)
        if place is not None:
            self._set(place)

    def _place_of(self, key: Hashable) -> int | None:
        try:
            return self.table.keys.index(key)
        except ValueError:
            return None

    def action_move(self, by: int) -> None:
        """Move the cursor by rows."""
        self._set(self.row + by)

    def action_page(self, by: int) -> None:
        """Move it by screens."""
        self._set(self.row + by * max(1, self._height))

    def action_end(self, by: int) -> None:
        """Move it to the first or the last row."""
        self._set(0 if by < 0 else self._last)

    def action_across(self, by: int) -> None:
        """Move the cursor by columns, or where it takes the row, what is seen."""
        most = len(self.table.columns) - self.table.frozen - 1
        if self.by_cell:
            self.column = self._stop(self.column, by)
            self._keep_in_sight()
            self.post_message(self.Moved())
        else:
            self._offset = max(0, min(self._offset + by, most))
        self.refresh()

    def _stop(self, column: int, by: int) -> int:
        """The column so many stops beside another one."""
        columns = self.table.columns
        stops = [at for at in range(self.table.frozen, len(columns)) if not columns[at].aside]
        if not stops:
            return column
        before = sum(at < column for at in stops)
        return stops[max(0, min(before + by, len(stops) - 1))]

    def action_choose(self) -> None:
        """Tell that the row was chosen."""
        if self.record is not None:
            self.post_message(self.Chosen())

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a second click at once opens the row."""
        if not self.can_focus:
            return  # it has no cursor
        column = self._column_at(event.x)
        if event.y == 0:
            if column is not None and self.sorts:
                self.sort_by(column)
            elif column is not None:
                self.post_message(self.Headed(column))
        elif event.y <= len(self._shown):
            self._clicked = column
            if self.by_cell and column is not None and column >= self.table.frozen:
                self.column = self._stop(column, 0)
                self.post_message(self.Moved())
            self._set(self._shown[event.y - 1])
            if event.chain == 2:
                self.action_choose()

    def _column_at(self, x: int) -> int | None:
        """The column at a place across."""
        end = 0
        for at, size in self.table.places(self._offset, self.size.width):
            end += size + GAP
            if x < end:
                return at
        return None

    def sort_by(self, column: int) -> None:
        """Sort by a column, then the other way around, then not at all."""
        self.order = next_order(self._given, column, self.order)
        self.column = column
        self.show(self._given)
        self.post_message(self.Moved())

    def cell_text(self) -> str:
        """The field under the cursor; of a row, that which was clicked, or what the row is."""
        if self.record is None or self.record.rule:
            return ""
        column = self.column if self.by_cell else self._clicked
        known = column is not None and column < len(self.table.columns)
        return field_text(
            self.record,
            column
            if column is not None and known
            else main_column(self.table.columns, self.table.frozen),
        )

    def rows(self) -> Rows:
        """The whole table."""
        return table_rows(self.table)

    def on_mouse_scroll_down(self) -> None:
        """Move down."""
        self._set(self.row + 3)

    def on_mouse_scroll_up(self) -> None:
        """Move up."""
        self._set(self.row - 3)

    def on_resize(self) -> None:
        """Keep the cursor on the screen."""
        self._keep_in_sight()
        self.refresh()

    @property
    def _last(self) -> int:
        return max(0, len(self.table.records) - 1)

    @property
    def _height(self) -> int:
        """Rows below the heading."""
        return self.size.height - 1

    def _on_a_row(self, row: int, by: int) -> int:
        """The place of a row, or of the one beside it where there is a line between rows."""
        records = self.table.records
        return row + by if row < len(records) and records[row].rule else row

    def _set(self, row: int) -> None:
        row = max(0, min(row, self._last))
        row = self._on_a_row(row, 1 if row > self.row else -1)
        self._moved = True
        if row != self.row:
            self.row = row
            self._keep_in_sight()
            self.post_message(self.Moved())
        self.refresh()

    def _keep_in_sight(self) -> None:
        table, height = self.table, max(1, self._height)
        rows = range(len(table.records))
        # Where all have room none is pinned, and at most half of the rows are.
        pinned = (table.pinned if len(rows) > height else [])[: height // 2]
        moving = [at for at in rows if at not in pinned] if pinned else rows
        height -= len(pinned)
        if self.row not in pinned:
            place = moving.index(self.row) if moving else 0
            self._top = max(min(self._top, place), place - height + 1)
        self._top = max(0, min(self._top, len(moving) - height))
        self._shown = [*moving[self._top : self._top + height], *pinned]
        self._tell_sight(len(moving) - len(set(table.rules) - set(pinned)), height)
        if self.by_cell and self.size.width:
            free = max(0, self.column - self.table.frozen)
            self._offset = min(self._offset, free)
            shown = [at for at, _ in self.table.places(self._offset, self.size.width)]
            while self.column not in shown and self._offset < free:
                self._offset += 1
                shown = [at for at, _ in self.table.places(self._offset, self.size.width)]

    def _tell_sight(self, rows: int, height: int) -> None:
        last = min(self._top + height, rows)
        said = f"{self._top + 1:,}–{last:,} of {rows:,}" if rows > height else ""
        if said != self.in_sight:
            self.in_sight = said
            self.post_message(self.Scrolled())

    def draw_line(self, y: int, width: int) -> Strip:
        """The heading, or a row."""
        chosen = self.column if self.by_cell else None
        if y == 0:
            of = (self.table, self._offset, width, self.palette, self.glyphs)
            return Strip(draw_header(*of, chosen), width)
        if y > len(self._shown):
            return Strip.blank(width)
        at = self._shown[y - 1]
        line = draw_record(
            self.table,
            self.table.records[at],
            self._offset,
            width,
            self.palette,
            self.glyphs,
            cursor=at == self.row and self.has_focus,
            chosen=chosen,
        )
        return Strip(line, width)
