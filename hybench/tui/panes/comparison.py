"""Tab 4: one arm against the reference."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from hybench.errors import HybenchError
from hybench.tui.model.comparison import comparison_table, comparison_verdict, config_differences
from hybench.tui.model.matrix import arm_text
from hybench.tui.model.outlook import StudyOutlook, arm_sentences, read_outlook
from hybench.tui.model.scores import Scores
from hybench.tui.widgets.grid import Grid
from hybench.tui.widgets.lines import Bar, Heading, Part, Reader
from hybench.tui.widgets.pane import Tab
from hybench.tui.widgets.results_pane import ResultsPane

SAID = 3
"""Lines below the table, at least."""


class ComparisonPane(ResultsPane):
    """Verdict, differences, configs; and the export."""

    DEFAULT_CSS = """
    ComparisonPane #comparison-config { height: 1fr; }
    """
    hints = (
        ("next_run previous_run", "run"), ("reference", "reference"), ("next_metric", "metric"),
        ("setting", "setting"), ("export", "export"), ("reading", "notes"),
    )  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "arm(1)", "Next run", id="next_run"),
        Binding("p", "arm(-1)", "Previous run", id="previous_run"),
        Binding("b", "reference", "Make this run the reference", id="reference"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.arm = 0
        self._asked: Scores | None = None

    def compose(self) -> ComposeResult:
        """A heading, the verdict, the table, what differs in the configs, notes and legend."""
        yield Bar(self._heading, id="comparison-head")
        yield Reader(id="comparison-verdict")
        yield Grid(sorts=True, id="comparison-grid")
        yield Reader(classes="why")
        yield Reader(id="comparison-config")

    def update_view(self) -> None:
        """Show the arm."""
        self.dashboard.request_scores()
        scores, found = self.scores, self.comparison
        if scores is None or found is None:
            self._empty(self.why_empty())
        elif found.baseline is None or len(found.columns) < 2:
            name = found.columns[0].label
            why = f"  There is nothing to compare {name} with."
            mark = "  Unmark it, or mark a second run with results (tab 1, space)."
            self._empty([("", ""), (why, ""), (mark, "accent")])
        else:
            self.remove_class("empty")
            self._show()
        self.query_one("#comparison-head", Bar).update_heading()

    def _empty(self, why: list[Part]) -> None:
        self.show_why(why)
        for name in ("#comparison-verdict", "#comparison-config"):
            self.query_one(name, Reader).show([])

    def _show(self) -> None:
        scores, found = self.scores, self.comparison
        if scores is None or found is None or found.baseline is None:
            return
        self.arm %= len(found.columns)
        if self.arm == found.baseline:
            self.arm = (self.arm + 1) % len(found.columns)
        verdict = self.query_one("#comparison-verdict", Reader)
        verdict.show([(text, "") for text in comparison_verdict(found, self.arm)])
        lines = min(verdict.lines_at(self.size.width), max(3, self.size.height // 5))
        verdict.styles.height = lines
        self.grid.show(comparison_table(found, self.arm, self.size.width, self.arm_colors()))
        self.fit_grid(lines + SAID)
        try:
            differing = config_differences(scores, self.arm, found.baseline)
        except HybenchError as error:
            differing = [error.what]
        text = "; ".join(differing) or "nothing"
        said: list[Part] = [(f"Configs differ in: {text}.", "")]
        outlook: list[Part] = [(each, "accent") for each in self._outlook(scores)]
        said = [*outlook, *said] if found.unfinished else [*said, *outlook]
        said += self.notes_below(pair=True)
        self.query_one("#comparison-config", Reader).show(said)

    def _outlook(self, scores: Scores) -> list[str]:
        """What more seeds or queries would tell of the arm, once that has been read."""
        comparisons = self.dashboard.comparisons
        known = comparisons.outlook is not None and comparisons.outlook.scores is scores
        if not known and self._asked is not scores:
            self._asked = scores
            self.in_thread(scores, lambda: read_outlook(scores))
        return arm_sentences(comparisons.outlook, scores, self.arm)

    def on_results_pane_read(self, message: ResultsPane.Read) -> None:
        """Show the outlook, or keep in the log why there is none."""
        if isinstance(message.found, StudyOutlook):
            self.dashboard.comparisons.outlook = message.found
            self.update_view()
        else:
            self.dashboard.watched.log(message.error.replace("\n", " "))

    def _heading(self) -> Heading:
        found = self.comparison
        parts, spare = self.heading()
        if found is None or found.baseline is None:
            return Heading(parts, spare=spare)
        at = self.arm % len(found.columns)
        record = found.records[at]
        score = f"  W/T/L {record.wins}/{record.ties}/{record.losses}" if record else ""
        parts = [(f" {arm_text(found, at)}{score}  ", "head"), *parts]
        right = (f"{at + 1}/{len(found.columns)}", self.grid.in_sight)
        return Heading(parts, right, spare[:1])

    def on_grid_chosen(self) -> None:
        """Open the queries of the language."""
        self.dashboard.show_tab("queries", str(self.grid.key).partition(" ")[0], self.arm)

    def action_arm(self, by: int) -> None:
        """Show another arm."""
        found = self.comparison
        if found is not None:
            self.arm = (self.arm + by) % len(found.columns)
            if self.arm == found.baseline:
                self.arm = (self.arm + by) % len(found.columns)
            self.update_view()

    def action_reference(self) -> None:
        """Measure from this arm."""
        found = self.comparison
        if found is not None:
            self.dashboard.choose(reference=found.columns[self.arm].label)


TAB = Tab("compare", "Compare", 4, ComparisonPane)
