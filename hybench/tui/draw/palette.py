"""Colours: of arms, of heat, of differences; and the tones of texts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rich.color import Color
from rich.style import Style

RGB = tuple[int, int, int]

ORANGE, BLUE = (222, 120, 40), (50, 130, 210)
"""Differences: worse and better."""

STRONGEST = 0.45
"""Share of a colour in the paper of the strongest heat."""

_FAINTEST = 0.12
"""Heat below which a cell keeps its paper."""

CURVES: dict[bool, tuple[RGB, ...]] = {
    True: (
        (119, 166, 254), (245, 160, 70), (161, 251, 216), (229, 65, 59), (249, 240, 81),
        (179, 106, 152), (186, 186, 186), (111, 109, 235),
    ),
    False: (
        (60, 38, 253), (153, 79, 11), (2, 74, 80), (85, 12, 21), (95, 60, 5),
        (130, 34, 174), (95, 98, 106), (42, 34, 93),
    ),
}  # fmt: skip
"""Eight colours of arms on dark paper (True) and on light: blue, orange, green, red, yellow or
brown, pink, grey, violet. They were chosen by a search for colours as far apart as can be for
people of normal vision and of all three kinds of colour blindness, and that stand out from the
paper; a test computes both.
"""

_SHADES = (0.0, 0.28, -0.22, 0.45, -0.38)
"""How far the shades of a colour lie towards the ink (above 0) or the paper."""

_TINT = 0.17
"""Share of a colour in the paper of its band."""

DARK, LIGHT = (18, 18, 18), (224, 224, 224)
"""Paper of the dark and of the light theme, each the ink of the other."""


@dataclass(frozen=True)
class Palette:
    """Styles by tone, and how much colour the terminal has.

    Attributes:
        tones: rich styles; ``""`` is plain text.
        rich: whether a cell may have any background: 256 colours or more.
        colored: whether there are colours at all.
        paper: the background.
    """

    tones: Mapping[str, Style]
    rich: bool
    colored: bool
    paper: RGB = DARK

    @cached_property
    def dark(self) -> bool:
        """Whether the paper is darker than the ink."""
        return luminance(self.paper) < 0.18

    @property
    def ink(self) -> RGB:
        """What stands out from the paper."""
        return LIGHT if self.dark else DARK

    @property
    def paper_color(self) -> Color:
        """The background."""
        return _color(self.paper)

    def tone(self, name: str) -> Style:
        """The style of a tone."""
        return self.tones.get(name, Style.null())

    def heat(self, share: float, *, diverging: bool = False) -> Style:
        """Paper and ink of a cell; muted, so that numbers and marks stay in front.

        Args:
            share: 0 to 1; of differences, 0 is the worst, 0.5 none, 1 the best.
            diverging: whether it is one.
        """
        if not self.rich or math.isnan(share):
            return Style.null()
        share = min(1.0, max(0.0, share))
        amount = 2 * share - 1 if diverging else share
        if abs(amount) < _FAINTEST:
            return Style.null()
        paper = _between(self.paper, ORANGE if amount < 0 else BLUE, STRONGEST * abs(amount))
        return Style(color=_color(readable_ink(paper, self.ink)), bgcolor=_color(paper))

    def curve(self, number: int, shade: int = 0) -> Style:
        """The style of a curve.

        Args:
            number: of the arm's colour.
            shade: of it; 0 is the arm's own.
        """
        return _inked(self.arm(number, shade)) if self.colored else Style.null()

    def arm_text(self, number: int, shade: int = 0) -> Style:
        """The style of a text that is an arm's: its colour, as near to the ink as reading needs."""
        color = _legible(self.arm(number, shade), self.paper, self.ink)
        return _inked(color) if self.colored else Style.null()

    def tint(self, number: int, shade: int = 0) -> Color:
        """The paper of an arm's band."""
        return _color(_between(self.paper, self.arm(number, shade), _TINT))

    def arm(self, number: int, shade: int = 0) -> RGB:
        """An arm's colour."""
        color = CURVES[self.dark][number % len(CURVES[self.dark])]
        towards = _SHADES[shade % len(_SHADES)]
        return _between(color, self.ink if towards > 0 else self.paper, abs(towards))


def theme_colors(variables: Mapping[str, str]) -> dict[str, str]:
    """The colours that `theme_palette` takes, of the variables of a theme of Textual."""
    names = {name: name for name in ("primary", "accent", "panel", "background")}
    names |= {name: f"text-{name}" for name in ("success", "warning", "error", "primary")}
    names["muted"] = "foreground-darken-3"
    return {name: variables.get(variable, "") for name, variable in names.items()}


def theme_palette(colors: Mapping[str, str], system: str | None, no_color: bool) -> Palette:
    """The palette of a theme.

    Args:
        colors: hexadecimal colours, by ``success``, ``error``, ``warning``, ``primary``,
            ``accent``, ``panel``, ``background`` and ``muted``; what is missing or no such colour
            is left plain.
        system: of the terminal: ``truecolor``, ``256``, ``standard`` or None.
        no_color: whether a person asked for none.
    """
    colored = not no_color and system is not None
    rich = colored and system in {"truecolor", "256"}
    background = colors.get("background", "")
    paper = _rgb(background) if background.startswith("#") else DARK
    ink = LIGHT if luminance(paper) < 0.18 else DARK

    def style(name: str, *, bold: bool = False, dim: bool = False) -> Style:
        value = colors.get(name, "")
        use = colored and value.startswith("#")
        color = _color(_legible(_rgb(value), paper, ink)) if use else None
        return Style(color=color, bold=bold, dim=dim)

    def thin(share: float) -> Style:
        return Style(color=_color(_between(paper, ink, share))) if rich else Style(dim=True)

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
        "frame": thin(0.34),
        "grid": thin(0.2),
    }
    return Palette(tones, rich, colored, paper)


def luminance(color: RGB) -> float:
    """Relative luminance, 0 for black to 1 for white (WCAG 2.2)."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in color)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: RGB, other: RGB) -> float:
    """Contrast of two colours, 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def readable_ink(paper: RGB, ink: RGB) -> RGB:
    """The ink, or black or white where it would not be read on this paper."""
    if contrast(paper, ink) >= 4.5:
        return ink
    return max(((0, 0, 0), (255, 255, 255)), key=lambda each: contrast(paper, each))


@lru_cache(maxsize=1024)
def _legible(color: RGB, paper: RGB, ink: RGB) -> RGB:
    """The colour, as much nearer to the ink as it must be to be read on the paper."""
    shares = (_between(color, ink, step / 10) for step in range(11))
    return next((each for each in shares if contrast(each, paper) >= 4.5), ink)


@lru_cache(maxsize=1024)
def _between(one: RGB, other: RGB, share: float) -> RGB:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


@lru_cache(maxsize=1024)
def _inked(color: RGB) -> Style:
    return Style(color=_color(color))


@lru_cache(maxsize=1024)
def _color(rgb: RGB) -> Color:
    return Color.from_rgb(*rgb)


def _rgb(text: str) -> RGB:
    triplet = Color.parse(text[:7]).get_truecolor()
    return triplet.red, triplet.green, triplet.blue
