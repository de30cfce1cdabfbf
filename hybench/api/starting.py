"""What a training begins with: a run by its name, whose encoder it then has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from hybench.config.train import TrainConfig
from hybench.encoders.named import run_model
from hybench.runs.run import TRAIN, Run
from hybench.values.names import folder_named

_OF_START = ("encoder", "dimension", "vocabulary", "layers", "lora")
"""Fields that a training takes from the run that it begins with, where its own are the defaults."""


def with_start(config: TrainConfig, runs_dir: Path) -> TrainConfig:
    """The config with the folder of the run that it begins with, and that run's encoder.

    Args:
        config: its `init` is a run in `runs_dir`, a run's folder, or a model; or None.
        runs_dir: the folder of runs.
    """
    if config.init is None:
        return config
    inside = folder_named(config.init, runs_dir)
    begun = run_model(config.init) or run_model(str(inside))
    if begun is None:
        return config
    run = Run(begun.parent)
    before = run.read_config()
    if before.get("kind") != TRAIN:
        before = {"encoder": str(begun)}
    taken: dict[str, Any] = {
        name: before[name]
        for name in _OF_START
        if name in before and getattr(config, name) == getattr(TrainConfig, name)
    }
    return replace(config, init=str(run.path), **taken)
