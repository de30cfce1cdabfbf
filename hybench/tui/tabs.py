"""The tabs: every module of `hybench.tui.panes` is one, declared by its `TAB`."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from hybench.tui import panes
from hybench.tui.widgets.pane import Tab


def find_tabs() -> tuple[Tab, ...]:
    """All tabs, in their order."""
    names = (f"{panes.__name__}.{module.name}" for module in iter_modules(panes.__path__))
    tabs: list[Tab] = [import_module(name).TAB for name in names]
    return tuple(sorted(tabs, key=lambda tab: tab.order))
