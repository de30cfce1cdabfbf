"""The precisions that tests screen in."""

from __future__ import annotations

from hybench.indexes.exact.screens.bfloat16 import BFLOAT16
from hybench.indexes.exact.screens.float32 import FLOAT32
from hybench.indexes.exact.screens.int8 import LEVELS, exact_level, int8

INTEGERS = [level for level in LEVELS if level <= (exact_level() or 0)]
"""What this processor can: all of them, or those without VNNI, or none."""

PRECISIONS = [FLOAT32, BFLOAT16, *map(int8, INTEGERS)]
NAMES = ["float32", "bfloat16", *(f"int8-{level}" for level in INTEGERS)]
