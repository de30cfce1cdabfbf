"""Which precision is the fastest on a device."""

from __future__ import annotations

from hybench.indexes.exact.screens.bfloat16 import BFLOAT16, multiplies_bfloat16
from hybench.indexes.exact.screens.float32 import FLOAT32
from hybench.indexes.exact.screens.int8 import exact_level, int8
from hybench.indexes.exact.screens.precision import Precision


def fastest(device: str) -> Precision | None:
    """The precision to screen in on a device as torch names it; None for no screen."""
    if device != "cpu":
        return None
    if multiplies_bfloat16():
        return BFLOAT16
    level = exact_level()
    return FLOAT32 if level is None else int8(level)
