"""Figures of matplotlib as SVG inside a page, with its fonts, and its colours in light and dark."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, QUIET, RULE, BAND = "#010101", "#010102", "#010103", "#010104"
BETTER, WORSE = "#010105", "#010106"
_VARIABLES = {
    INK: "ink", QUIET: "quiet", RULE: "rule", BAND: "band", BETTER: "better", WORSE: "worse",
}  # fmt: skip
ARM_COLORS = tuple(f"#0102{at:02x}" for at in range(8))
"""Colours that are replaced by the page's variables, which differ in light and dark."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES = ("solid", (0, (5, 2)), (0, (1, 1.5)), (0, (5, 1.5, 1, 1.5)))
"""Lines differ by marker and dashes; colour is only an aid."""

_POINTS_PER_PIXEL = 0.75
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none", "svg.hashsalt": "hybench", "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"], "font.size": 8.5,
    "text.color": INK, "text.parse_math": False,
    "axes.edgecolor": QUIET, "axes.labelcolor": QUIET, "axes.linewidth": 0.7,
    "axes.spines.top": False, "axes.spines.right": False, "axes.unicode_minus": True,
    "xtick.color": QUIET, "ytick.color": QUIET, "xtick.labelcolor": INK, "ytick.labelcolor": INK,
    "xtick.major.width": 0.7, "ytick.major.width": 0.7, "xtick.major.size": 3,
    "ytick.major.size": 3, "axes.grid": True, "grid.color": RULE, "grid.linewidth": 0.6,
    "axes.axisbelow": True, "legend.frameon": False, "path.simplify": False,
}  # fmt: skip


def draw(name: str, alternative: str, width: int, height: int, plot: Callable[[Axes], None]) -> str:
    """An ``<svg>`` element with one plot, which `plot` draws into its axes; `draw_figure` says what
    the other arguments are.
    """
    return draw_figure(name, alternative, width, height, lambda figure: plot(figure.add_subplot()))


def draw_figure(
    name: str, alternative: str, width: int, height: int, plot: Callable[[Figure], None]
) -> str:
    """An ``<svg>`` element.

    Args:
        name: prefix of every id in it, so that a page can hold several.
        alternative: the figure in words, for those who do not see it.
        width: in CSS pixels; the figure shrinks with its surroundings but does not grow.
        height: likewise.
        plot: draws into the figure.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    inches = _POINTS_PER_PIXEL / 72
    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=(width * inches, height * inches), layout="constrained")
        FigureCanvasSVG(figure)
        text = io.StringIO()
        with warnings.catch_warnings():
            # The reader's fonts draw the text, even if matplotlib's own lack characters.
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
            plot(figure)
            figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    return _for_page(text.getvalue(), name, alternative, width)


def standalone(element: str, width: int, height: int) -> str:
    """An SVG file of an element that `draw_figure` made: with the page's colours, light and dark.

    Args:
        element: the ``<svg>`` element.
        width: in CSS pixels.
        height: likewise.
    """
    css = (files("hybench.report") / "templates" / "page.css").read_text(encoding="utf-8")
    colors = css[: css.index("* {")]  # what stands before the first rule that is not of colours
    paper = '<rect width="100%" height="100%" fill="var(--paper)"/>'
    opening = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width}" height="{height}" font-family="sans-serif" '
    )
    head, _, rest = element.removeprefix("<svg ").partition("</title>")
    rest = rest.replace(' href="#', ' xlink:href="#')
    return f"{opening}{head}</title><style>{colors}</style>{paper}{rest.rstrip()}\n"


def _for_page(svg: str, name: str, alternative: str, width: int) -> str:
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>\s*", "", body, flags=re.DOTALL)
    body = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>\s*", "", body, flags=re.DOTALL)
    body = re.sub(r"<!--.*?-->\s*", "", body, flags=re.DOTALL)
    body = re.sub(r'<g id="[^"]*"', "<g", body)
    body = re.sub(r"\s*\n\s*", " ", body)
    box = re.search(r'viewBox="([^"]+)"', body)
    opening = (
        f'<svg viewBox="{box[1] if box else ""}" style="max-width: {width}px" role="img" '
        f'aria-labelledby="{name}-title"><title id="{name}-title">{escape(alternative)}</title>'
    )
    body = opening + body[body.index(">") + 1 :]
    body = re.sub(rf'\bid="(?!{re.escape(name)}-title)', f'id="{name}-', body)
    body = re.sub(r'(?:xlink:)?href="#', f'href="#{name}-', body)
    body = body.replace("url(#", f"url(#{name}-")
    body = re.sub(r" font-family: [^;\"]*;", "", body)
    for color, variable in _VARIABLES.items():
        body = body.replace(color, f"var(--{variable})")
    for at, color in enumerate(ARM_COLORS):
        body = body.replace(color, f"var(--arm{at})")
    return body
