"""Tabs are files: each is found, in its order, with a key of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hybench.tui import panes
from hybench.tui.tabs import find_tabs

NEW = '''
from hybench.tui.widgets.pane import Pane, Tab


class NewPane(Pane):
    """Nothing yet."""


TAB = Tab("new", "New", 7, NewPane)
'''


def test_the_tabs_and_their_keys() -> None:
    tabs = find_tabs()
    assert [tab.title for tab in tabs] == [
        "Runs", "Matrix", "Cross", "Compare", "Queries", "Dev",
    ]  # fmt: skip
    assert [tab.order for tab in tabs] == [1, 2, 3, 4, 5, 6]
    assert [tab.make().id for tab in tabs] == [tab.name for tab in tabs]


def test_one_file_adds_a_tab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "new.py").write_text(NEW)
    monkeypatch.setattr(panes, "__path__", [*panes.__path__, str(tmp_path)])
    try:
        tab = find_tabs()[-1]
    finally:
        sys.modules.pop(f"{panes.__name__}.new", None)
    assert (tab.title, tab.order, tab.make().id) == ("New", 7, "new")
