"""Tab 2: languages by runs."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from hybench.tui.draw.table import Table
from hybench.tui.model.arms import APART
from hybench.tui.model.color_scale import SCALES
from hybench.tui.model.curve_files import LANGUAGES, CurveChoice
from hybench.tui.model.dev_choice import DevChoice
from hybench.tui.model.export import Outlet, curve_outlet
from hybench.tui.model.matrix import describe_field, live_table, matrix_table
from hybench.tui.widgets.grid import Grid
from hybench.tui.widgets.line_widget import focus_now
from hybench.tui.widgets.lines import Bar, Heading, Part, Reader
from hybench.tui.widgets.pane import Tab
from hybench.tui.widgets.prompt import Prompt
from hybench.tui.widgets.results_pane import ResultsPane

SAID = 4
"""Lines below the matrix, at least."""


class MatrixPane(ResultsPane):
    """Scores by language and run, or the last validations of runs that train."""

    DEFAULT_CSS = """
    MatrixPane #matrix-notes { height: 1fr; }
    """
    hints = (
        ("next_metric", "metric"), ("setting", "setting"), ("difference", "difference"),
        ("reference", "reference"), ("sort_column", "sort"), ("reading", "notes"),
    )  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "difference", "Values, or differences from the reference", id="difference"),
        Binding("c", "scale", "Colours by language, one scale for all, or none", id="scale"),
        Binding("b", "reference", "Make the run of this column the reference", id="reference"),
        Binding("s", "sort", "Sort by this column, down, up, or by language", id="sort_column"),
        Binding("v", "live", "Last validations of the runs, or results", id="live"),
        Binding("P", "published", "Show a published system", id="published"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.difference = False
        self.live = False
        self.scale = SCALES[0]
        self.sort: tuple[int, bool] | None = None
        self.dev = DevChoice()

    def compose(self) -> ComposeResult:
        """A heading, the matrix, a sentence on the field under the cursor, notes and legend."""
        yield Bar(self._heading, id="matrix-head")
        yield Grid(by_cell=True, id="matrix-grid")
        yield Reader(classes="why")
        yield Prompt("published system", id="matrix-ask")
        yield Reader(id="matrix-notes")

    def update_view(self) -> None:
        """Show the scores."""
        self.dashboard.request_scores()
        found = self.comparison
        if not self.live and found is None:
            self._empty(self.why_empty())
        elif self.live:
            table = self._live()
            if table.records:
                self._filled(table)
            else:
                self._empty(
                    [
                        ("", ""),
                        ("  None of the runs shown has validated yet.", ""),
                        ("  hybench train validates every --validate-every steps.", "accent"),
                    ]
                )
        elif found is not None:
            sort, up = self.sort or (None, False)
            self._filled(
                matrix_table(
                    found,
                    difference=self.difference,
                    sort=sort,
                    up=up,
                    by=self.scale,
                    width=self.size.width,
                    colors=self.arm_colors(),
                )
            )
        self.query_one("#matrix-head", Bar).update_heading()

    def _filled(self, table: Table) -> None:
        self.remove_class("empty")
        self.grid.show(table)
        self.fit_grid(SAID)
        self._say()

    def _empty(self, why: list[Part]) -> None:
        self.show_why(why)
        self.query_one("#matrix-notes", Reader).show([])

    def _live(self) -> Table:
        dashboard = self.dashboard
        paths = dashboard.shown_runs()
        names = [dashboard.watched.views[path].name for path in paths]
        found = [dashboard.watched.history(path) for path in paths]
        if not self.dev.offer(history for history in found if history):
            return live_table((), ())
        scores = []
        for history in found:
            last = history.validations[-1] if history and history.validations else None
            by_setting = last.scores.get(self.dev.data, {}) if last else {}
            scores.append(by_setting.get(self.dev.setting))
        return live_table(names, scores)

    def _heading(self) -> Heading:
        in_sight = f"rows {self.grid.in_sight}" if self.grid.in_sight else ""
        if self.live:
            live = [
                (" last validations", "head"),
                (f" · {self.dev.data} · {self.dev.setting} · nDCG@10 ×100", ""),
            ]
            return Heading(live, (in_sight,), ("marked runs, or the one under the cursor",))
        parts, spare = self.heading()
        if self.difference and parts:
            parts.append(("   differences", "warn"))
        found = self.comparison
        if found is not None and self.sort is not None and self.sort[0] < len(found.columns):
            first = "worst" if self.sort[1] else "best"
            parts.append((f"   by {found.columns[self.sort[0]].label}, {first} first", "accent"))
        return Heading(parts, (in_sight,), spare)

    @property
    def _arm(self) -> int:
        """The arm that the cursor is in."""
        return self.grid.column - self.grid.table.frozen

    def _say(self) -> None:
        found = self.comparison
        said: list[Part] = []
        if not self.live and found is not None:
            said = [(describe_field(found, self.grid.key, self._arm), ""), *self.notes_below()]
        self.query_one("#matrix-notes", Reader).show(said)

    def on_grid_moved(self) -> None:
        """Describe the numbers under the cursor."""
        self._say()

    def on_grid_chosen(self) -> None:
        """Open the queries of the language."""
        found = self.comparison
        if not self.live and found is not None and self.scores is not None:
            arm = self._arm if self._arm < len(self.scores.arms) else None
            self.dashboard.show_tab("queries", str(self.grid.key).partition(" ")[0], arm)

    def action_difference(self) -> None:
        """Show differences, or values."""
        self.difference = not self.difference
        self.update_view()

    def action_scale(self) -> None:
        """Colour differences by another scale, or not at all."""
        self.scale = SCALES[(SCALES.index(self.scale) + 1) % len(SCALES)]
        self.dashboard.say(f"Colours of differences: {self.scale}.")
        self.update_view()

    def action_reference(self) -> None:
        """Measure from the arm under the cursor."""
        found = self.comparison
        if found is not None and not self.live and self._arm < len(found.columns):
            self.dashboard.choose(reference=found.columns[self._arm].label)

    def action_sort(self) -> None:
        """Sort by the column under the cursor."""
        found = self.comparison
        if self.live or found is None or self._arm >= len(found.columns):
            self.dashboard.say("Languages are sorted by the column of a run with results.")
            return
        if self.sort is None or self.sort[0] != self._arm:
            self.sort = (self._arm, False)
        else:
            self.sort = (self._arm, True) if not self.sort[1] else None
        self.update_view()

    def on_grid_headed(self, message: Grid.Headed) -> None:
        """Sort by the column whose heading was clicked; by the languages, at the first ones."""
        if message.column < self.grid.table.frozen:
            self.sort = None
            self.update_view()
        else:
            self.grid.column = message.column
            self.action_sort()

    def outlet(self) -> Outlet | None:
        """The comparison; or all validations of the runs, of which the table has the last."""
        if not self.live:
            return super().outlet()
        paths = tuple(self.dashboard.shown_runs())
        if not self.dev.sets:
            return None
        data, setting = self.dev.data, self.dev.setting
        choice = CurveChoice(paths, LANGUAGES, group_by=APART, data=data, setting=setting)
        return curve_outlet(choice, "validations")

    def action_live(self) -> None:
        """Show validations, or results."""
        self.live = not self.live
        self.update_view()

    def action_setting(self) -> None:
        """Show another setting."""
        if self.live:
            self.dev.next_setting()
            self.update_view()
        else:
            super().action_setting()

    def action_data(self) -> None:
        """Show another data set."""
        if self.live:
            self.dev.next_data()
            self.update_view()
        else:
            super().action_data()

    def action_published(self) -> None:
        """Ask for a system."""
        self.query_one(Prompt).ask(self.dashboard.comparisons.choices.published)

    def on_prompt_answered(self, message: Prompt.Answered) -> None:
        """Show the system."""
        focus_now(self.grid)
        if message.given:
            self.dashboard.choose(published=message.text.strip())


TAB = Tab("matrix", "Matrix", 2, MatrixPane)
