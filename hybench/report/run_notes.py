"""What people noted of the compared runs, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from hybench.runs.notes import RunNotes, read_notes
from hybench.runs.run import Run
from hybench.wording.text_table import Entry, Line, Sheet


def notes_sheet(runs: Sequence[Run]) -> Sheet | None:
    """The runs that have notes or tags, with these; None if none has.

    Raises:
        DataError: notes of a run cannot be read.
    """
    noted = [(run.name, notes) for run in runs if (notes := read_notes(run.path)) != RunNotes()]
    if not noted:
        return None
    lines = (
        Line((Entry(name), Entry(" ".join(f"#{tag}" for tag in notes.tags)), Entry(notes.note)))
        for name, notes in noted
    )
    return Sheet("Noted of the runs", ("run", "tags", "note"), 3, tuple(lines))
