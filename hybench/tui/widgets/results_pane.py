"""What the tabs share that show results: which set, metric, setting and reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from hybench.tui.model.export import Outlet, comparison_outlet
from hybench.tui.model.notes import notes_and_legend
from hybench.tui.model.scores import Scores
from hybench.tui.widgets.lines import Part
from hybench.tui.widgets.pane import Pane
from hybench.tui.widgets.screens import NotesScreen
from hybench.wording.commands import eval_command
from hybench.wording.error_messages import what_and_do

if TYPE_CHECKING:
    from hybench.comparison.model import Comparison


class ResultsPane(Pane):
    """A tab that shows the comparison, or says why there is none."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "metric(1)", "Next metric", id="next_metric"),
        Binding("M", "metric(-1)", "Previous metric", id="previous_metric"),
        Binding("t", "setting", "Setting: mono, cross, multi", id="setting"),
        Binding("o", "data", "Next data set", id="data"),
        Binding("G", "seeds", "Group the seeds of an arm, or show them apart", id="seeds"),
        Binding("i", "notes", "Summary, notes and legend", id="reading"),
    ]

    class Read(Message):
        """Something was read in a thread: what was asked, and what came of it."""

        def __init__(self, asked: object, found: object, error: str) -> None:
            super().__init__()
            self.asked, self.found, self.error = asked, found, error

    def in_thread(self, asked: object, read: Callable[[], object]) -> None:
        """Read something in a thread; a message says what came of it."""

        def work() -> None:
            try:
                said = self.Read(asked, read(), "")
            except Exception as error:  # noqa: BLE001 - shown in the pane
                said = self.Read(asked, None, "\n".join(what_and_do(error)))
            self.post_message(said)

        self.dashboard.in_background(work)

    @property
    def scores(self) -> Scores | None:
        """The comparison, where there is one."""
        return self.dashboard.comparisons.scores

    @property
    def comparison(self) -> Comparison | None:
        """The table of the setting chosen."""
        return None if self.scores is None else self.scores.comparison

    def arm_colors(self) -> list[int]:
        """Numbers of the colours of the arms, by column."""
        arms = self.scores.arms if self.scores is not None else ()
        return [self.dashboard.arm_color(arm) for arm in arms]

    def outlet(self) -> Outlet | None:
        """The comparison."""
        return None if self.scores is None else comparison_outlet(self.scores)

    def action_metric(self, by: int) -> None:
        """Ask for another metric."""
        if self.scores is not None:
            metric = self.scores.comparison.metric
            self.dashboard.choose(metric=_next(self.scores.metrics, metric, by))

    def action_setting(self) -> None:
        """Show another setting."""
        if self.scores is not None:
            setting = self.scores.comparison.setting
            self.dashboard.choose(setting=_next(self.scores.settings, setting))

    def action_data(self) -> None:
        """Ask for another data set; a published system is one of this set."""
        if self.scores is not None:
            key = _next(self.scores.keys, self.scores.key)
            self.dashboard.choose(key=key, metric="", published="")

    def action_seeds(self) -> None:
        """Take seeds together, or apart."""
        self.dashboard.choose(group_seeds=not self.dashboard.comparisons.choices.group_seeds)

    def notes_below(self, *, pair: bool = False) -> list[Part]:
        """Notes and legend, and that not all marked runs are compared, where it is so."""
        if self.comparison is None or self.scores is None:
            return []
        return notes_and_legend(self.comparison, self._left_out(self.scores), pair=pair)

    def _left_out(self, scores: Scores) -> str:
        """That not all marked runs are compared; empty where they are."""
        count, marked = sum(map(len, scores.arms)), len(self.dashboard.marked)
        why = f"those with results of {scores.key}"
        said = f"{count} of the {marked} marked runs are compared: {why}."
        return said if count < marked else ""

    def action_notes(self) -> None:
        """Show all that is said of the comparison."""
        if self.comparison is not None and self.scores is not None:
            left_out = self._left_out(self.scores)
            self.dashboard.push_screen(NotesScreen(self.comparison, left_out))

    def why_empty(self) -> list[Part]:
        """What to do so that there is something to see."""
        dashboard = self.dashboard
        comparisons = dashboard.comparisons
        if comparisons.error:
            return error_lines(comparisons.error)
        if comparisons.busy:
            return [("", ""), ("  Comparing…", "quiet")]
        for study in dashboard.studies:
            if study.at_work:
                return [
                    ("", ""),
                    ("  No run here has results yet.", ""),
                    (f"  The study evaluates each cell that is trained: {study.progress}.", ""),
                ]
        run = next(iter(dashboard.watched.views), None)
        if run is None and (missing := self.missing_folders()):
            return [("", ""), (f"  {missing}", "warn")]
        return [
            ("", ""),
            ("  No run here has results yet.", ""),
            (f"  Evaluate one: {eval_command('SET', run)}", "accent"),
        ]

    def heading(self) -> tuple[list[Part], tuple[str, ...]]:
        """What is compared; and what has room elsewhere: how many notes there are, and runs."""
        found = self.comparison
        if found is None or self.scores is None:
            return [], ()
        from hybench.comparison.units import metric_style

        factor = metric_style(found.metric).factor
        parts = [
            (f" {found.dataset} ({found.split})", "head"),
            (f" · {found.setting} · {found.metric}" + (f" ×{factor:g}" if factor != 1 else ""), ""),
        ]
        if found.baseline is not None:
            parts.append((f"   reference: {found.columns[found.baseline].label}", "accent"))
        if self.dashboard.comparisons.busy:
            parts.append(("   comparing…", "quiet"))
        count = sum(map(len, self.scores.arms))
        dashboard = self.dashboard
        every = len(dashboard.marked or dashboard.watched.views)
        what = "marked" if dashboard.marked else "runs"
        notes = f"{len(found.notes)} note{'s' * (len(found.notes) > 1)}: i" if found.notes else ""
        return parts, (notes, f"{f'{count} of {every}' if count < every else count} {what}")


def error_lines(error: str) -> list[Part]:
    """What went wrong and what to do, where a table would stand."""
    return [("", ""), *((f"  {line}", "warn") for line in error.splitlines())]


def _next(values: tuple[str, ...], value: str, by: int = 1) -> str:
    return values[(values.index(value) + by) % len(values)] if value in values else values[0]
