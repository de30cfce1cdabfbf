"""The model of the page's template: tables of text, figures with their texts, heat maps."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Datum:
    """One field of a table.

    Attributes:
        text: its content.
        mark: a glyph after it.
        tone: ``better``, ``worse``, ``best``, ``quiet`` or empty; the glyphs say the same.
        detail: further lines.
        title: the tooltip.
        name: a longer name next to a code.
        glyph: before the text; it has the tone instead of the text.
    """

    text: str
    mark: str = ""
    tone: str = ""
    detail: str = ""
    title: str = ""
    name: str = ""
    glyph: str = ""


Body = tuple[tuple[Datum, ...], ...]


@dataclass(frozen=True)
class Table:
    """A table of the page; the first field of a row names it.

    Attributes:
        caption: of the table.
        header: the columns' names.
        bodies: rows in groups, with a rule between groups; only the first is sorted.
        numeric: whether all fields but the first are numbers, which are right-aligned.
        opened: whether details are always shown.
    """

    caption: str
    header: tuple[Datum, ...]
    bodies: tuple[Body, ...]
    numeric: bool = True
    opened: bool = False

    @property
    def switched(self) -> bool:
        """Whether there are details for the reader to turn on."""
        return not self.opened and any(
            datum.detail for body in self.bodies for row in body for datum in row
        )


@dataclass(frozen=True)
class Figure:
    """A figure.

    Attributes:
        title: of the figure.
        svg: the figure, with a text alternative in it.
        caption: how to read it.
        table: its numbers; None if they are shown elsewhere.
    """

    title: str
    svg: str
    caption: str
    table: Table | None = None


def minus(text: str) -> str:
    """Numbers with a real minus sign."""
    return re.sub(r"(?<![\w.])-(?=[\d.])", "−", text)


def sentence(text: str) -> str:
    """Text with real minus signs, and intervals without line breaks."""
    return re.sub(r"(\[[^\s\]]+,) ", "\\1\N{NO-BREAK SPACE}", minus(text))


def language_name(code: str) -> str:
    """The English name of a language, empty if there is none."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(code).get_display_name("en") or ""
    except (ValueError, UnknownLocaleError):
        return ""


def setting_name(setting: str) -> str:
    """A setting in words."""
    names = {"mono": "Monolingual", "cross": "Cross-lingual", "multi": "Multilingual pool"}
    return names.get(setting, setting)
