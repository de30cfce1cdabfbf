"""Notes of a run are read back as they were written; those of a run that is cleared go with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybench.errors import DataError
from hybench.report.provenance import ArmFacts, RunFacts, run_table
from hybench.runs.notes import RunNotes, read_notes, write_notes
from hybench.runs.run import Run


def test_words_are_tags_and_a_note(tmp_path: Path) -> None:
    notes = RunNotes.parse("#good lr  was #paper too high #good #")
    assert notes == RunNotes(("good", "paper"), "lr was too high")
    assert RunNotes.parse(str(notes)) == notes
    write_notes(tmp_path, notes)
    assert read_notes(tmp_path) == notes
    write_notes(tmp_path, RunNotes())
    assert not list(tmp_path.iterdir())
    (tmp_path / "notes.json").write_text('{"tags": 1, "note": ""}')
    with pytest.raises(DataError, match="holds no tags"):
        read_notes(tmp_path)


def test_a_report_has_them_and_a_cleared_run_not(tmp_path: Path) -> None:
    run = Run(tmp_path / "a")
    run.path.mkdir()
    run.write_config({"kind": "bm25"})
    (without,) = run_table([ArmFacts("a", (RunFacts.read(run),))]).bodies
    write_notes(run.path, RunNotes(("good",), "words"))
    table = run_table([ArmFacts("a", (RunFacts.read(run),))])
    assert table.bodies[0][0][-1].text == "#good words"
    assert len(without[0]) == len(table.header) - 1
    run.clear()
    assert read_notes(run.path) == RunNotes()
