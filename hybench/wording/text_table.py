"""A table as text, the common model of the terminal and of all export formats.

Names, texts and reasons may come from untrusted files: characters that steer a terminal or break a
line are removed from them.
"""

from __future__ import annotations

from dataclasses import dataclass

from hybench.wording.error_messages import one_line

NOT_RUN = "—"

SUFFIXES = {
    ".json": "json", ".md": "md", ".csv": "csv", ".tex": "latex", ".html": "html", ".htm": "html",
}  # fmt: skip
"""The format of a file by its suffix, if no format is given."""


@dataclass(frozen=True)
class Entry:
    """One field of a sheet.

    Attributes:
        text: the text of the field.
        mark: ▲, ▼, * or † after a text.
        tone: ``better`` or ``worse`` (significantly), ``best``, ``quiet``, or empty.
    """

    text: str
    tone: str = ""
    mark: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", one_line(self.text))


@dataclass(frozen=True)
class Line:
    """One line of a sheet; `ruled` draws a line above it."""

    entries: tuple[Entry, ...]
    ruled: bool = False


@dataclass(frozen=True)
class Sheet:
    """A table as text.

    Attributes:
        title: what is shown.
        header: a heading per field.
        keys: how many leading fields name a line; they are left-aligned.
        lines: the body.
        caption: how to read it.
        notes: remarks that a reader must know, one sentence each.
        lead: the summary above the table, one string per paragraph.
    """

    title: str
    header: tuple[str, ...]
    keys: int
    lines: tuple[Line, ...]
    caption: str = ""
    notes: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("title", "caption"):
            object.__setattr__(self, name, one_line(getattr(self, name)))
        for name in ("header", "notes", "lead"):
            object.__setattr__(self, name, tuple(map(one_line, getattr(self, name))))


def sheet_markdown(shown: Sheet) -> str:
    """A sheet in Markdown: heading, summary, table, caption, notes."""
    marks = [":--" if at < shown.keys else "--:" for at in range(len(shown.header))]
    rows = [
        shown.header,
        marks,
        *([entry.text + entry.mark for entry in line.entries] for line in shown.lines),
    ]
    lines = [f"### {shown.title}", ""]
    lines += [text for paragraph in shown.lead for text in (paragraph, "")]
    lines += ["| " + " | ".join(text.replace("|", "\\|") for text in row) + " |" for row in rows]
    if shown.caption:
        lines += ["", shown.caption.replace("*", "\\*")]
    if shown.notes:
        lines += ["", *(f"- {note}" for note in shown.notes)]
    return "\n".join(lines) + "\n"
