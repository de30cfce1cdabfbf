"""What the signs and colours of the dashboard mean, tab by tab."""

from __future__ import annotations

from hybench.tui.draw.glyphs import Glyphs
from hybench.tui.draw.palette import CURVES
from hybench.tui.draw.table import Field

Sign = tuple[tuple[Field, ...], str]
"""What is drawn, and what it means."""


def signs_of(tab: str, glyphs: Glyphs) -> list[Sign]:
    """The signs that one tab alone has; those of several tabs are in `common_signs`.

    Args:
        tab: its name.
        glyphs: the terminal's signs.
    """
    by_tab = {
        "runs": _runs(glyphs),
        "matrix": _matrix(),
        "cross": _cross(glyphs),
        "compare": _compare(),
        "queries": _queries(),
        "dev": _dev(glyphs),
    }
    return by_tab.get(tab, [])


def common_signs(glyphs: Glyphs) -> list[Sign]:
    """The signs and colours that mean the same on all tabs."""
    colors = range(len(CURVES[True]))
    return [
        (
            tuple(Field("██", curve=number) for number in colors),
            "The colour of an arm: the same in lists, charts, legends and headings of all tabs.",
        ),
        (
            tuple(Field("██", curve=0, shade=shade) for shade in range(3)),
            "Shades of it: seeds of the arm that are shown apart (G).",
        ),
        (_one("bold", "best"), "The best of its row or column."),
        (_one(glyphs.none), "Not run, not known, or no value at this place."),
        (_one(glyphs.more), "A text or name is cut here; C copies the whole."),
        (_one(glyphs.into, "quiet"), "More columns at the right: right or l scrolls there."),
        (_one(f"{glyphs.below}3 more", "accent"), "More lines below."),
        (_one("▾ ▴", "head"), "The table is sorted by this column, down or up."),
        (_one("warn", "warn"), "Notes, and what is odd with a run."),
    ]


def _one(text: str, tone: str = "") -> tuple[Field, ...]:
    return (Field(text, tone),)


def _runs(glyphs: Glyphs) -> list[Sign]:
    said = {
        "running": ("better", "Running: a process trains it."),
        "stalled": ("warn", "Stalled: a process holds it, but has said nothing for long."),
        "live elsewhere?": ("", "Live elsewhere? Recent events, but no process on this machine."),
        "interrupted": ("", "Interrupted: unfinished, and no process holds it."),
        "failed": ("worse", "Failed."),
        "done": ("", "Done."),
        "gone": ("quiet", "Gone: its folder was deleted."),
    }
    whole, dashed, dotted = glyphs.dashes
    return [
        *((_one(glyphs.states[state], tone), text) for state, (tone, text) in said.items()),
        ((Field(glyphs.marked, curve=0),), "Marked: drawn, and compared on tabs 2 to 5."),
        (_one(f"{glyphs.pinned} run"), "Pinned: it stays on top of the list (K)."),
        ((Field(glyphs.drawn, curve=0),), "Not marked, but its curves are drawn."),
        (
            (Field(whole, curve=0), Field(dashed, curve=0), Field(dotted, curve=0)),
            "Loss of monolingual, cross-lingual and mixed batches.",
        ),
        (
            _one(glyphs.shade * 3, "quiet"),
            (
                "The band behind a line: raw values behind an average; of an arm, its seeds from "
                "the least to the largest. Where there are no colours it is hatched like this."
            ),
        ),
        (_one(glyphs.alarm, "warn"), "An alarm, or where the run failed."),
        (_one(glyphs.lost), "The value is NaN or infinite there."),
        (_one(f"{glyphs.dots[0]} {glyphs.dots[1]}", "grid"), "The grid (#)."),
        (_one("NaN inf", "warn"), "Badges: the last loss is no finite number;"),
        (_one("torn 2", "warn"), "so many lines of its log cannot be read;"),
        (_one("clock", "warn"), "its machine's clock is ahead of this one's."),
    ]


def _heat(*heats: float) -> tuple[Field, ...]:
    """Papers of differences from the worst to the best."""
    return tuple(Field(" 1.0 ", heat=heat, diverging=True) for heat in heats)


def _matrix() -> list[Sign]:
    return [
        (_one("▲", "better"), "Significantly better than the reference, after correction."),
        (_one("▼", "worse"), "Significantly worse."),
        (_one("*"), "The best of the row."),
        (_one("ab"), "Arms that share a letter are not told apart (trained arms, averages)."),
        (_heat(1.0, 0.75), "Better than the reference: twice what is detectable, and as much."),
        (_heat(0.0, 0.25), "Worse, likewise. Below a fourth of what is detectable: no colour."),
        (_one("="), "The reference, where differences are shown (d)."),
        (_one("…"), "Not validated yet (v)."),
        (_one("†"), "The model was trained on the set's training data."),
        (_one("‡"), "It was taught by a model that was."),
        (_one("§"), "Published elsewhere: no test, and never the best."),
    ]


def _cross(glyphs: Glyphs) -> list[Sign]:
    high = tuple(Field(f" {text} ", heat=heat) for text, heat in (("40", 0.1), ("60", 0.5)))
    return [
        (high, "The higher the value, the more colour."),
        (_heat(0.0, 1.0), "Differences (d): worse and better than the reference, on one scale."),
        (_one(glyphs.steps), "In front of a number: how high it is, where there are no colours."),
        (_one("·", "quiet"), "Not evaluated; the line below says why."),
    ]


def _compare() -> list[Sign]:
    return [
        (_one("──●──", "better"), "The difference in its 95 % interval: significantly better,"),
        (_one("──●──", "worse"), "significantly worse,"),
        (_one("──●──", "quiet"), "or neither."),
        (_one("│ ┼"), "Zero; and zero within the interval."),
        (_one("◂ ▸"), "The interval goes on beyond the picture."),
    ]


def _queries() -> list[Sign]:
    return [
        (_one("✓", "better"), "The passage is judged relevant (gold)."),
        (_one("↑3", "better"), "It stands three ranks higher than in the ranking at the left."),
        (_one("↓3", "worse"), "Three ranks lower."),
        (_one("=", "quiet"), "At the same rank."),
        (_one("new", "accent"), "The left ranking has it not among those shown."),
        (_one("gone", "warn"), "At the left: the right ranking has it not among those shown."),
        (
            (Field("sw ", "best"), Field("██████", curve=0), Field(" 3", "quiet")),
            "So many of the first ten passages of a search are in this language.",
        ),
    ]


def _dev(glyphs: Glyphs) -> list[Sign]:
    return [
        ((Field(glyphs.marked, curve=0),), "An arm in the legend."),
        (_one("↑"), "Higher than at the validation before (v)."),
        (_one("↓"), "Lower."),
        (_one("…", "quiet"), "Not validated at this step."),
    ]
