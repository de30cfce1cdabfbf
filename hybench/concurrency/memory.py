"""How much memory a process of this machine may use."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""Where a container says what it may use: cgroup v2 and v1."""


def machine_memory() -> int:
    """Bytes of memory of this machine, or of the container that this process runs in."""
    import psutil

    found = [int(psutil.virtual_memory().total)]
    for limit in _LIMITS:
        with suppress(OSError, ValueError):  # "max" is no number, nor a limit
            found.append(int(Path(limit).read_text(encoding="utf-8")))
    return min(found)
