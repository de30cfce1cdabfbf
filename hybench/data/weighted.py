"""The sets that a training draws its batches from, each with its weight."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hybench.data.dataset import Dataset, open_datasets
from hybench.values.weights import weighted


def open_training_sets(data: Sequence[str], root: Path) -> list[Dataset]:
    """Open the sets that ``--data`` names; see `hybench.data.dataset.open_datasets`.

    Raises:
        UsageError: one does not exist, none is named, or one is named twice.
    """
    return open_datasets([weighted(text, root)[0] for text in data], root)


def set_weights(data: Sequence[str], datasets: Sequence[Dataset]) -> tuple[float, ...]:
    """The weight of each opened set.

    Args:
        data: as it was given.
        datasets: these sets, opened, in the same order.
    """
    return tuple(
        weighted(text, dataset.path.parent)[1] for text, dataset in zip(data, datasets, strict=True)
    )
