"""Tab 5: query by query, rankings side by side, and a search for a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from hybench.errors import UsageError
from hybench.tui.context import Hints
from hybench.tui.draw.table import Column, Table
from hybench.tui.draw.text import Verbatim
from hybench.tui.model.detail_files import queries_outlet, rankings_outlet
from hybench.tui.model.export import Outlet
from hybench.tui.model.queries import (
    Differences,
    Pair,
    differences,
    other_arms,
    pair_of,
    query_table,
    select,
)
from hybench.tui.model.rankings import describe_query, ranking_table, rankings
from hybench.tui.widgets.grid import Grid
from hybench.tui.widgets.line_widget import focus_now
from hybench.tui.widgets.lines import Bar, Heading, Part, Reader
from hybench.tui.widgets.pane import Tab
from hybench.tui.widgets.prompt import Prompt
from hybench.tui.widgets.results_pane import ResultsPane, error_lines
from hybench.tui.widgets.search_pane import SearchPane, hints_on

if TYPE_CHECKING:
    from hybench.comparison.rankings import QueryKey, Rankings


class QueriesPane(SearchPane):
    """The list of queries; over it, when one is opened, both rankings, or the hits of a search."""

    DEFAULT_CSS = """
    QueriesPane #queries-text { height: 3; }
    QueriesPane #queries-detail { display: none; }
    QueriesPane.detail #queries-detail { display: block; }
    QueriesPane.detail #queries-grid { display: none; }
    QueriesPane.searched #queries-grid { display: none; }
    QueriesPane.searched #queries-detail { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter: lang:yo in:en Δ<-20 words", id="filter_queries"),
        Binding("s", "sort", "Worst or best first", id="sort_queries"),
        Binding("n", "arm(1)", "Next run", id="next_run"),
        Binding("p", "arm(-1)", "Previous run", id="previous_run"),
        Binding("escape", "back", "Back to the list", id="back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.arm: int | None = None
        self.filter = self._in_force = ""
        self.best_first = False
        self._pair: Pair | None = None
        self._found: Differences | None = None
        self._error = ""
        self._count = 0
        self._asked: QueryKey | None = None
        self._text: list[Part] = []

    def compose(self) -> ComposeResult:
        """A heading, the list or what was opened, and the query's whole text."""
        yield Bar(self._heading, id="queries-head")
        yield Grid(sorts=True, id="queries-grid")
        yield Grid(id="queries-detail")
        yield Reader(classes="why")
        yield Prompt("filter", id="queries-filter")
        yield from self.search_widgets()
        yield Reader(id="queries-text")

    @property
    def detail(self) -> Grid:
        """What was opened."""
        return self.query_one("#queries-detail", Grid)

    @property
    def pair(self) -> Pair | None:
        """Whose queries are compared."""
        return self._pair

    @property
    def opened(self) -> Grid:
        """The list, the rankings, or the hits of a search: what is in sight."""
        if self.has_class("searched"):
            return self.hits
        return self.detail if self.has_class("detail") else self.grid

    @property
    def hints(self) -> Hints:
        """The most useful actions on what is in sight."""
        return hints_on(searched=self.has_class("searched"), opened=self.has_class("detail"))

    def focus_first(self) -> None:
        """Take the focus."""
        focus_now(self.opened)

    def go_to(self, language: str, arm: int | None) -> None:
        """Show the queries of a language, of one arm against the reference."""
        self.filter = f"lang:{language}"
        self.arm = arm
        self.remove_class("detail", "searched")
        self._show_list()

    def update_view(self) -> None:
        """Ask for the differences, and show those that are there."""
        self.dashboard.request_scores()
        scores, found = self.scores, self.comparison
        if scores is None or found is None:
            self._empty(self.why_empty())
            return
        arms = other_arms(found)
        self.arm = self.arm if self.arm in arms else arms[0]
        pair = pair_of(scores, self.arm, self.dashboard.arm_color, self.dashboard.options.data_dir)
        if pair != self._pair:
            self._pair, self._found, self._error = pair, None, ""
            self.in_thread(pair, lambda: differences(pair))
        if self._error:
            self._empty(error_lines(self._error))
        if self.has_class("searched"):
            self.show_hits()  # in the room that there is now
        self.query_one("#queries-head", Bar).update_heading()

    def on_results_pane_read(self, message: ResultsPane.Read) -> None:
        """Show what was read, unless something else was asked for meanwhile."""
        if not self.dashboard.is_running:
            return
        if self.take_found(message):
            return
        if message.asked == self._pair:
            self._error = message.error
            if isinstance(message.found, Differences):
                self._found = message.found
                self._show_list()
            self.update_view()
        elif message.asked == self._asked:
            if message.error:
                self._text = [(message.error.replace("\n", " "), "warn")]
            elif message.found is not None and self._pair is not None:
                found = cast("Rankings", message.found)
                self.detail.show(ranking_table(found, self._pair, self.size.width))
                self._text = [*describe_query(found)]
            self.query_one("#queries-text", Reader).show(self._text)

    def _empty(self, why: list[Part]) -> None:
        self.show_why(why)
        self.query_one("#queries-text", Reader).show([])

    def _show_list(self) -> None:
        if self._found is None:
            return
        self.remove_class("empty")
        try:
            chosen = select(self._found, self.filter)
        except UsageError as error:
            self.dashboard.say(f"{error.what} {error.do}")
            self.filter = self._in_force
            return
        self._in_force = self.filter
        self._count = chosen.height
        self.grid.show(query_table(chosen, self._found.pair, best_first=self.best_first))
        self._say()

    def _say(self) -> None:
        """The heading, and the whole text of the query under the cursor."""
        self.query_one("#queries-head", Bar).update_heading()
        record = self.grid.record
        if self.opened is not self.grid:
            return
        text = record.fields[-1].text if record else "No query passes the filter."
        note = self._found.note if self._found else ""
        self.query_one("#queries-text", Reader).show([(text, ""), (note, "warn")])

    def _heading(self) -> Heading:
        pair = self._pair
        if self.searched is not None and self.has_class("searched"):
            return self.search_heading(self.searched)
        if pair is None:
            return Heading()
        names = " against ".join(side.label for side in reversed(pair.sides))
        parts: list[Part] = [
            (f" {names}", "head"),
            (f" · {pair.key} · {pair.setting} · {pair.metric}", ""),
        ]
        if self._found is None:
            return Heading(parts, ("reading…",))
        if self.has_class("detail"):
            return Heading(parts, (self.detail.in_sight,))
        order = self.grid.order
        first = f"{'best' if self.best_first else 'worst'} first"
        words = [f"filter {self.filter}"] if self.filter else []
        shown = f"by {order.label}" if order else first
        return Heading(parts, (self._in_sight(self._found), shown, *words))

    def _in_sight(self, found: Differences) -> str:
        """Which queries are in sight, of how many that pass the filter, of how many."""
        seen = self.grid.in_sight.partition(" ")[0]  # of those listed, `MOST` at most
        counts = [f"{self._count:,}"] if seen or self.filter else []
        counts += [f"{found.frame.height:,}"] if self.filter else []
        return " of ".join([*[seen][: bool(seen)], *counts])

    def on_grid_moved(self) -> None:
        """Show the query, or the passage, in full."""
        record = self.detail.record
        if self.has_class("searched"):
            self.say_hit()
        elif not self.has_class("detail"):
            self._say()
        elif record is not None:
            said = [*self._text[:1], (record.fields[-1].text, "")]
            self.query_one("#queries-text", Reader).show(said)

    def on_grid_chosen(self) -> None:
        """Open the rankings of the query, or the passage of a hit."""
        record = self.grid.record
        if self.has_class("searched"):
            self.open_passage()
            return
        if self.has_class("detail") or record is None or self._pair is None:
            return
        if isinstance(record.key, tuple):
            pair, query, text = self._pair, record.key, record.fields[-1].text
            self._asked = query
            self.remove_class("empty")
            self.add_class("detail")
            self.detail.row = 0
            self.detail.show(Table((Column(""),)))
            focus_now(self.detail)
            self.dashboard.say("")
            said = [(Verbatim(text), "best"), ("reading…", "quiet")]
            self.query_one("#queries-text", Reader).show(said)
            self.in_thread(query, lambda: rankings(pair, query, text))

    def action_back(self) -> None:
        """Close what was opened."""
        if self.has_class("searched"):
            self.remove_class("searched")
        else:
            self.remove_class("detail")
            self._asked = None
        focus_now(self.opened)
        self.dashboard.say("")
        self._say()

    def action_arm(self, by: int) -> None:
        """Compare another run."""
        if self.comparison is not None and self.arm is not None:
            arms = other_arms(self.comparison)
            self.arm = arms[(arms.index(self.arm) + by) % len(arms)]
            self.remove_class("detail")
            self._asked = None
            self.update_view()
            if self.has_class("searched") and self.searched is not None:
                self.search(self.searched.text)
            self.focus_first()
            self._say()

    def action_sort(self) -> None:
        """Show the best, or the worst, first."""
        self.best_first = not self.best_first
        self.grid.order = None
        self._show_list()

    def action_filter(self) -> None:
        """Ask what to show."""
        self.query_one("#queries-filter", Prompt).ask(self.filter)

    def on_prompt_answered(self, message: Prompt.Answered) -> None:
        """Filter, or search."""
        self.focus_first()
        if message.prompt.id == "queries-filter":
            self.filter = message.text
            self.remove_class("detail", "searched")
            focus_now(self.grid)
            self._show_list()
        elif message.given and message.text.strip():
            self.search(message.text.strip())

    def outlet(self) -> Outlet | None:
        """The list of queries, the rankings, or the hits of a search."""
        if self.has_class("searched"):
            return super().outlet()
        pair, asked = self._pair, self._asked
        if pair is None or self._found is None:
            return None
        if self.has_class("detail") and asked is not None:
            return rankings_outlet(pair, asked)
        return queries_outlet(pair, self._in_force, best_first=self.best_first)


TAB = Tab("queries", "Queries", 5, QueriesPane)
