"""Which keys do what, as they are bound now: a person may have chosen others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.binding import Binding
from textual.screen import Screen

from hybench.tui.context import Hints


def key_hints(screen: Screen[Any], hints: Hints) -> str:
    """The keys of some actions in one line: ``space mark  / filter``."""
    keys: dict[str, str] = {}
    for active in screen.active_bindings.values():
        if name := active.binding.id:
            keys.setdefault(name, screen.app.get_key_display(active.binding))
    shown = [
        (" ".join(keys[name] for name in names.split() if name in keys), word)
        for names, word in hints
    ]
    return "  ".join(f"{pressed} {word}" for pressed, word in shown if pressed)


def active_keys(screen: Screen[Any], order: Sequence[type]) -> list[tuple[str, str, str]]:
    """Keys, their names in `hybench.toml`, and what they do.

    Args:
        screen: whose keys.
        order: classes whose bindings come first, and in which order.
    """
    keys: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for active in screen.active_bindings.values():
        if text := active.binding.description:
            keys.setdefault(text, []).append(screen.app.get_key_display(active.binding))
            names[text] = active.binding.id or ""
    texts = [
        each.description
        for source in order
        for each in getattr(source, "BINDINGS", ())
        if isinstance(each, Binding)
    ]
    return [
        (" ".join(keys[text]), names[text], text) for text in dict.fromkeys(texts) if text in keys
    ]
