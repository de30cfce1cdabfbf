"""The text of the help: keys by tab, and a legend, as far as they hold what is searched for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hybench.tui.draw.table import Field
from hybench.tui.draw.text import width_of, wrap
from hybench.tui.model.signs import Sign

_INDENT, _APART = 2, 2
"""Cells left of the first column, and between columns."""

_KEYS, _NAMES, _SIGNS = 18, 18, 16
"""Cells of the columns left of the words, at most."""

_ROOMY = 76
"""Cells from which on the names stand there."""


@dataclass(frozen=True)
class KeyLine:
    """One action.

    Attributes:
        keys: that are bound to it now, as they are shown, or what the mouse does.
        name: in ``[tui.keys]`` of hybench.toml; empty where it cannot be changed.
        text: what it does.
        action: as Textual knows it.
        shown: whether it is more than a movement of the cursor.
    """

    keys: str
    name: str
    text: str
    action: str = ""
    shown: bool = True


@dataclass(frozen=True)
class Section:
    """Keys or signs of one kind.

    Attributes:
        title: of what.
        keys: its actions.
        signs: its signs.
    """

    title: str
    keys: Sequence[KeyLine] = ()
    signs: Sequence[Sign] = ()


Line = list[tuple[Field, int]]
"""Fields beside each other, and the cells of each."""


def help_lines(sections: Sequence[Section], search: str, width: int) -> list[Line]:
    """The lines of all that has every word of the search, in so many cells."""
    words = search.casefold().split()
    found: list[Line] = []
    for section in sections:
        whole = all(word in section.title.casefold() for word in words)
        title = section.title
        keys = [each for each in section.keys if whole or _has(f"{title} {_text(each)}", words)]
        signs = [each for each in section.signs if whole or _has(f"{title} {_drawn(each)}", words)]
        if keys or signs:
            found += [[(Field("", ""), width)]] if found else []
            found.append([(Field(section.title, "head"), width)])
            found += _key_lines(keys, section.keys, width)
            found += [line for sign in signs for line in _sign_lines(sign, width)]
    return found or [[(Field(f"Nothing here has all of: {search}", "warn"), width)]]


def _has(text: str, words: Sequence[str]) -> bool:
    return all(word in text.casefold() for word in words)


def _text(key: KeyLine) -> str:
    return f"{key.keys} {key.name} {key.text}"


def _drawn(sign: Sign) -> str:
    return f"{''.join(field.text for field in sign[0])} {sign[1]}"


def _key_lines(keys: Sequence[KeyLine], every: Sequence[KeyLine], width: int) -> list[Line]:
    """Keys, names and words; names give way where there is little room."""
    long = min(_KEYS, max((width_of(key.keys) for key in every), default=0)) + _APART
    names = min(_NAMES, max((len(key.name) for key in every), default=0)) + _APART
    names *= width >= _ROOMY
    room = max(10, width - _INDENT - long - names)
    lines: list[Line] = []
    for key in keys:
        for at, words in enumerate(wrap(key.text, room)):
            left = (key.keys, key.name) if at == 0 else ("", "")
            fields = (Field(""), Field(left[0], "accent"), Field(left[1], "quiet"), Field(words))
            sizes = (_INDENT, long, names, room)
            lines.append([each for each in zip(fields, sizes, strict=True) if each[1]])
    return lines


def _sign_lines(sign: Sign, width: int) -> list[Line]:
    fields, text = sign
    room = max(10, width - _INDENT - _SIGNS - _APART)
    drawn = [(field, width_of(field.text)) for field in fields]
    used = sum(size for _, size in drawn)
    lines: list[Line] = []
    for at, words in enumerate(wrap(text, room)):
        left = [*drawn, (Field(""), _SIGNS + _APART - used)] if at == 0 else []
        blank = [] if left else [(Field(""), _SIGNS + _APART)]
        lines.append([(Field(""), _INDENT), *left, *blank, (Field(words), room)])
    return lines
