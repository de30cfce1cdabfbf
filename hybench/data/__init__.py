"""Data sets: their tables, their sources, and how they are prepared."""
