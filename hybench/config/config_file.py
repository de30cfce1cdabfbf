"""Reads the config of a training from a file."""

from __future__ import annotations

from pathlib import Path

from hybench.config.train import TrainConfig
from hybench.files.documents import read_toml


def read_config(path: Path) -> TrainConfig:
    """Read a ``config.toml``.

    Raises:
        UsageError: there is no such file, or a field in it is wrong.
        DataError: it is not TOML.
    """
    return TrainConfig.from_toml(read_toml(path), str(path))
