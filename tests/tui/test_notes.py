"""Notes and tags of a run: asked for by a key, kept in its folder, shown and filtered by."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from hybench.runs.notes import RunNotes, read_notes, write_notes
from hybench.tui.app import Dashboard
from tests.tui.driving import drive, options, said, shows, until, write_training


def test_a_note_is_kept_shown_and_filtered_by(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    hybrid = write_training(runs, "hybrid").path
    mono = write_training(runs, "mono", alpha=1.0).path
    write_notes(mono, RunNotes(("bad",)))

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("slash", *"hyb", "enter", "T", *"#good too slow", "enter")
        await shows(pilot, "#good too slow")
        assert read_notes(hybrid) == RunNotes(("good",), "too slow")
        await pilot.press("slash", *["backspace"] * 3, *"tag:bad", "enter")
        await until(pilot, lambda: "1 of 2 runs" in said(pilot) and "#bad" in said(pilot))
        await pilot.press("T", *["backspace"] * 4, "enter")
        await shows(pilot, "0 of 2 runs")
        assert not (mono / "notes.json").exists()

    drive(options(runs, every=0.05), script, (140, 40))


def test_a_damaged_note_is_told_in_the_log(tmp_path: Path) -> None:
    run = write_training(tmp_path / "runs", "hybrid").path
    (run / "notes.json").write_text('{"tags": 1}')

    async def script(app: Dashboard, pilot: Pilot[None]) -> None:
        await pilot.press("exclamation_mark")
        await shows(pilot, "holds no tags and note")

    drive(options(tmp_path / "runs"), script, (140, 40))
