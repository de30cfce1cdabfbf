"""The initial encoder of a training; equal configs have equal initial weights and tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from hybench.config.train import TrainConfig
from hybench.data.dataset import Dataset
from hybench.encoders.checkpoint import encoder_kind
from hybench.encoders.encoder import Encoder
from hybench.encoders.loading import resolve_device
from hybench.encoders.vocabulary import TOKENIZER_RECIPE, train_tokenizer
from hybench.files.array_cache import cached_files, is_cached
from hybench.files.documents import sha256_json
from hybench.training.optim.precision import check_precision

_TOKENIZER = "tokenizer.json"


def make_student(
    config: TrainConfig,
    datasets: Sequence[Dataset],
    cache: Path,
    device: str,
    scratch: Path | None = None,
) -> Encoder:
    """The untrained encoder of a resolved config, on its device.

    Args:
        config: a resolved config.
        datasets: the training sets, from which a from-scratch encoder learns its vocabulary; all
            their languages, so that arms with other training languages share it.
        cache: folder of cached vocabularies.
        device: auto, cpu, cuda or cuda:N.
        scratch: folder for a vocabulary that is not cached yet; None for the cache.

    Raises:
        UsageError: the checkpoint or the device does not exist, or does not have the precision.
    """
    where = resolve_device(device)
    check_precision(config.precision, where)
    kind = encoder_kind(config.encoder)
    vocabulary = partial(_tokenizer_file, config, datasets, cache, scratch)
    model = kind.build(config.shape, vocabulary).to(where)
    return Encoder(
        model,
        query_prefix=config.query_prefix,
        passage_prefix=config.passage_prefix,
        query_length=config.query_length,
        passage_length=config.passage_length,
    )


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
