"""Which arm has which colour: it keeps its own in the list, the legends, all charts and tabs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hybench.tui.model.arms import Group

COLORS = 8
"""Colours that there are."""


@dataclass
class ArmColors:
    """Numbers of colours by the key of an arm, or of another group."""

    _numbers: dict[str, int] = field(default_factory=dict)
    _shades: dict[str, dict[str, int]] = field(default_factory=dict)

    def see(self, keys: Iterable[str]) -> None:
        """Give a colour to each that has none, the one that fewest have."""
        new = [key for key in keys if key not in self._numbers]
        taken = Counter(self._numbers.values()) if new else Counter()
        for key in dict.fromkeys(new):
            number = min(range(COLORS), key=lambda at: (taken[at], at))
            self._numbers[key] = number
            taken[number] += 1

    def of(self, key: str) -> int:
        """Its number."""
        self.see([key])
        return self._numbers[key]

    def drawn(self, keys: Sequence[str]) -> dict[str, int]:
        """The numbers of those that are drawn at once; of two with one colour, the later gets
        another that is free, and keeps it.
        """
        self.see(keys)
        used: dict[int, str] = {}
        for key in keys:
            number = self._numbers[key]
            if number in used and len(used) < COLORS:
                others = {self._numbers[each] for each in keys} | set(used)
                number = next((at for at in range(COLORS) if at not in others), number)
                self._numbers[key] = number
            used.setdefault(number, key)
        return {key: self._numbers[key] for key in keys}

    def shades(self, groups: Sequence[Group]) -> dict[str, tuple[int, int]]:
        """Numbers of the colours of groups that are drawn at once, and their shades, by their keys.

        Runs of one arm that are drawn apart have shades of the arm's colour, and keep them.
        """
        arms = [group.views[0].arm if group.alone else group.key for group in groups]
        numbers = self.drawn(list(dict.fromkeys(arms)))
        found = {}
        for group, arm in zip(groups, arms, strict=True):
            known = self._shades.setdefault(arm, {})
            shade = known.setdefault(group.key, len(known)) if group.alone else 0
            found[group.key] = (numbers[arm], shade)
        return found
