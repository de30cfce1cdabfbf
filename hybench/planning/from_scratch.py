"""Encoders that do not exist yet: as a training would begin with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from hybench.config.train import TrainConfig
from hybench.data.dataset import Dataset
from hybench.encoders.encoder import Encoder
from hybench.encoders.kinds import ENCODERS
from hybench.encoders.vocabulary import train_tokenizer
from hybench.planning.invented import invented_texts
from hybench.planning.load import sample_passages

_VOCABULARY_TEXTS = 10_000
_CHARACTERS = 300.0
"""Of an invented text, on average."""


def encoder_from_scratch(name: str, dataset: Dataset | None, languages: tuple[str, ...]) -> Encoder:
    """An encoder with random weights, its vocabulary learned from a few texts.

    Args:
        name: of an encoder that is made here.
        dataset: whose texts; None for invented ones.
        languages: codes of the texts' languages.
    """
    config = TrainConfig(encoder=name).resolved()
    with TemporaryDirectory() as folder:
        file = Path(folder) / "tokenizer.json"

        def vocabulary() -> Path:
            train_tokenizer(_some_texts(dataset, languages), config.vocabulary, file)
            return file

        return Encoder(ENCODERS[name].build(config.shape, vocabulary), config.encoder_options)


def _some_texts(dataset: Dataset | None, languages: tuple[str, ...]) -> Iterator[str]:
    each = -(-_VOCABULARY_TEXTS // len(languages))
    for language in languages:
        if dataset is None:
            yield from invented_texts(language, each, _CHARACTERS)
        else:
            yield from sample_passages(dataset, language, each)
