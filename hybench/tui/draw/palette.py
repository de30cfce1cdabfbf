"""Colours: of curves, of heat, of differences; and the tones of texts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from rich.color import Color
from rich.style import Style

RGB = tuple[int, int, int]

CIVIDIS: tuple[RGB, ...] = (
    (0, 34, 78), (18, 53, 112), (59, 73, 108), (87, 93, 109), (112, 113, 115), (138, 134, 120),
    (165, 156, 116), (195, 179, 105), (225, 204, 85), (254, 232, 56),
)  # fmt: skip
"""Ten steps of cividis, which people of any colour vision see in one order (Nuñez et al. 2018)."""

ORANGE, BLUE, MIDDLE = (217, 105, 15), (43, 123, 196), (38, 42, 50)
"""Ends and middle of differences: worse, better, none."""

CURVES: tuple[RGB, ...] = (
    (86, 180, 233), (230, 159, 0), (0, 178, 135), (240, 228, 66), (225, 120, 190), (213, 94, 0),
    (150, 150, 255), (190, 190, 190),
)  # fmt: skip
"""Colours of curves, told apart with any colour vision (after Okabe and Ito 2008)."""

_TONES = ("quiet", "better", "worse", "best", "accent", "warn", "head", "cursor", "bar", "on")


@dataclass(frozen=True)
class Palette:
    """Styles by tone, and how much colour the terminal has.

    Attributes:
        tones: rich styles; ``""`` is plain text.
        rich: whether a cell may have any background: 256 colours or more.
        colored: whether there are colours at all.
    """

    tones: Mapping[str, Style]
    rich: bool
    colored: bool

    def tone(self, name: str) -> Style:
        """The style of a tone."""
        return self.tones.get(name, Style.null())

    def heat(self, share: float, *, diverging: bool = False) -> Style:
        """Paper and ink of a cell.

        Args:
            share: 0 to 1; of differences, 0 is the worst, 0.5 none, 1 the best.
            diverging: whether it is one.
        """
        if not self.rich or math.isnan(share):
            return Style.null()
        paper = _between((ORANGE, MIDDLE, BLUE) if diverging else CIVIDIS, share)
        return Style(color=_color(_ink(paper)), bgcolor=_color(paper))

    def curve(self, number: int, *, faint: bool = False) -> Style:
        """The style of a curve."""
        if not self.colored:
            return Style(dim=True) if faint else Style.null()
        color = CURVES[number % len(CURVES)]
        if faint and self.rich:
            color = _between((MIDDLE, color), 0.45)
        return Style(color=_color(color), dim=faint and not self.rich)


def theme_colors(variables: Mapping[str, str]) -> dict[str, str]:
    """The colours that `theme_palette` takes, of the variables of a theme of Textual."""
    names = {name: name for name in ("primary", "accent", "panel")}
    names |= {name: f"text-{name}" for name in ("success", "warning", "error")}
    names["muted"] = "foreground-darken-3"
    return {name: variables.get(variable, "") for name, variable in names.items()}


def theme_palette(colors: Mapping[str, str], system: str | None, no_color: bool) -> Palette:
    """The palette of a theme.

    Args:
        colors: hexadecimal colours, by ``success``, ``error``, ``warning``, ``primary``,
            ``accent``, ``panel`` and ``muted``; what is missing or no such colour is left plain.
        system: of the terminal: ``truecolor``, ``256``, ``standard`` or None.
        no_color: whether a person asked for none.
    """
    colored = not no_color and system is not None

    def style(name: str, *, bold: bool = False, dim: bool = False) -> Style:
        value = colors.get(name, "")
        use = colored and value.startswith("#")
        return Style(color=Color.parse(value[:7]) if use else None, bold=bold, dim=dim)

    panel = colors.get("panel", "")
    bar = Style(bgcolor=Color.parse(panel[:7])) if colored and panel.startswith("#") else Style()
    tones = {
        "quiet": style("muted", dim=not (colored and colors.get("muted"))),
        "better": style("success", bold=True),
        "worse": style("error", bold=True),
        "best": Style(bold=True),
        "accent": style("accent"),
        "warn": style("warning", bold=True),
        "head": style("primary", bold=True),
        "cursor": Style(reverse=True),
        "bar": bar,
        "on": Style(reverse=True, bold=True),
    }
    return Palette(tones, colored and system in {"truecolor", "256"}, colored)


def _between(stops: tuple[RGB, ...], share: float) -> RGB:
    places = np.linspace(0, 1, len(stops))
    red, green, blue = (
        round(float(np.interp(share, places, channel))) for channel in zip(*stops, strict=True)
    )
    return red, green, blue


def _ink(paper: RGB) -> RGB:
    """Black or white, whichever stands out more (WCAG 2.2 relative luminance)."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in paper)
    ]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return (0, 0, 0) if luminance > 0.179 else (255, 255, 255)


def _color(rgb: RGB) -> Color:
    return Color.from_rgb(*rgb)
