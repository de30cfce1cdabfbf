"""Ranges of a training config's numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from hybench.values.checks import flag, within

MOST_EXAMPLES = 10**10
"""Batches are drawn to count examples, which takes hours for this many."""

_MOST = 10**9
_RANGES: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("alpha", "share", "warmup"), (0, 1)),
    **dict.fromkeys(("contrastive_weight", "weight_decay", "clip"), (0, math.inf)),
    "seed": (0, 2**63 - 1),
    "examples": (1, MOST_EXAMPLES),
    "dimension": (1, 10**6),
    "vocabulary": (300, 10**7),
    **dict.fromkeys(("query_length", "passage_length", "teacher_length"), (1, 10**6)),
    **dict.fromkeys(("layers", "lora", "negatives_per_query"), (1, 10**4)),
    **dict.fromkeys(("accumulation", "keep_checkpoints", "log_every"), (1, _MOST)),
    **dict.fromkeys(("steps", "first_batch"), (0, _MOST)),
    **dict.fromkeys(("chunk_size", "validate_every", "patience", "checkpoint_every"), (0, _MOST)),
    "language_temperature": (-10, 10),
    "layer_decay": (1e-3, 1),
    "teacher_temperature": (1e-4, 10),
    "distillation_weight": (1e-9, _MOST),
}
"""Values beyond them are typing errors, years of work, or not int64."""

_OR_ZERO: dict[str, tuple[float, float]] = {
    "learning_rate": (1e-9, 10),
    "temperature": (1e-4, 10),
    "batch_size": (2, _MOST),
}
"""Fields that may also be 0: the encoder's own."""


def check_numbers(values: Mapping[str, Any]) -> None:
    """Refuse numbers that are out of range; None is always allowed.

    Args:
        values: the config's fields.

    Raises:
        UsageError: naming the flag, the value and what is allowed.
    """
    for ranges, free in ((_RANGES, None), (_OR_ZERO, 0)):
        for name, (low, high) in ranges.items():
            value = values[name]
            if value is not None and value != free:
                within(flag(name), value, low, high)
