"""What the page's template draws: tables of text, pictures with their texts, heat maps."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Datum:
    """One field of a table.

    Attributes:
        text: what stands there.
        mark: a glyph after it.
        tone: ``better``, ``worse``, ``best``, ``quiet`` or empty; the glyphs say the same.
        detail: further lines.
        title: what a pointer that rests there is told.
        name: a longer name beside a code.
        glyph: stands before the text and has the tone instead of it.
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
        caption: what it shows.
        header: the columns' names.
        bodies: rows in groups, with a rule between groups; only the first is sorted.
        numeric: whether all fields but the first are numbers, which stand right.
        opened: whether second lines are always shown.
    """

    caption: str
    header: tuple[Datum, ...]
    bodies: tuple[Body, ...]
    numeric: bool = True
    opened: bool = False

    @property
    def switched(self) -> bool:
        """Whether there are second lines for the reader to turn on."""
        return not self.opened and any(
            datum.detail for body in self.bodies for row in body for datum in row
        )


@dataclass(frozen=True)
class Figure:
    """A picture.

    Attributes:
        title: what it shows.
        svg: the picture, with a text alternative in it.
        caption: how to read it.
        table: its numbers; None where they stand elsewhere.
    """

    title: str
    svg: str
    caption: str
    table: Table | None = None


def minus(text: str) -> str:
    """Numbers with a real minus sign."""
    return re.sub(r"(?<![\w.])-(?=[\d.])", "−", text)


def sentence(text: str) -> str:
    """Words with real minus signs, and intervals that no line breaks."""
    return re.sub(r"(\[[^\s\]]+,) ", "\\1\N{NO-BREAK SPACE}", minus(text))


def language_name(code: str) -> str:
    """The English name of a language, empty where there is none."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(code).get_display_name("en") or ""
    except (ValueError, UnknownLocaleError):
        return ""


def setting_name(setting: str) -> str:
    """A setting in words."""
    names = {"mono": "Monolingual", "cross": "Cross-lingual", "multi": "Multilingual pool"}
    return names.get(setting, setting)
