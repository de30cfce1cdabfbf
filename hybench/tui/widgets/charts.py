"""The curves of the runs shown: as many charts as there is room for, one x for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType

from hybench.tui.draw.arrays import Floats, np
from hybench.tui.draw.chart import draw_chart
from hybench.tui.draw.framing import Line, share_at, shares
from hybench.tui.draw.traces import LABELS, Trace, View, x_range
from hybench.tui.model.arm_curves import Made, make_curve
from hybench.tui.model.history import History
from hybench.tui.model.panels import PANELS, Panel, Shown
from hybench.tui.model.rows import Rows, curve_rows, read_out
from hybench.tui.model.series import AXES
from hybench.tui.widgets.drawn import Drawn

DECAYS = (0.9, 0.98, 0.995, 0.0)
"""How much an average keeps at a step; 0 draws raw values alone."""

SMALLEST = (60, 9)
"""Cells across and down that a chart must have before a second one stands beside it."""

MOST_MADE = 256
"""Curves that are kept as they were drawn last."""


_MadeKey = tuple[tuple[Path, ...], str, str, float]


class Charts(Drawn, can_focus=True):
    """Draws `PANELS` from the one chosen on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "cursor(-1)", "Cursor left", show=False, id="cursor_left"),
        Binding("right,l", "cursor(1)", "Cursor right", show=False, id="cursor_right"),
        Binding("shift+left,H", "cursor(-10)", "Far left", show=False, id="cursor_far_left"),
        Binding("shift+right,L", "cursor(10)", "Far right", show=False, id="cursor_far_right"),
        Binding("up,k", "panel(-1)", "Previous chart", show=False, id="chart_previous"),
        Binding("down,j", "panel(1)", "Next chart", show=False, id="chart_next"),
        Binding("escape", "no_cursor", "Hide the cursor", show=False, id="cursor_hide"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.first = 0
        self.axis = AXES[0]
        self.decay = DECAYS[0]
        self.logarithmic = False
        self.grid = False
        self.left: float | None = None
        self.right: float | None = None
        self.cursor: float | None = None
        self._shown: list[Shown] = []
        self._versions: tuple[tuple[int, ...], ...] = ()
        self._made: dict[_MadeKey, tuple[int, Made]] = {}

    @property
    def panel(self) -> Panel:
        """The chart in front."""
        return PANELS[self.first]

    def show(self, shown: Sequence[Shown]) -> None:
        """Draw these runs; nothing happens where nothing is new."""
        self._shown = list(shown)
        # Logs are read in a thread: what is new there is drawn from here on, for all lines at once.
        self._versions = tuple(tuple(each.version for each in one.histories) for one in shown)
        if self.outdated:
            self.refresh()

    def action_panel(self, by: int) -> None:
        """Begin with another chart."""
        self.first = (self.first + by) % len(PANELS)
        self.refresh()

    def next_axis(self) -> None:
        """Draw over the next of steps, time and examples."""
        self.axis = AXES[(AXES.index(self.axis) + 1) % len(AXES)]
        self.reset()

    def next_decay(self) -> None:
        """Smooth more, less or not at all."""
        self.decay = DECAYS[(DECAYS.index(self.decay) + 1) % len(DECAYS)]
        self.refresh()

    def toggle_log(self) -> None:
        """Draw y by its logarithm, or as it is."""
        self.logarithmic = not self.logarithmic
        self.refresh()

    def toggle_grid(self) -> None:
        """Lead lines from the axes' numbers through the charts, or take them away."""
        self.grid = not self.grid
        self.refresh()

    def reset(self) -> None:
        """Show all of the curves."""
        self.left = self.right = self.cursor = None
        self.refresh()

    def zoom(self, factor: float) -> None:
        """Show a part that is `factor` times as wide, around the cursor or the middle."""
        left, right = self._range()
        middle = (left + right) / 2 if self.cursor is None else self.cursor
        share = (middle - left) / (right - left)
        width = (right - left) * factor
        whole = self._whole()
        if width >= whole[1] - whole[0]:
            self.left = self.right = None
        else:
            self.left = max(whole[0], middle - share * width)
            self.right = self.left + width
        self.refresh()

    def pan(self, by: float) -> None:
        """Move what is seen by a share of its width."""
        left, right = self._range()
        low, high = self._whole()
        move = by * (right - left)
        move = max(low - left, min(move, high - right))
        if self.left is not None:
            self.left, self.right = left + move, right + move
            self.refresh()

    def action_cursor(self, by: int) -> None:
        """Move the cursor by cells; at the ends, what is seen moves on."""
        left, right = self._range()
        cell = (right - left) / max(1, self._layout()[2] - LABELS - 2)
        self.cursor = (right if self.cursor is None else self.cursor) + by * cell
        low, high = self._whole()
        self.cursor = max(low, min(self.cursor, high))
        if self.cursor > right:
            self.pan((self.cursor - right) / (right - left))
        elif self.cursor < left:
            self.pan((self.cursor - left) / (right - left))
        self.refresh()

    def action_no_cursor(self) -> None:
        """Read out the ends of the curves again."""
        self.cursor = None
        self.refresh()

    def on_mouse_scroll_up(self) -> None:
        """Zoom in."""
        self.zoom(0.8)

    def on_mouse_scroll_down(self) -> None:
        """Zoom out."""
        self.zoom(1.25)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is."""
        left, right = self._range()
        across, _, _, high = self._layout()
        row = event.y // max(1, high)
        count = max(1, min(across, len(PANELS) - row * across))
        _, first, width = share_at(self.size.width, count, event.x)
        share = (event.x - first - LABELS) / max(1, width - LABELS - 2)
        if 0 <= share <= 1:
            self.cursor = left + share * (right - left)
            self.refresh()

    def depends_on(self) -> object:
        """What the drawing depends on."""
        runs = tuple((one.name, one.number, one.shade, one.front) for one in self._shown)
        view = (
            self.first,
            self.axis,
            self.decay,
            self.logarithmic,
            self.grid,
            self.has_focus,
            self.left,
            self.right,
            self.cursor,
        )
        return runs, self._versions, view, self.size, self.palette, self.glyphs

    def _layout(self) -> tuple[int, int, int, int]:
        """Charts across and down, and the cells of each."""
        width, height = self.size
        across = max(1, min(3, width // SMALLEST[0]))
        down = max(1, min(-(-len(PANELS) // across), height // SMALLEST[1]))
        return across, down, width // across, height // down

    def draw_all(self) -> list[Line]:
        """All charts for which there is room."""
        if not self._shown:
            return [[Segment("")], [Segment("  Curves of the run under the cursor appear here.")]]
        across, down, _, high = self._layout()
        seen = self._range()
        lines: list[Line] = []
        for row in range(down):
            extra = self.size.height - down * high if row == down - 1 else 0
            count = min(across, max(1, len(PANELS) - row * across))
            charts = [
                self._chart(row * across + at, seen, wide, high + extra)
                for at, wide in enumerate(shares(self.size.width, count))
            ]
            lines += [
                [each for part in parts for each in part] for parts in zip(*charts, strict=True)
            ]
        return lines

    def _chart(self, at: int, seen: tuple[float, float], width: int, height: int) -> list[Line]:
        panel = PANELS[(self.first + at) % len(PANELS)]
        view = View(
            self._title(panel),
            self.axis,
            *seen,
            self.logarithmic,
            self.cursor,
            self.grid,
            self.has_focus and at == 0,
        )
        traces = self._traces(panel)
        return draw_chart(traces, view, width, height, self.palette, self.glyphs)

    def _title(self, panel: Panel) -> str:
        parts = [panel.title]
        if panel.smooth and self.decay:
            parts.append(f"EMA {self.decay:g}".replace("0.", "."))
        if self.logarithmic:
            parts.append("log")
        return " ".join(parts)

    def cell_text(self) -> str:
        """The values that the chart in front reads out."""
        view = View("", self.axis, cursor=self.cursor)
        return read_out(self._title(self.panel), self._traces(self.panel, named=True), view)

    def rows(self) -> Rows:
        """The curves of the chart in front."""
        title, traces = self._title(self.panel), self._traces(self.panel, named=True)
        return curve_rows([(title, trace) for trace in traces], self.axis)

    def _traces(self, panel: Panel, *, named: bool = False) -> list[Trace]:
        traces = []
        several = len(panel.series) > 1
        for one in self._shown:
            name = one.name
            for place, (suffix, series) in enumerate(panel.series):
                made = self._curve(one.histories, series, self.decay if panel.smooth else 0.0)
                if several and made.curve.ends is None:
                    continue
                alarms = self._alarms(one) if panel is PANELS[0] else None
                label = f"{name} {suffix}".strip()
                look = (one.number, place, made.smoothed, alarms, one.shade, made.counts, one.front)
                traces.append(Trace(label, made.curve, *look))
                if not named:
                    name = ""  # its colour says whose the others are
        return traces

    def _alarms(self, one: Shown) -> Floats:
        return np.concatenate([each.alarm_places(self.axis) for each in one.histories])

    def _curve(self, histories: tuple[History, ...], series: str, decay: float) -> Made:
        """A curve and its average, made anew only where its runs have logged more."""
        key = (tuple(each.run.path for each in histories), series, self.axis, decay)
        version = sum(each.version for each in histories)
        known, made = self._made.get(key, (-1, None))
        if made is None or known != version:
            made = make_curve(histories, series, self.axis, decay)
            while len(self._made) >= MOST_MADE:
                del self._made[next(iter(self._made))]
            self._made[key] = (version, made)
        return made

    def _whole(self) -> tuple[float, float]:
        """The x at both ends of all curves, the same for all charts."""
        return x_range(self._traces(PANELS[0]), View("", self.axis))

    def _range(self) -> tuple[float, float]:
        left, right = self._whole()
        return (left if self.left is None else self.left), (
            right if self.right is None else self.right
        )
