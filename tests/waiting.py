"""How long tests wait for what must come: longer than any busy machine takes."""

from __future__ import annotations

HANG = 1200.0
"""Seconds after which something hangs; no measure of how fast anything is."""
