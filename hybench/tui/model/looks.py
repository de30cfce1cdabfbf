"""How often a study was looked at before it was finished."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hybench.comparison.looks import PlannedRuns


@dataclass
class Looks:
    """Looks at studies: at how many numbers of evaluated cells their differences were shown.

    Attributes:
        seen: these numbers, by the study's folder.
    """

    seen: dict[str, list[int]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def look(self, planned: PlannedRuns) -> int:
        """Look at a study; returns the number of this look, which is 1 at the first."""
        with self._lock:
            numbers = self.seen.setdefault(str(planned.folder.absolute()), [])
            if len(planned.evaluated) not in numbers:
                numbers.append(len(planned.evaluated))
            return len(numbers)
