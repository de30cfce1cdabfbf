"""What the cells of a study read, looked at before the first of them begins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from hybench.config.train import TrainConfig
from hybench.data.dataset import open_datasets
from hybench.data.weighted import open_training_sets
from hybench.encoders.named import run_model

_Name = TypeVar("_Name")


def check_inputs(configs: Iterable[TrainConfig], data_dir: Path) -> None:
    """Refuse trainings that name what is not there, each name once.

    Args:
        configs: of the trainings that are left to do.
        data_dir: of the prepared sets.

    Raises:
        UsageError: a start, a teacher, a validation set, mined negatives or a file of scores is not
            there, or does not fit the training.
        DataError: a file of them is damaged.
    """
    from hybench.encoders.checkpoint import locate
    from hybench.training.lists.reading import entries_of
    from hybench.training.student import check_start

    seen: set[object] = set()
    for config in configs:
        for _ in _new([(config.init, config.encoder)], seen):
            check_start(config)
            if config.init is not None and run_model(config.init) is None:
                locate(config.init)
        for name in _new(config.teachers if config.has_teacher else (), seen):
            locate(name)
        for name in _new([config.validation], seen):
            open_datasets([name], data_dir)
        for _ in _new([_lists(config)], seen):
            entries_of(config, open_training_sets(config.data, data_dir), data_dir)


def _new(names: Iterable[_Name | None], seen: set[object]) -> Iterator[_Name]:
    """The names that are given and not seen yet."""
    for name in names:
        if name and name not in seen:
            seen.add(name)
            yield name


def _lists(config: TrainConfig) -> tuple[object, ...] | None:
    """What decides the lists of a training; None if it has none."""
    named = (config.hard_negatives, config.teacher_scores)
    return (config.data, config.languages, *named) if any(named) else None
