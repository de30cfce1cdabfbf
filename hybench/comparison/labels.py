"""Labels of arms, after the names of their runs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from hybench.runs.run import Run

_SEED = re.compile(r"(s|seed)\d+")


def unique_labels(
    labels: Sequence[str], first: Sequence[Run], several: Sequence[bool]
) -> list[str]:
    """Unique labels.

    Repeated ones become the name of their first run, or its folder and name if a label is of one
    run; remaining ones get numbers.
    """
    counts = Counter(labels)
    told = [
        label if counts[label] == 1 else run.name if group else f"{run.path.parent.name}/{run.name}"
        for label, run, group in zip(labels, first, several, strict=True)
    ]
    seen: Counter[str] = Counter()
    for at, label in enumerate(told):
        seen[label] += 1
        told[at] = label if seen[label] == 1 else f"{label} ({seen[label]})"
    return told


def shared_name(names: Sequence[str]) -> str:
    """The common part of runs' names: ``hybrid-a0.3`` of ``hybrid-a0.3-s1``, ``…-s2``.

    Names of equally many parts (between ``-`` and ``_``) keep the equal ones, seeds aside; others
    keep their common beginning. Empty if nothing is left.
    """
    if len(names) == 1:
        return names[0]
    split = [re.split(r"(?<=[-_])", name) for name in names]
    if len({len(parts) for parts in split}) == 1:
        columns = [parts for parts in zip(*split, strict=True) if len(set(map(_bare, parts))) == 1]
        kept = [parts[0] for parts in columns if not _SEED.fullmatch(_bare(parts[0]))]
        if kept:
            return _bare("".join(kept))
    common = names[0]
    while not all(name.startswith(common) for name in names):
        common = common[:-1]
    return re.sub(r"[-_.]*(seed|s)?[-_.]*$", "", common)


def _bare(text: str) -> str:
    return text.strip("-_.")
