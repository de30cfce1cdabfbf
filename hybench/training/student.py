"""The initial encoder of a training; equal configs have equal initial weights and tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hybench.concurrency.progress import Progress, ProgressCallback, ignore
from hybench.config.train import TrainConfig
from hybench.data.dataset import Dataset
from hybench.encoders.checkpoint import Checkpoint, locate
from hybench.encoders.devices import resolve_device
from hybench.encoders.encoder import Encoder
from hybench.encoders.kinds import DISTILLING_RECIPE, ENCODERS
from hybench.encoders.layers import freeze
from hybench.encoders.loading import load_encoder, load_model
from hybench.encoders.lora import add_adapter, train_adapter
from hybench.encoders.named import is_checkpoint, run_model
from hybench.encoders.origins import MADE_HERE, Origins
from hybench.encoders.precision import check_precision
from hybench.encoders.vocabulary import TOKENIZER_RECIPE, train_tokenizer
from hybench.errors import UsageError
from hybench.files.array_cache import cached_files, is_cached
from hybench.files.documents import sha256_json
from hybench.files.user_cache import user_cache
from hybench.runs.run import TRAIN, Run

if TYPE_CHECKING:
    pass

_TOKENIZER = "tokenizer.json"


def make_student(
    config: TrainConfig,
    datasets: Sequence[Dataset],
    cache: Path,
    device: str,
    scratch: Path | None = None,
    progress: ProgressCallback = ignore,
) -> Encoder:
    """The untrained encoder of a resolved config, on its device.

    Args:
        config: a resolved config.
        datasets: the training sets, from which a from-scratch encoder learns its vocabulary; all
            their languages, so that arms with other training languages share it.
        cache: folder of cached vocabularies.
        device: auto, cpu, cuda or cuda:N.
        scratch: folder for a vocabulary that is not cached yet; None for the cache.
        progress: receives progress reports where the encoder is made from another model.

    Raises:
        UsageError: the checkpoint or the device does not exist, or does not have the precision.
    """
    where = resolve_device(device)
    check_precision(config.precision, where)
    begun = run_model(config.init)
    check_start(config)
    if begun is not None or is_checkpoint(config.encoder):
        name = config.encoder if begun is None else begun
        encoder = load_encoder(name, where, config.encoder_options)
        if encoder.languages:
            raise UsageError(
                f"The vectors of {name} depend on the language of a text.",
                "Train the model that it was derived from, and derive from the result.",
            )
    else:
        if config.init is None:
            vocabulary = partial(_tokenizer_file, config, datasets, cache, scratch)
            model, origins = ENCODERS[config.encoder].build(config.shape, vocabulary), MADE_HERE
        else:
            start = locate(config.init)
            made = _made_from(start, config, where, progress)
            model, origins = load_model(locate(made)), Origins(start)
        encoder = Encoder(model.to(where), config.encoder_options, origins)
    _fit(encoder, config)
    return encoder


def check_start(config: TrainConfig) -> None:
    """Check that training can begin with what the config's `init` names.

    A run begins with its model, and has that encoder; for an encoder that is made from another
    model, any model is taken.

    Raises:
        UsageError: it cannot.
    """
    begun = run_model(config.init)
    if begun is not None:
        of = Run(begun.parent).read_config()
        encoder = of.get("encoder") if of.get("kind") == TRAIN else None
        if encoder not in {None, config.encoder}:
            raise UsageError(
                f"--init {config.init} is a run of --encoder {encoder}, not of {config.encoder}.",
                f"Give --encoder {encoder}, or omit it.",
            )
    elif config.init is not None and is_checkpoint(config.encoder):
        raise UsageError(
            f"--init {config.init} is no trained run, and --encoder {config.encoder} is a "
            "checkpoint itself.",
            "Name a run, or omit --init: training starts from the checkpoint.",
        )
    elif config.init is not None and ENCODERS[config.encoder].distil is None:
        raise UsageError(
            f"--init {config.init} is no trained run, and {config.encoder} cannot be made from "
            "another model.",
            "Name a run, use --encoder static, or name the model as --encoder.",
        )


def _made_from(
    start: Checkpoint, config: TrainConfig, device: str, progress: ProgressCallback
) -> Path:
    """The folder of an encoder made from another model, made now unless it was before.

    It is in the user's cache: it takes minutes, and is the same whatever is trained.

    Raises:
        UsageError: it cannot be made.
    """
    shape, distil = config.shape, ENCODERS[config.encoder].distil
    made_of = [start.digest, config.encoder, shape.dimension, DISTILLING_RECIPE]
    folder = user_cache("encoders") / sha256_json(made_of)[:32]

    def make(folder: Path) -> None:
        if distil is not None:
            distil(shape, load_encoder(start.name, device), folder, progress)

    def waiting() -> None:
        progress(Progress("another run makes the static embeddings", 0, None, "tokens"))

    cached_files(folder, make, waiting)
    return folder


def _fit(encoder: Encoder, config: TrainConfig) -> None:
    """Prepare an encoder for its training: which weights are trained, and how they are computed."""
    checkpoint = encoder.origins.checkpoint
    begun = run_model(config.init) is not None
    adapted = checkpoint is not None and bool(checkpoint.adapter)
    if config.lora is not None and not (begun and adapted):
        add_adapter(encoder, config.lora, config.seed)
    elif adapted and (begun or is_checkpoint(config.encoder)):
        train_adapter(encoder)
    if config.freeze is not None:
        freeze(encoder.model, config.freeze)
    network: Any = getattr(encoder.model[0], "auto_model", None)
    for name in ("gradient_checkpointing", "compile"):
        if getattr(config, name) and network is None:
            raise UsageError(
                f"--{name.replace('_', '-')} is for transformers, and the encoder is none.",
                "Omit it.",
            )
    if config.gradient_checkpointing:
        # transformers 5.20 renamed it.
        enable = getattr(network, "activation_checkpointing_enable", None)
        (enable or network.gradient_checkpointing_enable)({"use_reentrant": False})
    if config.compile:
        network.compile(dynamic=True)


def _tokenizer_file(
    config: TrainConfig, datasets: Sequence[Dataset], cache: Path, scratch: Path | None
) -> Path:
    fingerprints = sorted(dataset.info.fingerprint for dataset in datasets)
    digest = sha256_json([TOKENIZER_RECIPE, config.vocabulary, fingerprints])[:16]
    ordered = sorted(datasets, key=lambda dataset: dataset.info.fingerprint)

    def learn(folder: Path) -> None:
        train_tokenizer(_texts(ordered), config.vocabulary, folder / _TOKENIZER)

    folder = cache / "tokenizers" / digest
    if scratch is not None and not is_cached(folder):
        folder = scratch / digest
    cached_files(folder, learn)
    return folder / _TOKENIZER


def _texts(datasets: Sequence[Dataset]) -> Iterator[str]:
    for dataset in datasets:
        for language in dataset.table_languages("pairs"):
            pairs = dataset.pairs(language)
            yield from pairs["query"]
            yield from pairs["passage"]
