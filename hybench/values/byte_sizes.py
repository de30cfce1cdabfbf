"""Amounts of memory as users write them: ``8GiB``, ``500 MB``."""

from __future__ import annotations

import re

from hybench.errors import UsageError

_UNITS = {"": 1, "B": 1} | {
    f"{prefix}{ending}": base**power
    for base, ending in ((1000, "B"), (1024, "iB"))
    for power, prefix in enumerate("KMGTP", 1)
}
_SPELT = {unit.lower(): size for unit, size in _UNITS.items()}
_AMOUNT = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)", re.IGNORECASE | re.ASCII)


def byte_size(flag: str, text: str) -> int:
    """The bytes of an amount with a unit: ``8GiB`` is 8 · 1024³, ``8GB`` is 8 · 1000³.

    Args:
        flag: the option, for messages.
        text: a number, and B, KB, MB, GB, TB, PB or KiB, MiB, GiB, TiB, PiB, in any case.

    Raises:
        UsageError: it is not such an amount.
    """
    match = _AMOUNT.fullmatch(text.strip())
    unit = None if match is None else _SPELT.get(match[2].lower())
    size = 0 if match is None or unit is None else int(float(match[1]) * unit)
    if match is None or unit is None or (not match[2] and size > 0) or not 0 < size < 2**63:
        raise UsageError(
            f"{flag} is {text[:80]!r}.", "Give an amount of memory with its unit, such as 8GiB."
        )
    return size


def size_text(size: float) -> str:
    """Bytes in the largest unit of 1024 in which they are at least 1: ``8.0 GiB``."""
    power = 0
    while size >= 1024 and power < 5:
        size, power = size / 1024, power + 1
    return f"{size:.1f} {'KMGTP'[power - 1]}iB" if power else f"{size:.0f} B"
