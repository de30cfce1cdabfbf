"""Load a run's model for indexing, evaluation or search; make a run of a model as it is."""

from __future__ import annotations

from pathlib import Path

from hybench.encoders.description import describe
from hybench.encoders.encoder import Encoder
from hybench.encoders.loading import load_encoder
from hybench.encoders.sharing import Loading
from hybench.errors import UsageError
from hybench.files.documents import write_json
from hybench.indexes.reader import model_sha256
from hybench.runs.environment import describe_environment
from hybench.runs.events import EventLog
from hybench.runs.models import ModelConfig, ModelOptions, encoder_word
from hybench.runs.run import BM25, IMPORTED, MODEL, VECTORS, Run
from hybench.version import __version__
from hybench.wording.commands import RUNS_DIR, command, folder_word, named


def load_model_of(run: Run, device: str = "auto") -> Encoder:
    """The run's encoder, with the prefixes and lengths saved with it, or the run's own.

    Args:
        run: the run.
        device: auto, cpu, mps, cuda or cuda:N.

    Raises:
        UsageError: the run is BM25, or was imported; its model is not there any more; or there is
            no such device.
        StateError: the run has no model yet, or it was changed after its training or since the run
            was made of it.
        DataError: the model cannot be loaded.
    """
    check_has_model(run)
    model_sha256(run)
    loading = loading_of(run)
    return load_encoder(loading.name, device, loading.options)


def loading_of(run: Run) -> Loading:
    """How the model of a run is loaded, in this process or another.

    Raises:
        DataError: the run's config is damaged.
    """
    if run.kind == MODEL:
        config = ModelConfig.read(run)
        return Loading(config.called, config.options)
    return Loading(str(run.model))


def load_model_as_it_is(
    model: str | Path, options: ModelOptions, device: str = "auto"
) -> tuple[Encoder, ModelConfig]:
    """A model that hybench did not train, and the config of a run of it.

    Args:
        model: a directory, or an id on the hub, with ``@REVISION`` if it is not the newest.
        options: how it is used.
        device: auto, cpu, mps, cuda or cuda:N.

    Raises:
        UsageError: there is no such model or device, or it cannot be used as asked.
        DataError: it cannot be loaded.
    """
    encoder = load_encoder(model, device, options.encoder)
    said = describe(encoder)
    config = ModelConfig(
        encoder=encoder_word(model),
        digest=said.digest,
        revision=said.revision,
        pooling=options.pooling or "",
        query_prefix=said.query_prefix,
        passage_prefix=said.passage_prefix,
        query_length=said.query_length,
        passage_length=said.passage_length,
    )
    return encoder, config


def write_model_run(run: Run, encoder: Encoder, config: ModelConfig) -> None:
    """Make a run of a model as it is: its environment, what the model is, and its config.

    Args:
        run: the run, which its caller holds.
        encoder: the model, loaded.
        config: of the run.

    Raises:
        StateError: the folder cannot be written.
    """
    write_json(run.environment_file, describe_environment(str(encoder.device)))
    EventLog(run.events_file).append("encoder", **describe(encoder).to_event())
    run.write_config(config.to_toml() | {"hybench": __version__})


def check_has_model(run: Run) -> None:
    """Check that a run is of a kind that has a model, trained or not yet.

    Raises:
        UsageError: the run is BM25, was imported, or has vectors that were made elsewhere.
    """
    folder = run.path.parent
    if run.kind == IMPORTED:
        raise UsageError(
            f"Run {run.name} was imported and has no model.",
            f"Compare it as it is: {command('compare', folder_word(folder))}.",
        )
    if run.kind == VECTORS:
        raise UsageError(
            f"Run {run.name} has vectors that were made elsewhere, and no model to encode with.",
            f"Evaluate it: {command('eval', named(run.path, RUNS_DIR), '--data', 'SET')}.",
        )
    if run.kind == BM25:
        raise UsageError(
            f"Run {run.name} is BM25, which has no model.",
            f"Evaluate it: {command('eval', BM25, '--name', run.name, runs_dir=folder)}.",
        )
