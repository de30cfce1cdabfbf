"""Arms instead of runs: groups, their curves, columns of config fields, and filters."""

from __future__ import annotations

from collections import UserDict
from collections.abc import ValuesView
from pathlib import Path
from threading import Event, Thread
from typing import cast

import numpy as np
import pytest
from textual.pilot import Pilot

from hybench.runs.status import RunStatus
from hybench.tui.app import Dashboard
from hybench.tui.draw.arrays import Floats
from hybench.tui.draw.curves import curve_of
from hybench.tui.draw.glyphs import UNICODE
from hybench.tui.model.arm_curves import mean_curve
from hybench.tui.model.arms import APART, DifferingFields, Grouping, grouped
from hybench.tui.model.filters import RunFilter
from hybench.tui.model.listing import ListedRuns, ListOptions
from hybench.tui.model.run_view import RunView
from hybench.tui.model.watched_runs import WatchedRuns
from hybench.tui.panes.runs import RunsPane
from tests.tui.driving import NOW, drive, frozen, options, screen, shows, until, write_training
from tests.waiting import HANG


@pytest.fixture
def arms(tmp_path: Path) -> Path:
    """Two arms of two seeds, and a run alone."""
    folder = tmp_path / "runs"
    for seed in (0, 1):
        write_training(folder, f"hybrid-s{seed}", 50 + 25 * seed, seed=seed, alpha=0.5)
        write_training(folder, f"mono-s{seed}", seed=seed, alpha=1.0, learning_rate=3e-4)
    write_training(folder, "cross", 25, alpha=0.0)
    return folder


def watched(folder: Path) -> WatchedRuns:
    runs = WatchedRuns([folder])
    for _ in runs.look(NOW):
        pass
    return runs


def test_seeds_are_an_arm_and_a_field_groups_too(arms: Path) -> None:
    views = watched(arms).views.values()
    assert [(each.label, len(each.views)) for each in grouped(views)] == [
        ("cross", 1), ("hybrid", 2), ("mono", 2),
    ]  # fmt: skip
    assert [each.label for each in grouped(views, "seed")] == ["seed 0", "seed 1"]
    assert len(grouped(views, APART)) == 5
    assert set(DifferingFields().of(views)) == {"alpha", "seed", "learning_rate"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("alpha<.6", {"cross", "hybrid-s0", "hybrid-s1"}),
        ("alpha<=.5 seed:1", {"hybrid-s1"}),
        ("alpha=1", {"mono-s0", "mono-s1"}),
        ("lr>2e-4 lr<1e-3", {"mono-s0", "mono-s1"}),
        ("state:done", {"mono-s0", "mono-s1"}),
        ("state:live", set()),
        ("step>=75", {"hybrid-s1", "mono-s0", "mono-s1"}),
        ("/^(hyb|cro)/", {"cross", "hybrid-s0", "hybrid-s1"}),
        ("!mono !CROSS", {"hybrid-s0", "hybrid-s1"}),
        ("!alpha<.6", {"mono-s0", "mono-s1"}),
        ("strategy:hyb name:s0", {"hybrid-s0", "mono-s0"}),
        ("mono interrupted", set()),
        ("nothing:1", set()),
    ],
)
def test_a_filter_lets_through_what_it_says(arms: Path, text: str, names: set[str]) -> None:
    wanted = RunFilter.read(text)
    assert not wanted.wrong
    assert {view.name for view in watched(arms).views.values() if wanted.passes(view)} == names


@pytest.mark.parametrize("text", ["alpha<", "alpha<x", "seed:", "/(/"])
def test_a_term_that_is_not_whole_lets_all_through_and_says_so(arms: Path, text: str) -> None:
    wanted = RunFilter.read(text)
    assert text in wanted.wrong
    assert all(map(wanted.passes, watched(arms).views.values()))


def test_the_mean_of_seeds_is_of_those_that_reach_a_place() -> None:
    def part(values: list[float]) -> tuple[object, Floats]:
        curve = curve_of(range(len(values)), values)
        return curve, curve.mean

    made = mean_curve([part([1.0, 2.0, 3.0]), part([3.0, 4.0])])  # type: ignore[list-item]
    assert made.counts is not None
    np.testing.assert_allclose(made.curve.x, [0, 1, 2])
    np.testing.assert_allclose(made.curve.mean, [2, 3, 3])
    np.testing.assert_allclose(made.curve.low, [1, 2, 3])
    np.testing.assert_allclose(made.curve.high, [3, 4, 3])
    np.testing.assert_allclose(made.counts, [2, 2, 1])
    assert len(mean_curve([part([])]).curve) == 0  # type: ignore[list-item]


