"""What the dashboard is started with: a tab, and a filter of the runs."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from hybench.errors import UsageError
from hybench.tui.app import Dashboard
from hybench.tui.launch import launch
from hybench.tui.model.memory import memory_file
from hybench.tui.options import Options
from tests.tui.driving import drive, options, screen, shows, write_training


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    folder = tmp_path / "runs"
    write_training(folder, "hybrid", 60)
    write_training(folder, "mono", alpha=1.0)
    return folder


def test_it_starts_with_a_filter_and_on_a_tab(runs: Path) -> None:
    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        assert app.open_tab == "dev"
        await pilot.press("1")
        await shows(pilot, "1 of 2 runs")
        await shows(pilot, "filter alpha<.7")
        assert not any(" mono " in line for line in screen(pilot)[2:7])

    drive(options(runs, tab="dev", filter="alpha<.7"), script)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"tab": "none"}, "There is no tab 'none'. Write --tab with one of: runs matrix"),
        ({"filter_": "lr<x"}, "--filter 'lr<x' is wrong. lr<x compares with no number."),
    ],
)
def test_a_tab_or_filter_that_is_none_is_refused(
    runs: Path, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError) as refused:
        launch([runs], runs, demo=False, every=1.0, ascii_only=False, **given)
    assert f"{refused.value.what} {refused.value.do}".startswith(said)


@pytest.mark.parametrize(
    ("given", "fresh"), [({}, False), ({"fresh": True}, True), ({"demo": True}, False)]
)
def test_it_remembers_folders_but_not_the_demo(
    runs: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, bool], fresh: bool
) -> None:
    found: list[Options] = []
    monkeypatch.setattr(Dashboard, "run", lambda app: found.append(app.options))
    monkeypatch.setattr("hybench.tui.launch.demo_runs", lambda: nullcontext(runs))
    wanted: dict[str, Any] = {"demo": False, "every": 1.0, "ascii_only": False, **given}
    launch([runs], runs, **wanted)
    assert found[0].memory == (None if given.get("demo") else memory_file([runs]))
    assert found[0].fresh is fresh
