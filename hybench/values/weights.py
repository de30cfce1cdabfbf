"""Training sets with weights: ``SET``, or ``SET:2`` for one that is drawn twice as often."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from hybench.errors import UsageError
from hybench.values.names import folder_named

_WEIGHTED = re.compile(r"(.+):(\d+\.?\d*|\.\d+)")

_MOST = 1e6


def weighted(text: str, root: Path | None = None) -> tuple[str, float]:
    """The set that a ``--data`` names, and its weight, 1 without one.

    A folder whose own name ends with a colon and a number is that folder.

    Args:
        text: as it was given.
        root: the folder of the prepared sets; None where it is not known.

    Raises:
        UsageError: the weight is 0 or too large.
    """
    found = _WEIGHTED.fullmatch(text)
    folders = [Path(text)] if root is None else [Path(text), folder_named(text, root)]
    if found is None or any(folder.is_dir() for folder in folders):
        return text, 1.0
    weight = float(found[2])
    if not 0 < weight <= _MOST:
        raise UsageError(
            f"--data {text}: the weight is {weight:g}.",
            f"It must be above 0 and at most {_MOST:,.0f}; omit a set that is not to be drawn.",
        )
    return found[1], weight


def set_names(data: Iterable[str]) -> tuple[str, ...]:
    """The sets that ``--data`` names, without weights."""
    return tuple(weighted(text)[0] for text in data)
