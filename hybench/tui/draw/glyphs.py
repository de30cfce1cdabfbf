"""The signs that are drawn, for terminals with Unicode and for those without."""

from __future__ import annotations

from dataclasses import dataclass

from hybench.tui.draw.text import Verbatim


@dataclass(frozen=True)
class Glyphs:
    """Signs, one cell each.

    Attributes:
        states: by a run's state.
        none: nothing to show there.
        more: text was cut off.
        marked: the run is marked; `drawn`: its curves are drawn though it is not.
        pinned: the run stays on top of the list.
        steps: eight heights, for heat where there are no colours; none is a sign of a number.
        across, down, corners: of frames; the corners from the upper left to the lower right.
        dots: of the grid in a chart, across and down.
        shade: of a band where there are no colours behind signs.
        below: more text follows.
        alarm: an alarm on a curve; `lost` is a value that is not finite.
        dashes: lines that are whole, broken, dotted.
        braille: whether curves are drawn in dots of braille.
    """

    states: dict[str, str]
    none: str
    more: str
    marked: str
    drawn: str
    pinned: str
    steps: str
    across: str
    down: str
    corners: str
    dots: str
    shade: str
    alarm: str
    lost: str
    below: str
    into: str
    dashes: tuple[str, str, str]
    braille: bool

    def plain(self, text: str) -> str:
        """A text of ours with this terminal's signs; what is not ours stays as it is."""
        return text if self.braille or isinstance(text, Verbatim) else text.translate(_PLAIN)


_PLAIN = str.maketrans(
    {
        "▲": "^", "▼": "v", "—": "-", "…": "~", "×": "x", "−": "-", "·": "|", "±": "+",
        "†": "+", "‡": "#", "§": "$",
        "●": "o", "✓": "+", "✗": "x", "Δ": "d", "→": ">", "↑": "^", "↓": "v", "≤": "<=", "≥": ">=",
        "–": "-", "─": "-", "│": "|", "◂": "<", "▸": ">", "▾": "v", "▴": "^", "█": "#",
        "┼": "+", "’": "'",
    }
)  # fmt: skip

UNICODE = Glyphs(
    states={
        "running": "●", "stalled": "◐", "live elsewhere?": "◍", "interrupted": "◌", "failed": "✗",
        "done": "✓", "gone": "·",
    },
    none="—", more="…", marked="◆", drawn="◇", pinned="▴",
    steps="▁▂▃▄▅▆▇█", across="─", down="│", corners="╭╮╰╯", dots="┈┊", shade="░",
    alarm="▾", lost="×", below="▾",
    into="→", dashes=("━", "╍", "┉"), braille=True,
)  # fmt: skip

ASCII = Glyphs(
    states={
        "running": "o", "stalled": "?", "live elsewhere?": "e", "interrupted": "-", "failed": "x",
        "done": "+", "gone": ".",
    },
    none="-", more="~", marked="#", drawn="*", pinned="^",
    steps="_:;!=%#@", across="-", down="|", corners="++++", dots="-|", shade=",",
    alarm="!", lost="x", below="v",
    into=">", dashes=("=", "-", ":"), braille=False,
)  # fmt: skip
