"""Starts the dashboard, with the keys of hybench.toml, or on the demo in the background."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from hybench.alerts.settings import alert_settings
from hybench.config.project_file import nearest_settings
from hybench.errors import UsageError
from hybench.tui.app import Dashboard
from hybench.tui.background import demo_runs, end
from hybench.tui.keyed_app import TABS
from hybench.tui.model.filters import RunFilter
from hybench.tui.model.memory import memory_file
from hybench.tui.options import Options


def launch(
    paths: Sequence[Path],
    data_dir: Path,
    *,
    demo: bool,
    every: float,
    ascii_only: bool,
    tab: str = "",
    filter_: str = "",
    fresh: bool = False,
) -> None:
    """Show the dashboard until it is left.

    Args:
        paths: runs, or folders of runs or studies.
        data_dir: folder of the prepared sets.
        demo: train small runs in the background and show these.
        every: seconds between two looks.
        ascii_only: draw with ASCII alone.
        tab: the name of the tab that is open at the start; empty for what is
            remembered, or else the first.
        filter_: of the list of runs, at the start.
        fresh: begin as if nothing were remembered of these folders.

    Raises:
        UsageError: there is no such tab, a term of the filter is wrong, a key in ``[tui.keys]`` is
            of something that does not exist, ``[alerts]`` has an entry that is wrong, or their file
            is not TOML.
    """
    tabs = [each.name for each in TABS]
    if tab and tab not in tabs:
        raise UsageError(f"There is no tab {tab!r}.", f"Write --tab with one of: {' '.join(tabs)}.")
    if wrong := RunFilter.read(filter_).wrong:
        raise UsageError(f"--filter {filter_!r} is wrong.", wrong)
    if not os.environ.get("TEXTUAL_DRIVER"):
        # Exported, they would stand for the terminal's size however it is resized.
        for name in ("COLUMNS", "LINES"):
            os.environ.pop(name, None)
    with ExitStack() as stack:
        note = ""
        if demo:
            folder = stack.enter_context(demo_runs())
            paths, data_dir = [folder / "runs"], folder / "data"
            note = "Small runs are trained in the background; they are deleted when you leave."
        keys, alerts = read_keys(Path.cwd()), alert_settings(Path.cwd())
        options = Options(
            paths, data_dir, every, ascii_only, keys, note,
            demo=demo, alerts=alerts, tab=tab, filter=filter_,
            memory=None if demo else memory_file(paths), fresh=fresh,
        )  # fmt: skip
        dashboard = Dashboard(options, no_color="NO_COLOR" in os.environ)
        dashboard.run()
        # Trainings outlive the dashboard, but not in the demo's folder, which is deleted now.
        for process in dashboard.started if demo else ():
            end(process)


def read_keys(folder: Path) -> dict[str, str]:
    """``[tui.keys]`` of the settings nearest to a folder: keys by what they do.

    Raises:
        UsageError: it is not a table of texts, or the file is not TOML.
    """
    settings = nearest_settings(folder)
    if settings is None:
        return {}
    table = settings.values.get("tui", {})
    keys = table.get("keys", {}) if isinstance(table, dict) else table
    if not isinstance(keys, dict) or not all(isinstance(key, str) for key in keys.values()):
        raise UsageError(
            f"{settings.place('tui', 'keys')} is not a table of keys.",
            'Write, for example: quit = "Q".',
        )
    return dict(keys)
