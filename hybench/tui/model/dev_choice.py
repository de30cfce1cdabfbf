"""Which dev set, and which of its settings, is shown of runs that validate on several."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from hybench.tui.model.history import History


@dataclass
class DevChoice:
    """A dev set and a setting of it.

    Attributes:
        data: the set; empty before any run has validated.
        setting: mono, cross or multi.
        sets: those that any of the runs validates on, with their settings.
    """

    data: str = ""
    setting: str = "mono"
    sets: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def offer(self, histories: Iterable[History]) -> bool:
        """Choose among what runs validate on: what was chosen before where it is there, else the
        set with the most settings, and its first.

        Returns:
            Whether any run has validated.
        """
        self.sets = {}
        for history in histories:
            for name, settings in history.validated().items():
                self.sets[name] = tuple(dict.fromkeys((*self.sets.get(name, ()), *settings)))
        if self.sets:
            if self.data not in self.sets:
                self.data = max(self.sets, key=lambda name: (len(self.sets[name]), name))
            if self.setting not in self.sets[self.data]:
                self.setting = self.sets[self.data][0]
        return bool(self.sets)

    def next_setting(self) -> None:
        """Choose the set's next setting."""
        if self.sets:
            self.setting = _next(self.sets[self.data], self.setting)

    def next_data(self) -> None:
        """Choose the next set."""
        if self.sets:
            self.data = _next(tuple(sorted(self.sets)), self.data)


def _next(known: tuple[str, ...], value: str) -> str:
    return known[(known.index(value) + 1) % len(known)] if value in known else known[0]
