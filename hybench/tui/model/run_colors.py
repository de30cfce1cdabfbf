"""Which run has which colour: one run keeps its own in the list, the legends and all charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class RunColors:
    """Numbers of colours by run, given to those whose curves are drawn."""

    _numbers: dict[Path, int] = field(default_factory=dict)

    def of(self, drawn: Sequence[Path]) -> dict[Path, int]:
        """The number of each of these runs; one that was drawn before keeps its own."""
        kept = {path: number for path, number in self._numbers.items() if path in drawn}
        for path in drawn:
            if path not in kept:
                taken = set(kept.values())
                kept[path] = next(at for at in range(len(drawn)) if at not in taken)
        self._numbers = kept
        return {path: kept[path] for path in drawn}
