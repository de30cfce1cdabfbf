"""What people note of a run: tags, and a text, in ``notes.json`` in its folder."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from hybench.errors import DataError
from hybench.files.documents import read_json, write_json

NOTES = "notes.json"


@dataclass(frozen=True)
class RunNotes:
    """What was noted of a run.

    Attributes:
        tags: words, without ``#``.
        note: a text of one line.
    """

    tags: tuple[str, ...] = ()
    note: str = ""

    @classmethod
    def parse(cls, text: str) -> RunNotes:
        """From words: those that begin with ``#`` are tags, the others the note."""
        words = text.split()
        tags = [word.lstrip("#") for word in words if word.startswith("#")]
        note = " ".join(word for word in words if not word.startswith("#"))
        return cls(tuple(dict.fromkeys(tag for tag in tags if tag)), note)

    def __str__(self) -> str:
        """As `parse` reads it."""
        return " ".join([*(f"#{tag}" for tag in self.tags), *([self.note] if self.note else [])])


def read_notes(run: Path) -> RunNotes:
    """What was noted of a run; nothing where there are no notes.

    Args:
        run: its folder.

    Raises:
        DataError: they cannot be read.
    """
    file = run / NOTES
    if not file.is_file():
        return RunNotes()
    values = read_json(file)
    tags, note = values.get("tags"), values.get("note")
    if not isinstance(tags, list) or not isinstance(note, str):
        raise DataError(f"{file} holds no tags and note.", "Delete it, and note it anew.")
    return RunNotes(tuple(map(str, tags)), note)


def write_notes(run: Path, notes: RunNotes) -> None:
    """Keep what was noted of a run, in place of what was noted before.

    Args:
        run: its folder.
        notes: where they are empty, the file is deleted.

    Raises:
        StateError: it cannot be written.
    """
    if notes == RunNotes():
        (run / NOTES).unlink(missing_ok=True)
    else:
        write_json(run / NOTES, asdict(notes))
