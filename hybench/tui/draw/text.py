"""Texts of any script, cut and padded to cells of a terminal."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rich.cells import get_character_cell_size

from hybench.wording.error_messages import visible

_LEFT_TO_RIGHT_MARK = "\u200e"
_JOINER = "\u200d"
_SPACES = re.compile(r"[\n\r\t]+")


class Verbatim(str):
    """A text that is not ours, such as a query: drawn as it is, whatever signs a terminal has."""

    __slots__ = ()


@lru_cache(4096)
def width_of(text: str) -> int:
    """Cells that a text takes in a terminal.

    They count as wcwidth(3) does, character by character: a vowel sign that stands beside its
    letter (category Mc) takes a cell of its own, which rich gives it not, and what joiners join
    stays as wide as its parts.
    """
    return len(text) if text.isascii() else sum(map(_cells, text))


@lru_cache(4096)
def _cells(character: str) -> int:
    if unicodedata.category(character) == "Mc":
        return 1
    return 2 if "\U0001f3fb" <= character <= "\U0001f3ff" else get_character_cell_size(character)


def clusters(text: str) -> list[str]:
    """A text in the pieces that must not be cut: a character with what is drawn on it."""
    found: list[str] = []
    for character in text:
        joined = found and (
            _cells(character) == 0
            or unicodedata.category(character) == "Mc"
            or found[-1].endswith(_JOINER)
        )
        if joined:
            found[-1] += character
        else:
            found.append(character)
    return found


def is_right_to_left(text: str) -> bool:
    """Whether any of its letters is written from right to left."""
    return any(unicodedata.bidirectional(character) in {"R", "AL"} for character in text)


def fit(text: str, width: int, align: str = "left", more: str = "…") -> str:
    """A text in exactly `width` cells.

    Control characters are replaced and lines joined. After a text from right to left stands an
    invisible mark, so that a terminal that reorders it leaves what follows where it is.

    Args:
        text: of any script.
        width: cells.
        align: ``left`` or ``right``.
        more: stands where something was cut off.
    """
    if width <= 0:
        return ""
    if not text.isprintable():
        text = visible(_SPACES.sub(" ", text))
    # One at the end would join what follows, and take its cell.
    text = text.rstrip(_JOINER)
    size = width_of(text)
    if size > width:
        room, kept, size = width - width_of(more), [], 0
        for cluster in clusters(text):
            cells = width_of(cluster)
            if size + cells > room:
                break
            kept.append(cluster)
            size += cells
        text = "".join(kept) + more
        size += width_of(more)
    if not text.isascii() and is_right_to_left(text):
        text += _LEFT_TO_RIGHT_MARK
    space = " " * (width - size)
    return space + text if align == "right" else text + space


def fit_middle(text: str, width: int, align: str = "left", more: str = "…") -> str:
    """A name in exactly `width` cells, cut in its middle: names differ at their ends too."""
    spare = width_of(text) - width
    if spare <= 0 or width < 5:
        return fit(text, width, align, more)
    whole = clusters(text)
    tail, size = "", 0
    for cluster in reversed(whole):
        size += width_of(cluster)
        if size > (width - width_of(more)) * 2 // 3:
            break
        tail = cluster + tail
    room = width - width_of(tail)
    head = fit(text, room, more=more)
    return fit(head + tail, width, align, more)


def fit_apart(texts: Sequence[str], width: int, align: str = "left", more: str = "…") -> list[str]:
    """`fit_middle` of names that stand beside each other: where several would look alike, they are
    shown from where they differ on.
    """
    shown = [fit_middle(text, width, align, more) for text in texts]
    for alike in [each for each, count in Counter(shown).items() if count > 1]:
        group = {text for text, each in zip(texts, shown, strict=True) if each == alike}
        begin = _alike(group)
        common = {text[begin:] for text in group}
        end = _alike({text[::-1] for text in common})
        for at, text in enumerate(texts):
            if text in group and len(text) - begin > end:
                shown[at] = fit_middle(more + text[begin:], width, align, more)
    return shown


def _alike(texts: set[str]) -> int:
    """Characters with which all texts begin."""
    first, last = min(texts), max(texts)
    pairs = enumerate(zip(first, last, strict=False))
    return next((at for at, (one, other) in pairs if one != other), len(first))


def wrap(text: str, width: int) -> list[str]:
    """A text in lines of at most `width` cells, broken at spaces where there are any."""
    lines: list[str] = []
    line, size = "", 0
    for word in visible(" ".join(text.split())).split(" "):
        cells = width_of(word)
        if size and size + 1 + cells <= width:
            line, size = f"{line} {word}", size + 1 + cells
            continue
        if size:
            lines.append(line)
        line, size = "", 0
        for cluster in _pieces(word, width):
            if size and size + width_of(cluster) > width:
                lines.append(line)
                line, size = "", 0
            line += cluster
            size += width_of(cluster)
    return [*lines, line] if line or not lines else lines


def _pieces(word: str, width: int) -> Iterator[str]:
    """What of a word must not be torn apart, unless it is wider than a line."""
    for cluster in clusters(word):
        yield from [cluster] if width_of(cluster) <= width else cluster


def ago(seconds: float | None) -> str:
    """A time span in at most seven cells."""
    if seconds is None:
        return "—"
    for size, unit in ((86400.0, "d"), (3600.0, "h"), (60.0, "min")):
        if seconds >= size:
            amount = seconds / size
            return (
                f"{amount:.1f} {unit}" if amount < 10 and unit != "min" else f"{amount:.0f} {unit}"
            )
    return f"{seconds:.0f} s"


def short(value: float | None, digits: int = 3) -> str:
    """A number in few cells: 1.2k, 3.4e-5, NaN, -inf."""
    if value is None:
        return "—"
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return f"{value}"
    size = abs(value)
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if limit <= size < 1e12:
            return f"{value / limit:.{digits}g}{unit}"
    if size and (size < 1e-3 or size >= 1e12):
        mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
        if "." in mantissa:
            mantissa = mantissa.rstrip("0").rstrip(".")
        return f"{mantissa}e{int(exponent)}"
    return f"{value:.{digits}g}"
