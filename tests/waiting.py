"""How long tests wait for what must come: no measure of how fast anything is."""

from __future__ import annotations

import time
from collections.abc import Callable

HANG = 600.0
"""Seconds after which something hangs, on the busiest machine."""

_EVERY = 0.05
"""Seconds between two looks, which leave the cores to what is waited for."""


def wait_until(condition: Callable[[], object]) -> None:
    """Wait until something holds, or fail when that hangs."""
    end = time.monotonic() + HANG
    while not condition():
        assert time.monotonic() < end, "It hangs."
        time.sleep(_EVERY)
