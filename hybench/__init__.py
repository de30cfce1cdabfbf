"""hybench: an honest bench for ways of training multilingual retrievers.

    import hybench

    atlas = hybench.prepare("atlas")
    for alpha in (1.0, 0.5, 0.0):
        run = hybench.train(hybench.TrainConfig(data=("atlas",), alpha=alpha))
        hybench.evaluate(run, atlas)
    hybench.compare("runs")

Names are loaded when they are asked for: ``import hybench`` alone loads no library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from hybench.version import __version__ as __version__

if TYPE_CHECKING:
    from hybench.api.indexing import index as index
    from hybench.api.searching import search as search
    from hybench.api.studying import study as study

_PUBLIC = {
    "index": "hybench.api.indexing",
    "search": "hybench.api.searching",
    "study": "hybench.api.studying",
}
"""Where the public names are defined."""

__all__ = ["__version__", "index", "search", "study"]


def __getattr__(name: str) -> object:
    """Load a public name (PEP 562)."""
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
