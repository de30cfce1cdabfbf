"""The signs that are drawn, for terminals with Unicode and for those without."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Glyphs:
    """Signs, one cell each.

    Attributes:
        states: by a run's state.
        better: significantly better; `worse` likewise.
        best: the best of a row.
        none: nothing to show there.
        more: text was cut off.
        marked: the run is marked; `unmarked` else.
        cursor: the line that keys act on.
        steps: eight heights, for heat where there are no colours.
        across, down, corner, tick: of axes.
        alarm: an alarm on a curve; `lost` a value that is no number.
        dashes: lines that are whole, broken, dotted.
        braille: whether curves are drawn in dots of braille.
    """

    states: dict[str, str]
    better: str
    worse: str
    best: str
    none: str
    more: str
    marked: str
    unmarked: str
    cursor: str
    steps: str
    across: str
    down: str
    corner: str
    tick: str
    alarm: str
    lost: str
    up: str
    into: str
    relevant: str
    minus: str
    dashes: tuple[str, str, str]
    braille: bool

    def plain(self, text: str) -> str:
        """A text of the core with this terminal's signs."""
        if self.braille:
            return text
        return text.translate(_PLAIN).encode("ascii", "replace").decode()


_PLAIN = str.maketrans(
    {
        "▲": "^", "▼": "v", "—": "-", "…": "~", "×": "x", "†": "+", "−": "-", "·": "|", "±": "+",
        "●": "o", "✓": "+", "✗": "x", "Δ": "d", "→": ">", "↑": "^", "↓": "v", "≤": "<",
    }
)  # fmt: skip

UNICODE = Glyphs(
    states={
        "running": "●", "stalled": "◐", "interrupted": "◌", "failed": "✗", "done": "✓", "gone": "·",
    },
    better="▲", worse="▼", best="*", none="—", more="…", marked="◆", unmarked="◇", cursor="›",
    steps="▁▂▃▄▅▆▇█", across="─", down="│", corner="└", tick="┤", alarm="▾", lost="×", up="↑",
    into="→", relevant="✓", minus="−", dashes=("━", "╍", "┉"), braille=True,
)  # fmt: skip

ASCII = Glyphs(
    states={
        "running": "o", "stalled": "?", "interrupted": "-", "failed": "x", "done": "+", "gone": ".",
    },
    better="^", worse="v", best="*", none="-", more="~", marked="#", unmarked=" ", cursor=">",
    steps=".:-=+*#@", across="-", down="|", corner="+", tick="+", alarm="!", lost="x", up="^",
    into=">", relevant="+", minus="-", dashes=("=", "-", ":"), braille=False,
)  # fmt: skip
