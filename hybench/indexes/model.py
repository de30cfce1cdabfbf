"""Load a run's model for indexing, evaluation or search."""

from __future__ import annotations

from hybench.encoders.encoder import Encoder
from hybench.encoders.loading import load_encoder
from hybench.errors import UsageError
from hybench.indexes.reader import model_sha256
from hybench.runs.run import BM25, Run
from hybench.wording.commands import command, folder_word


def load_model_of(run: Run, device: str = "auto") -> Encoder:
    """The run's trained encoder, with the prefixes and lengths saved with it.

    Args:
        run: the run.
        device: auto, cpu, cuda or cuda:N.

    Raises:
        UsageError: the run is BM25, or was imported; or there is no such device.
        StateError: the run has no model yet, or it was changed after its training.
        DataError: the model cannot be loaded.
    """
    check_has_model(run)
    model_sha256(run)
    return load_encoder(run.model, device)


def check_has_model(run: Run) -> None:
    """Check that a run is of a kind that has a model, trained or not yet.

    Raises:
        UsageError: the run is BM25, or was imported.
    """
    kind = run.read_config().get("kind")
    folder = run.path.parent
    if kind == "imported":
        raise UsageError(
            f"Run {run.name} was imported and has no model.",
            f"Compare it as it is: {command('compare', folder_word(folder))}.",
        )
    if kind == BM25:
        raise UsageError(
            f"Run {run.name} is BM25, which has no model.",
            f"Evaluate it: {command('eval', BM25, '--name', run.name, runs_dir=folder)}.",
        )
