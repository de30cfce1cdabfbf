"""The model that several trainings began with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hybench.config.train import TrainConfig
from hybench.data.dataset import open_datasets
from hybench.encoders.encoder import Encoder
from hybench.errors import HybenchError, UsageError
from hybench.indexes.model import load_model_of
from hybench.runs.derived import START_FIELDS
from hybench.runs.events import first_event
from hybench.runs.run import CACHE, TRAIN, Run
from hybench.training.student import make_student

_NAME_IT = "Name the run of the model that they began with: --base RUN."


def common_start(
    runs: Sequence[Run], base: Run | None, data_root: Path, device: str
) -> tuple[Encoder, str]:
    """The model that trainings began with, before their first step, and what it is called.

    It is made again from the trainings' config, which decides it.

    Args:
        runs: the trainings.
        base: a run of that model, if it was named.
        data_root: folder of the prepared sets, of which a vocabulary may have been learned.
        device: where it is loaded.

    Raises:
        UsageError: the trainings did not begin with one model by what they recorded, or it cannot
            be made again.
    """
    if base is not None:
        return load_model_of(base, device), base.name
    first = runs[0].read_config()
    for run in runs:
        other = run.read_config()
        if other.get("kind", TRAIN) != TRAIN:
            raise UsageError(f"Run {run.name} is no training: its start is not recorded.", _NAME_IT)
        differing = _differing(first, other, _begun(runs[0]), _begun(run))
        if differing:
            raise UsageError(
                f"{runs[0].name} and {run.name} did not begin with one model: {differing} differs.",
                _NAME_IT,
            )
    config = TrainConfig.from_toml(first, str(runs[0].config_file)).resolved()
    try:
        datasets = open_datasets(config.data, data_root)
        encoder = make_student(config, datasets, runs[0].path.parent / CACHE, device)
    except HybenchError as error:
        raise UsageError(
            f"The model that {runs[0].name} began with cannot be made again: {error.what}", _NAME_IT
        ) from error
    return encoder, f"the start of {runs[0].name}"


def _begun(run: Run) -> str:
    """Digest of the checkpoint that a training began with; empty for drawn weights."""
    return str(first_event(run.events_file, "encoder").get("digest") or "")


def _differing(one: Mapping[str, Any], other: Mapping[str, Any], begun: str, also: str) -> str:
    """The first thing that makes two trainings' starts differ; empty if nothing does."""
    fields: list[str] = [*START_FIELDS, *(() if begun else ("seed",))]
    for name in fields:
        if one.get(name) != other.get(name):
            return name
    return "" if begun == also else "the checkpoint's digest"
