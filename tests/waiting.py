"""How long tests wait for what must come: no measure of how fast anything is."""

from __future__ import annotations

HANG = 600.0
"""Seconds after which something hangs, on the busiest machine."""