def test_arms_are_listed_drawn_and_taken_apart(arms: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        pane = app.query_one(RunsPane)
        await shows(pilot, "hybrid (2)")
        assert "5 runs · by state   3 groups by arm" in screen(pilot)[1]
        assert [record.fields[3].text for record in pane.grid.table.records] == [
            "25/100", "50–75/100", "100/100",
        ]  # fmt: skip
        await pilot.press("down", "space")
        assert [path.name for path in app.marked] == ["hybrid-s0", "hybrid-s1"]
        await shows(pilot, "loss EMA .9 n 1  ◆hybrid")
        await pilot.press("tab", *["left"] * 40)
        await shows(pilot, "n 2  ◆hybrid")
        frozen(pilot, "arms-120x30")
        await pilot.press("escape", "tab", "G")
        await shows(pilot, "◆ ◌ interrupted hybrid-s1")
        shades = {one.shade for one in pane.charts._shown}
        assert (len(pane.charts._shown), shades) == (2, {0, 1})
        assert len({one.number for one in pane.charts._shown}) == 1
        await pilot.press("B", *["backspace"] * 3, *"lr", "enter")
        await shows(pilot, "learning_rate 0.0003 (2)")
        await pilot.press("B", *["backspace"] * 20, *"nope", "enter")
        await shows(pilot, "No run here has a field 'nope'.")

    drive(options(arms), script, (120, 30))


def test_columns_of_config_fields_sort(arms: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        pane = app.query_one(RunsPane)
        await until(pilot, lambda: "alpha" in screen(pilot)[2])
        heads = screen(pilot)[2].split()
        assert {"alpha", "lr", "seed"} <= set(heads)
        await pilot.press(*"ssss")
        assert pane.sort in {"alpha", "learning_rate", "seed"}
        await pilot.click("#run-list", offset=(screen(pilot)[2].index("alpha") + 1, 0))
        assert pane.sort == "alpha"
        rows = [record.fields[2].text for record in pane.grid.table.records]
        assert rows == ["cross", "hybrid (2)", "mono (2)"]

    drive(options(arms), script, (120, 30))


def view_of(name: str, step: int = 0, **config: object) -> RunView:
    status = RunStatus(name, Path("runs") / name, "train", "done", step=step)
    return RunView(name, status, 0.0, config=config, arm=str(config.get("alpha", name)))


def test_a_group_whose_runs_are_as_they_were_is_the_same_object() -> None:
    grouping = Grouping()
    first = [view_of("a-s0", alpha=1), view_of("a-s1", alpha=1), view_of("b", alpha=0)]
    before, changed = grouping.of(first, "arm"), [grouping.changed]
    now = [first[0], view_of("a-s1", 7, alpha=1), first[2]]
    after = grouping.of(now, "arm")
    assert after == grouped(now)
    changed.append(grouping.changed)
    assert after[1] is before[1]
    moved = [first[0], first[1], view_of("b", alpha=1)]
    assert grouping.of(moved, "arm") == grouped(moved)
    assert [*changed, grouping.changed] == [None, {"1"}, None]
    assert grouping.of([first[0], view_of("c", alpha=1), moved[2]], "arm") == grouped(
        [first[0], view_of("c", alpha=1), moved[2]]
    )


class WaitingViews(UserDict[Path, RunView]):
    """Runs whose readers are held up; counts them."""

    def __init__(self) -> None:
        super().__init__()
        self.readers, self.read, self.go_on = 0, Event(), Event()

    def values(self) -> ValuesView[RunView]:
        self.readers += 1
        self.read.set()
        assert self.go_on.wait(HANG)
        return super().values()


def test_two_threads_that_ask_for_groups_at_once_make_them_once(tmp_path: Path) -> None:
    app = Dashboard(options(tmp_path))
    views = WaitingViews()
    app.watched.views = cast("dict[Path, RunView]", views)
    first, second = Thread(target=app.shown_groups), Thread(target=app.shown_groups)
    first.start()
    assert views.read.wait(HANG)
    second.start()
    second.join(0.1)
    views.go_on.set()
    for thread in (first, second):
        thread.join(HANG)
    assert views.readers == 1


def test_fields_that_differ_are_found_as_runs_come_and_change() -> None:
    fields = DifferingFields()
    first = view_of("a", alpha=1, steps=5)
    assert fields.of([first]) == []
    assert fields.of([first, view_of("b", alpha=0, steps=5)]) == ["alpha"]
    assert fields.of([first, view_of("b", alpha=1, steps=6)]) == ["steps"]


def test_a_list_that_changes_little_is_what_a_new_one_would_be() -> None:
    kept, wanted = ListedRuns(), RunFilter.read("")
    views = {each.path: each for each in (view_of(f"run-{at}", at, alpha=at) for at in range(6))}
    options = ListOptions(120, 0.0, frozenset(), frozenset(), {}, UNICODE)
    for step, name, sort, pins in (
        (0, "run-0", "step", ()),
        (99, "run-3", "step", ("run-4",)),
        (50, "a-much-longer-name", "step", ("run-4",)),
        (1, "run-5", "name", ("run-5",)),
        (2, "run-5", "name", ("run-1", "run-5")),
        (3, "run-1", "name", ()),
    ):
        each = view_of(name, step, alpha=name[-1])
        views = {**views, each.path: each}
        pinned = frozenset(view_of(pin).path for pin in pins)
        kept.find(views, wanted, "arm", sort, pinned)
        new = ListedRuns()
        assert kept.groups == new.find(views, wanted, "arm", sort, pinned)
        assert kept.count == len(views)
        tables = [one.table(options) for one in (kept, new)]
        assert tables[0].widths == tables[1].widths
        assert [*tables[0].records] == [*tables[1].records]
