"""A run held against other processes, with its model loaded: what indexing and evaluating need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hybench.data.dataset import Dataset
from hybench.errors import HybenchError, StateError
from hybench.indexes.handover.stored import StoredVectors
from hybench.indexes.model import load_model_as_it_is, load_model_of, write_model_run
from hybench.runs.models import model_folder
from hybench.runs.run import VECTORS, Run

if TYPE_CHECKING:
    from hybench.api.asked_model import AskedModel
    from hybench.encoders.encoder import Encoder


@contextmanager
def holding_with_model(
    run: Run, device: str, precision: str, asked: AskedModel | None = None
) -> Iterator[Encoder]:
    """Load a run's model, then hold the run, which is made first if it is to be made of a model.

    The model is loaded first: its errors say whether another process trains it. What was loaded is
    what lies there once the run is held, so that vectors and their model's digest go together.

    Args:
        run: the run.
        device: auto, cpu, mps, cuda or cuda:N.
        precision: that vectors are computed in: fp32, bf16 or fp16.
        asked: the model that the run is to be made of; None if the run exists.

    Raises:
        UsageError: the run is of a kind without a model, or there is no such device, or it lacks
            the precision.
        StateError: the run has no model, its model has changed while it was loaded, or another
            process works on the run.
        DataError: the model cannot be loaded.
    """
    if asked is not None:
        encoder, config = load_model_as_it_is(asked.model, asked.options, device)
        encoder.use_precision(precision)
        with run.lock():
            if run.exists():
                raise changed_meanwhile(f"Run {run.name}")
            write_model_run(run, encoder, config)
            yield encoder
        return
    before = _state(run)
    encoder = load_model_of(run, device)
    encoder.use_precision(precision)
    with run.lock():
        if _state(run) != before:
            raise changed_meanwhile(f"The model of run {run.name}")
        yield encoder


@contextmanager
def holding_with_encoder(
    run: Run, dataset: Dataset, device: str, precision: str
) -> Iterator[Encoder | StoredVectors]:
    """`holding_with_model`, and of a run of vectors what stands in for its model."""
    if run.kind == VECTORS:
        stored = StoredVectors.of(run, dataset, device, precision)
        with run.lock():
            yield stored
        return
    with holding_with_model(run, device, precision) as encoder:
        yield encoder


def changed_meanwhile(what: str) -> HybenchError:
    """The error where another process was faster than the lock."""
    return StateError(f"{what} changed before the run could be held.", "Try again.")


def _state(run: Run) -> list[tuple[str, int, int, int]]:
    """What tells the files of a model from others that replace them, without reading them."""
    found = []
    for file in sorted(model_folder(run).rglob("*")):
        status = file.stat()
        found.append((str(file), status.st_ino, status.st_size, status.st_mtime_ns))
    return found
