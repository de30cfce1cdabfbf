"""Tab 6: dev scores of every language while arms train."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from hybench.tui.draw.arrays import np
from hybench.tui.draw.text import short
from hybench.tui.model.arms import APART, ARM, Group, groups_to_draw
from hybench.tui.model.curve_files import LANGUAGES, CurveChoice
from hybench.tui.model.dev_choice import DevChoice
from hybench.tui.model.dev_curves import DevCurves, describe_language, dev_curves, dev_table
from hybench.tui.model.export import Outlet, curve_outlet
from hybench.tui.widgets.grid import Grid
from hybench.tui.widgets.line_widget import focus_now
from hybench.tui.widgets.lines import Bar, Heading, Part, Reader
from hybench.tui.widgets.multiples import Multiples
from hybench.tui.widgets.pane import Pane, Tab


class DevPane(Pane):
    """A chart of every language with the arms in it, or their scores at a step as a table."""

    DEFAULT_CSS = """
    DevPane #dev-charts { height: 1fr; }
    DevPane #dev-said { height: 3; }
    DevPane #dev-grid { display: none; }
    DevPane.table #dev-grid { display: block; }
    DevPane.table #dev-charts { display: none; }
    DevPane.empty #dev-charts { display: none; }
    """
    hints = (
        ("open", "enlarge"), ("pan_left pan_right", "step"), ("live", "table"),
        ("setting", "setting"), ("data", "data"), ("seeds", "seeds"), ("grid", "grid"),
    )  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("less_than_sign,comma", "step(-1)", "Earlier validation", id="pan_left"),
        Binding("greater_than_sign,full_stop", "step(1)", "Later validation", id="pan_right"),
        Binding("v", "table", "Charts, or the scores at this step as a table", id="live"),
        Binding("t", "setting", "Setting: mono, multi", id="setting"),
        Binding("o", "data", "Next data set", id="data"),
        Binding("b", "reference", "Measure from the next arm", id="reference"),
        Binding("G", "seeds", "Group the seeds of an arm, or show them apart", id="seeds"),
        Binding("number_sign", "grid", "Grid in the charts", id="grid"),
        Binding("s", "sort", "Sort the table by this column", id="sort_column"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.dev = DevChoice()
        self.reference, self._chosen = "", ""
        self._found: DevCurves | None = None
        self._key: object = None

    def compose(self) -> ComposeResult:
        """A heading, the charts or the table, and since when which arm is ahead."""
        yield Bar(self._heading, id="dev-head")
        yield Multiples(id="dev-charts")
        yield Grid(by_cell=True, sorts=True, id="dev-grid")
        yield Reader(classes="why")
        yield Reader(id="dev-said")

    @property
    def charts(self) -> Multiples:
        """The charts."""
        return self.query_one(Multiples)

    def focus_first(self) -> None:
        """Take the focus."""
        focus_now(self.grid if self.has_class("table") else self.charts)

    def shown(self) -> list[Group]:
        """The arms of the marked runs, or of all that were trained."""
        dashboard = self.dashboard
        if dashboard.marked:
            return dashboard.shown_groups()
        every = [group for group in dashboard.groups() if group.views[0].status.steps]
        return groups_to_draw(every, every, None)

    def runs_to_read(self) -> list[Path]:
        """The runs whose logs it needs whole."""
        return [path for group in self.shown() for path in group.paths]

    def update_view(self) -> None:
        """Draw what is new."""
        watched = self.dashboard.watched
        groups = self.shown()
        found = [
            [(view, each) for view in group.views if (each := watched.history(view.path))]
            for group in groups
        ]
        read = [
            (group, [each for _, each in pairs]) for group, pairs in zip(groups, found, strict=True)
        ]
        if not self.dev.offer(history for _, histories in read for history in histories):
            self._found = self._key = None
            self._say_why()
        else:
            self.remove_class("empty")
            versions = tuple((group.key, *(h.version for h in each)) for group, each in read)
            key = (versions, self.dev.data, self.dev.setting)
            if key != self._key:
                arms = [(self._label(group), each) for group, each in read if each]
                seeds = [[view.config.get("seed", 0) for view, _ in each] for each in found if each]
                self._key = key
                self._found = dev_curves(arms, self.dev.data, self.dev.setting, seeds)
            self._show([group for group, each in read if each])
        self.query_one("#dev-head", Bar).update_heading()

    @staticmethod
    def _label(group: Group) -> str:
        return f"{group.label} ({len(group.views)})" if len(group.views) > 1 else group.label

    def _show(self, groups: list[Group]) -> None:
        found = self._found
        if found is None:
            return
        shades = self.dashboard.arm_colors.shades(groups)
        colors = tuple(shades[group.key] for group in groups)
        self.charts.show(found, colors)
        self.grid.show(dev_table(found, self._place(found), [number for number, _ in colors]))
        self.reference = self._chosen
        if self.reference not in found.arms:
            mono = (
                self._label(group)
                for group in groups
                if group.views[0].config.get("alpha") == 1
                and group.views[0].config.get("strategy") == "hybrid"
            )
            self.reference = next(mono, found.arms[0])
        self._say()

    def _place(self, found: DevCurves) -> float:
        """The step whose scores are read out."""
        if self.charts.cursor is not None:
            return self.charts.cursor
        return float(found.places[-1]) if len(found.places) else 0.0

    def _say(self) -> None:
        found = self._found
        if found is None:
            return
        code = str(self.grid.key) if self.has_class("table") else self.charts.language
        at = found.arms.index(self.reference) if self.reference in found.arms else 0
        self.query_one("#dev-said", Reader).show([(describe_language(found, code, at), "")])

    def _say_why(self) -> None:
        said = self.missing_folders() or "None of the runs shown has validated yet."
        self.show_why(
            [
                ("", ""),
                (f"  {said}", ""),
                ("  hybench train validates every --validate-every steps.", "accent"),
            ]
        )
        self.query_one("#dev-said", Reader).show([])

    def _heading(self) -> Heading:
        found = self._found
        if found is None:
            return Heading()
        parts: list[Part] = [
            (f" {self.dev.data}", "head"),
            (f" · {self.dev.setting} · dev nDCG@10 ×100", ""),
            (f"   reference: {self.reference}", "accent"),
        ]
        table = self.has_class("table")
        at_ends = self.charts.cursor is None and not table
        step = "at their ends" if at_ends else f"step {short(self._place(found), 6)}"
        seen = "" if table else self.charts.in_sight
        arms = f"{len(found.arms)} arm{'s' * (len(found.arms) != 1)}"
        return Heading(parts, (seen, step), (arms,))

    def on_multiples_moved(self) -> None:
        """Say what is so in the language under the cursor."""
        self.update_view()

    def on_grid_moved(self) -> None:
        """Likewise."""
        self._say()

    def on_grid_chosen(self) -> None:
        """Enlarge the language's chart."""
        found = self._found
        if found is not None and self.grid.key in found.languages:
            self.charts.at = found.languages.index(str(self.grid.key))
            self.charts.enlarged = True
            self.action_table()

    def outlet(self) -> Outlet | None:
        """The charts, or the one that is enlarged; of the table all of its steps."""
        if self._found is None:
            return None
        enlarged = self.charts.enlarged and not self.has_class("table")
        languages = (self.charts.language,) if enlarged else ()
        choice = CurveChoice(
            tuple(self.runs_to_read()),
            LANGUAGES,
            group_by=self.dashboard.group_by,
            data=self.dev.data,
            setting=self.dev.setting,
            languages=languages,
        )
        return curve_outlet(choice, "dev")

    def action_sort(self) -> None:
        """Sort the table by the arm under the cursor."""
        if self.has_class("table"):
            self.grid.sort_by(self.grid.column)

    def action_step(self, by: int) -> None:
        """Read out the validation before or after."""
        found = self._found
        if found is None or not len(found.places):
            return
        at = int(np.argmin(np.abs(found.places - self._place(found)))) + by
        self.charts.cursor = float(found.places[max(0, min(at, len(found.places) - 1))])
        self.update_view()

    def action_table(self) -> None:
        """Show the table, or the charts."""
        self.toggle_class("table")
        self.update_view()
        self.focus_first()

    def action_setting(self) -> None:
        """Show another setting."""
        self.dev.next_setting()
        self.update_view()

    def action_data(self) -> None:
        """Show another dev set."""
        self.dev.next_data()
        self.update_view()

    def action_reference(self) -> None:
        """Measure from the next arm."""
        found = self._found
        if found is not None and found.arms:
            at = found.arms.index(self.reference) if self.reference in found.arms else -1
            self._chosen = found.arms[(at + 1) % len(found.arms)]
            self.update_view()

    def action_seeds(self) -> None:
        """Group runs by arm, or show each."""
        self.dashboard.group_by = APART if self.dashboard.group_by != APART else ARM
        self.update_view()
        self.dashboard.tick()

    def action_grid(self) -> None:
        """Draw the charts with a grid, or without."""
        self.charts.grid = not self.charts.grid
        self.charts.refresh()


TAB = Tab("dev", "Dev", 6, DevPane)
