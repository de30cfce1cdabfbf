"""What the dashboard remembers of folders of runs, and pins."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from hybench.tui.app import Dashboard
from hybench.tui.model.memory import Memory, Remembered, memory_file
from hybench.tui.options import Options
from hybench.tui.panes.runs import RunsPane
from tests.comparison.conftest import MakeRun
from tests.comparison.test_looks import write_study
from tests.tui.driving import drive, options, screen, shows, until, write_training

KNOWN = Remembered(
    tab="dev", marked=("/a",), pinned=("/b",), group_by="alpha", filter="x", sort="score",
    reference="mono", key="atlas", metric="RR@10", setting="cross", group_seeds=False,
    looks={"/a": [1, 2]},
)  # fmt: skip


@pytest.fixture
def remembering(tmp_path: Path) -> Options:
    for name in ("hybrid", "mono", "zeta"):
        write_training(tmp_path / "runs", name, 50, alpha=1.0 if name == "mono" else 0.5)
    return options(tmp_path / "runs", memory=tmp_path / "state" / "memory.json")


def test_it_is_as_it_was_left(remembering: Options) -> None:
    async def leave(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("G", "s", "slash", *"o", "enter", "space")
        await shows(pilot, "1 of 3 runs · by name   filter o")
        app.choose(reference="mono", setting="cross", group_seeds=False)
        await pilot.press("6")
        app.tick()
        assert remembering.memory is not None
        await until(pilot, remembering.memory.is_file)

    async def come_back(app: Dashboard, pilot: Pilot[None]) -> None:
        assert app.open_tab == "dev"
        await until(pilot, lambda: app.marked)
        assert [path.name for path in app.marked] == ["mono"]
        choices = app.comparisons.choices
        assert (choices.reference, choices.setting, choices.group_seeds) == ("mono", "cross", False)
        await pilot.press("1")
        await shows(pilot, "1 of 3 runs · by name   filter o")
        assert app.group_by == "run"

    async def fresh(app: Dashboard, pilot: Pilot[None]) -> None:
        assert app.open_tab == "runs"
        await shows(pilot, "3 runs · by state")
        assert not app.marked
        assert app.comparisons.choices.reference == ""

    async def asked(app: Dashboard, pilot: Pilot[None]) -> None:
        assert app.open_tab == "matrix"
        assert app.query_one(RunsPane).filter == "zeta"

    drive(remembering, leave)
    drive(remembering, come_back)
    given = {"paths": remembering.paths, "data_dir": remembering.data_dir}
    given |= {"memory": remembering.memory, "clock": remembering.clock}
    drive(Options(**given, tab="matrix", filter="zeta"), asked)  # type: ignore[arg-type]
    drive(Options(**given, fresh=True), fresh)  # type: ignore[arg-type]


def test_pins_stay_on_top_and_are_remembered(remembering: Options) -> None:
    async def pin(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("G", "s", "end", "K")
        await until(pilot, lambda: "▴ zeta" in screen(pilot)[3])
        await pilot.press("s")
        assert "▴ zeta" in screen(pilot)[3]
        await pilot.press("C")
        assert app.clipboard == "zeta"
        app.tick()
        await until(pilot, lambda: app.memory.last.pinned)

    async def unpin(app: Dashboard, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "▴ zeta" in screen(pilot)[3])
        await pilot.press("home", "K")
        await until(pilot, lambda: "zeta" in screen(pilot)[5])
        assert "▴" not in "".join(screen(pilot))

    drive(remembering, pin)
    drive(remembering, unpin)


def test_results_that_are_gone_are_not_asked_for_again(make_run: MakeRun, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    write_study(make_run, runs, ["hybrid-s0", "mono-s0"])
    memory = tmp_path / "memory.json"
    Memory(memory, print).keep(Remembered(tab="compare", key="gone", metric="RR@10"))

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await shows(pilot, "atlas (test)")
        assert app.comparisons.choices.key == ""

    drive(options(runs, memory=memory, every=0.05), script, (120, 30))


def test_marks_are_found_from_another_folder(
    remembering: Options, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert remembering.memory is not None
    run = str(tmp_path / "runs" / "mono")
    Memory(remembering.memory, print).keep(Remembered(marked=(run, "/gone"), pinned=(run,)))
    monkeypatch.chdir(tmp_path)

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: app.marked)
        assert app.marked == app.pinned == [Path("runs/mono")]
        await until(pilot, lambda: app.memory.last.marked == (run,))

    drive(options(Path("runs"), memory=remembering.memory), script)


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    said: list[str] = []
    file = tmp_path / "deep" / "memory.json"
    Memory(file, said.append).keep(KNOWN)
    assert Memory(file, said.append).last == KNOWN
    assert Memory(file, said.append, fresh=True).last == Remembered(looks=KNOWN.looks)
    written = file.stat().st_mtime_ns
    Memory(file, said.append).keep(KNOWN)
    assert file.stat().st_mtime_ns == written
    assert not said


@pytest.mark.parametrize("text", ["{", '{"tab": 1}', '{"unknown": 1}', "[]"])
def test_a_damaged_memory_is_ignored_with_a_line_in_the_log(tmp_path: Path, text: str) -> None:
    said: list[str] = []
    file = tmp_path / "memory.json"
    file.write_text(text)
    memory = Memory(file, said.append)
    assert memory.last == Remembered()
    if text != '{"unknown": 1}':
        [line] = said
        assert line.startswith("What was remembered is ignored.")
    memory.keep(KNOWN)
    assert Memory(file, said.append).last == KNOWN


def test_where_nothing_can_be_written_it_is_said_once(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / "file").touch()
    memory = Memory(tmp_path / "file" / "memory.json", said.append)
    memory.keep(KNOWN)
    memory.keep(Remembered(tab="dev"))
    [line] = said
    assert "so nothing is remembered" in line


def test_a_memory_is_of_its_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    one, two = tmp_path / "one", tmp_path / "two"
    assert memory_file([one, two]) == memory_file([Path("two"), Path("one")])
    assert memory_file([one]) != memory_file([two])
    assert memory_file([one]).is_relative_to(tmp_path / "state" / "hybench")
    assert not (tmp_path / "state").exists()
