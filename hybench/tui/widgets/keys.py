"""Which keys do what, as they are bound now: a person may have chosen others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from textual.binding import Binding
from textual.screen import Screen

from hybench.tui.context import Hints
from hybench.tui.model.help import KeyLine


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


def key_lines(
    kinds: Sequence[type], chosen: Mapping[str, str], display: Callable[[Binding], str]
) -> list[KeyLine]:
    """The actions of some classes in their order, each once, with the keys that are theirs now.

    Args:
        kinds: widgets, panes or apps; of each, what it inherits comes after its own.
        chosen: keys that a person chose, by the names of what they do.
        display: a key as it is shown.
    """
    found: dict[str, KeyLine] = {}
    for base in dict.fromkeys(base for kind in kinds for base in kind.__mro__):
        if base.__module__.startswith("textual."):
            continue
        for binding in vars(base).get("BINDINGS", ()):
            keys = (chosen.get(binding.id or "") or binding.key).split(",")
            shown = " ".join(display(binding.with_key(key.strip())) for key in keys)
            line = KeyLine(
                shown, binding.id or "", binding.description, binding.action, binding.show
            )
            found.setdefault(binding.id or binding.action, line)
    return list(found.values())
