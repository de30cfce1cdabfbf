"""A search for a text that is typed, by the two runs that a pane compares."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, cast

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.strip import Strip

from hybench.tui.context import Hints
from hybench.tui.draw.table_lines import field_style
from hybench.tui.draw.text import Verbatim, fit, width_of
from hybench.tui.model.detail_files import hits_outlet
from hybench.tui.model.export import Outlet
from hybench.tui.model.queries import Pair
from hybench.tui.model.search import Question, Searcher, read_typed
from hybench.tui.model.side_by_side import (
    SearchSide,
    SideBySide,
    mix_line,
    passage_paragraphs,
    side_at,
    side_by_side_table,
)
from hybench.tui.widgets.grid import Grid
from hybench.tui.widgets.line_widget import LineWidget, focus_now
from hybench.tui.widgets.lines import Bar, Heading, Part, Reader
from hybench.tui.widgets.prompt import Prompt
from hybench.tui.widgets.results_pane import ResultsPane
from hybench.tui.widgets.screens import TextScreen

if TYPE_CHECKING:
    from hybench.hits import Hit


_LIST: Hints = (
    ("open", "rankings"), ("filter_queries", "filter"), ("sort_queries", "sort"),
    ("next_run previous_run", "run"), ("search", "find"),
)  # fmt: skip
_RANKINGS: Hints = (("back", "list"), ("next_run previous_run", "run"), ("search", "find"))
_HITS: Hints = (("open", "passage"), ("left right", "side"), *_RANKINGS, ("export", "export"))


def hints_on(*, searched: bool, opened: bool) -> Hints:
    """The most useful actions on the hits of a search, on opened rankings, or on the list."""
    if searched:
        return _HITS
    return _RANKINGS if opened else _LIST


_ROOMY = 100
"""Cells from which on the line that asks for a text names the runs."""


class MixBars(LineWidget):
    """Which languages the first passages of each run are in, a line per run."""

    DEFAULT_CSS = "MixBars { height: 2; }"

    def __init__(self) -> None:
        super().__init__()
        self._sides: tuple[SearchSide, ...] = ()

    def show(self, sides: tuple[SearchSide, ...]) -> None:
        """Show these runs' languages."""
        self._sides = sides
        self.styles.height = len(sides)
        self.refresh()

    def draw_line(self, y: int, width: int) -> Strip:
        """The languages of a run."""
        if y >= len(self._sides):
            return Strip.blank(width)
        long = min(24, max(width_of(side.name) for side in self._sides))
        segments, room = [], width
        for field in mix_line(self._sides[y], long, width):
            size = min(width_of(field.text), room)
            text = fit(self.glyphs.plain(field.text), size, more=self.glyphs.more)
            segments.append(Segment(text, field_style(field, self.palette)))
            room -= size
        return Strip([*segments, Segment(" " * room)], width)


class PassageScreen(TextScreen):
    """One passage whole.

    Args:
        said: what stands there.
    """

    def __init__(self, said: list[Part]) -> None:
        super().__init__()
        self._said = said

    def paragraphs(self) -> list[Part]:
        """The passage, with where it stands."""
        return self._said


