"""Small multiples: a chart of every language, with one scale for all, or one of them enlarged."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from hybench.tui.draw.chart import draw_chart
from hybench.tui.draw.framing import Line, cut, padded, share_at, shares
from hybench.tui.draw.text import short
from hybench.tui.draw.traces import LABELS, Trace, View
from hybench.tui.model.dev_curves import DevCurves
from hybench.tui.model.rows import Rows, curve_rows, read_out
from hybench.tui.widgets.drawn import Drawn
from hybench.values.languages import language_name

SMALLEST = (24, 6)
"""Cells across and down of a chart, at least."""

_LABELS = 6
"""Cells left of a small plot."""

_SHAPE = 3.2
"""How many times as wide as high a chart should be, in cells."""


class Multiples(Drawn, can_focus=True):
    """Draws `DevCurves`; the cursor is on one of the languages, and at a step."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "move(-1, 0)", "Left", show=False, id="left"),
        Binding("right,l", "move(1, 0)", "Right", show=False, id="right"),
        Binding("up,k", "move(0, -1)", "Up", show=False, id="up"),
        Binding("down,j", "move(0, 1)", "Down", show=False, id="down"),
        Binding("home", "move(-999, 0)", "First", show=False, id="first"),
        Binding("end", "move(999, 0)", "Last", show=False, id="last"),
        Binding("enter", "enlarge", "Enlarge the language", show=False, id="open"),
        Binding("escape", "back", "All languages", show=False, id="cursor_hide"),
    ]

    class Moved(Message):
        """The cursor is on another language."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.at = 0
        self.enlarged = False
        self.grid = False
        self.cursor: float | None = None
        self._found: DevCurves | None = None
        self._colors: tuple[tuple[int, int], ...] = ()
        self._top = 0
        self._turn = 0

    @property
    def language(self) -> str:
        """The code of the language that the cursor is on; empty without any."""
        languages = self._found.languages if self._found else ()
        return languages[min(self.at, len(languages) - 1)] if languages else ""

    def show(self, found: DevCurves, colors: tuple[tuple[int, int], ...]) -> None:
        """Draw these curves, the arms in these colours and shades."""
        code = self.language
        self._turn += found is not self._found
        self._found, self._colors = found, colors
        if code in found.languages:
            self.at = found.languages.index(code)
        self.at = max(0, min(self.at, len(found.languages) - 1))
        self.refresh()

    def action_move(self, across: int, down: int) -> None:
        """Move to another language."""
        if self._found is not None:
            columns = 1 if self.enlarged else self.shape[0]
            last = len(self._found.languages) - 1
            self.at = max(0, min(self.at + across + columns * down, last))
            self._moved()

    def action_enlarge(self) -> None:
        """Show the language alone, or all again."""
        self.enlarged = not self.enlarged
        self._moved()

    def action_back(self) -> None:
        """Show all languages; if they are shown, read out the ends of the curves again."""
        if not self.enlarged:
            self.cursor = None
        self.enlarged = False
        self._moved()

    def on_resize(self) -> None:
        """Tell that other charts are in sight."""
        self.post_message(self.Moved())

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the language under the mouse; a second click at once enlarges it."""
        if self._found is None or (event.y < 1 and not self.enlarged):
            return
        columns, rows = self.shape
        high = (self.size.height - 1) // rows
        column, _, _ = share_at(self.size.width, columns, event.x)
        at = (self._top + (event.y - 1) // high) * columns + column
        if not self.enlarged and at < len(self._found.languages):
            self.at = at
            self._moved()
        if event.chain == 2:
            self.action_enlarge()

    def charts(self) -> list[tuple[str, list[Trace], View]]:
        """Titles, curves and views of the languages that are shown: all, or the enlarged one."""
        found = self._found
        if found is None:
            return []
        places = [self.at] if self.enlarged else range(len(found.languages))
        return [self._content(found, at, small=not self.enlarged) for at in places]

    def cell_text(self) -> str:
        """The values of the language that the cursor is on, as they are read out."""
        found = self._found
        return read_out(*self._content(found, self.at, small=False)) if found else ""

    def rows(self) -> Rows:
        """The curves of the languages that are shown."""
        curves = [(title, trace) for title, traces, _ in self.charts() for trace in traces]
        return curve_rows(curves, "step")

    def _moved(self) -> None:
        self.refresh()
        self.post_message(self.Moved())

    @property
    def shape(self) -> tuple[int, int]:
        """Charts across and down that are seen at once."""
        count = len(self._found.languages) if self._found else 1
        width, height = self.size.width, self.size.height - 1
        most = max(1, width // SMALLEST[0])
        fitting = []
        for across in range(1, most + 1):
            down = -(-count // across)
            if height // down >= SMALLEST[1]:
                size = min(width / across / _SHAPE, height / down)
                fitting.append((size, -across, down))
        if fitting:
            _, across, down = max(fitting)
            return -across, down
        return most, max(1, height // SMALLEST[1])

    @property
    def in_sight(self) -> str:
        """Which of the languages are seen, where not all are."""
        count = len(self._found.languages) if self._found else 0
        across, down = self.shape
        if self.enlarged or across * down >= count:
            return ""
        first = across * self._top_at(across, down)
        return f"{first + 1}–{min(count, first + across * down)} of {count}"

    def _top_at(self, across: int, down: int) -> int:
        """The first row of charts in sight, with the one under the cursor."""
        count = len(self._found.languages) if self._found else 0
        row, rows = self.at // across, -(-count // across)
        return max(row - down + 1, min(self._top, row, rows - down), 0)

    def depends_on(self) -> object:
        """What the drawing depends on."""
        return (
            self._turn, self._colors, self.at, self.enlarged, self.grid, self.cursor,
            self.has_focus, self.size, self.palette, self.glyphs,
        )  # fmt: skip

    def draw_all(self) -> list[Line]:
        """The legend, and the charts."""
        found, (width, height) = self._found, self.size
        if found is None or not found.languages or height < 2:
            return []
        legend = padded(cut(self._legend(found), width, self.glyphs), width)
        if self.enlarged:
            return [legend, *self._chart(found, self.at, width, height - 1, small=False)]
        across, down = self.shape
        rows = -(-len(found.languages) // across)
        self._top = self._top_at(across, down)
        widths, high = shares(width, across), (height - 1) // down
        lines = [legend]
        for number in range(self._top, min(rows, self._top + down)):
            places = range(number * across, min(len(found.languages), (number + 1) * across))
            charts = [
                self._chart(found, at, wide, high, small=True)
                for at, wide in zip(places, widths, strict=False)  # the last row may be short
            ]
            beside = zip(*charts, strict=True)
            lines += [[each for part in parts for each in part] for parts in beside]
        return lines

    def _legend(self, found: DevCurves) -> list[tuple[str, Style]]:
        """Which arm has which colour, and at which step values are read out."""
        parts: list[tuple[str, Style]] = []
        for arm, (number, shade) in zip(found.arms, self._colors, strict=True):
            parts.append((f" {self.glyphs.marked} {arm} ", self.palette.arm_text(number, shade)))
        if self.cursor is not None:
            parts.append((f"  @{short(self.cursor, 6)}", self.palette.tone("accent")))
        return parts

    def _chart(
        self, found: DevCurves, at: int, width: int, height: int, *, small: bool
    ) -> list[Line]:
        name, traces, view = self._content(found, at, small=small)
        if small:
            traces = [replace(trace, label="") for trace in traces]
        title = found.languages[at] if small and width < 2 * SMALLEST[0] else name
        view = replace(view, title=title)
        return draw_chart(traces, view, width, height, self.palette, self.glyphs)

    def _content(self, found: DevCurves, at: int, *, small: bool) -> tuple[str, list[Trace], View]:
        """The language, its curves, and how they are seen."""
        code = found.languages[at]
        name = language_name(code)
        traces = [
            Trace(
                arm,
                made.curve,
                number,
                smoothed=made.smoothed,
                shade=shade,
                counts=made.counts,
            )
            for arm, made, (number, shade) in zip(
                found.arms, found.curves[code], self._colors, strict=True
            )
            if made is not None
        ]
        places = found.places
        view = View(
            "",
            "step",
            left=float(places[0]) if len(places) else None,
            right=float(places[-1]) if len(places) else None,
            cursor=self.cursor,
            grid=self.grid,
            focused=at == self.at and self.has_focus,
            height=found.span if small else None,
            labels=_LABELS if small else LABELS,
            digits=3,
            compact=small,
        )
        return f"{code} {name}".strip(), traces, view