class SearchPane(ResultsPane):
    """A pane that compares two runs, and searches with both of them."""

    DEFAULT_CSS = """
    SearchPane #search-grid { display: none; }
    SearchPane MixBars { display: none; }
    SearchPane.searched #search-grid { display: block; }
    SearchPane.searched MixBars { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "search", "Find a text with both runs: sw: who wrote …", id="search"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.searcher = Searcher()
        self.searched: SideBySide | None = None
        self._pending: dict[object, Callable[[object, str], None]] = {}

    @property
    @abstractmethod
    def pair(self) -> Pair | None:
        """Whose hits are shown; None while there is nothing to compare."""

    def search_widgets(self) -> ComposeResult:
        """What shows the hits, and asks for the text."""
        yield MixBars()
        yield Grid(by_cell=True, id="search-grid")
        yield Prompt("search", id="queries-search")

    @property
    def hits(self) -> Grid:
        """Both lists."""
        return self.query_one("#search-grid", Grid)

    def on_unmount(self) -> None:
        """End the search process."""
        self.searcher.close()

    def action_search(self) -> None:
        """Ask what to search for."""
        if self.pair is not None:
            names = " and ".join(side.runs[0].name for side in self.pair.sides)
            with_them = f"find with {names}" if self.size.width >= _ROOMY else "find"
            label = f"{with_them} (sw: text, or all languages)"
            before = self.searched.text if self.searched else ""
            self.query_one("#queries-search", Prompt).ask(before, label)

    def search(self, text: str) -> None:
        """Ask both runs, one after the other, and look whether it is one of the set's queries."""
        pair = self.pair
        if pair is None:
            return
        language, spoken, query = read_typed(text)
        run = pair.right.runs[0].path
        count = max(Question.k, self.size.height)
        asked = Question(run, pair.data_dir, pair.dataset, language, query, count, spoken)
        sides = tuple(
            SearchSide(replace(asked, run=side.runs[0].path), side.color) for side in pair.sides
        )
        self.searched = found = SideBySide(text, sides)
        self._pending.clear()
        for side in sides:
            self._pending[side.question] = _taker(side)
            self._ask(side.question)
        self._pending[found.text] = _gold_taker(found)
        self.in_thread(found.text, lambda: _gold(pair, asked.query))
        self.add_class("searched")
        self.dashboard.say("")  # the line at the bottom names other keys now
        self.hits.row = 0
        self.show_hits()
        focus_now(self.hits)

    def _ask(self, question: Question) -> None:
        self.in_thread(question, lambda: self.searcher.ask(question))

    def take_found(self, message: ResultsPane.Read) -> bool:
        """Take an answer in; returns whether it was one to this search."""
        take = self._pending.pop(message.asked, None)
        if take is None:
            return False
        take(message.found, message.error)
        if self.has_class("searched"):
            self.show_hits()
        return True

    def search_heading(self, found: SideBySide) -> Heading:
        """Who searched, and where."""
        asked = found.sides[-1].question
        names = " against ".join(side.name for side in reversed(found.sides))
        where = f"passages in {asked.language}" if asked.language else "passages in all languages"
        parts: list[Part] = [(f" {names}", "head"), (f" · {asked.dataset} · {where}", "")]
        return Heading(parts, (self.hits.in_sight,))

    def show_hits(self) -> None:
        """Show what is there so far."""
        if self.searched is not None:
            self.query_one(MixBars).show(self.searched.sides)
            self.hits.show(side_by_side_table(self.searched, self.size.width))
            self.say_hit()
            self.query_one(Bar).update_heading()

    def say_hit(self) -> None:
        """The query, and the passage under the cursor as far as it has room."""
        found = self.searched
        if found is None:
            return
        said: list[Part] = [(Verbatim(found.text), "best"), (found.summary, "quiet")]
        failed = [side for side in found.sides if side.error]
        said[1:1] = [(" ".join(side.error.split("\n")), "warn") for side in failed]
        passage = self._passage()
        if passage:
            said.append((Verbatim(passage[-1][0]), ""))
        self.query_one("#queries-text", Reader).show([part for part in said if part[0]])

    def _passage(self) -> list[Part]:
        found, grid = self.searched, self.hits
        if found is None:
            return []
        return passage_paragraphs(found, side_at(grid.table, grid.column), grid.row)

    def open_passage(self) -> None:
        """Show the passage under the cursor whole."""
        if said := self._passage():
            self.dashboard.push_screen(PassageScreen(said))

    def outlet(self) -> Outlet | None:
        """The hits, while they are shown."""
        if self.searched is None or not self.has_class("searched"):
            return super().outlet()
        return hits_outlet(self.searched)


def _taker(side: SearchSide) -> Callable[[object, str], None]:
    def take(found: object, error: str) -> None:
        side.hits = cast("tuple[Hit, ...]", found) if isinstance(found, tuple) else None
        side.error = error

    return take


def _gold_taker(found: SideBySide) -> Callable[[object, str], None]:
    def take(gold: object, error: str) -> None:
        found.gold = cast("frozenset[tuple[str, str]]", gold) if gold is not None else None
        found.looked = not error

    return take


def _gold(pair: Pair, text: str) -> object:
    """The relevant passages, where the set is there and has the query."""
    from hybench.comparison.hit_documents import gold_of
    from hybench.comparison.query_lists import open_set

    dataset = open_set(pair.key, pair.data_dir)
    return None if dataset is None else gold_of(dataset, text)
