"""Training static embeddings of 250k tokens, compared with a bare loop and sentence-transformers.

As many rows as XLM-R's vocabulary has, at random; the tokenizer is learned from the texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.harness import Options, Report, Side, main, speedup
from benchmarks.training import (
    PACKAGES,
    Setting,
    faster_trainer,
    hybench_steps,
    make_setting,
    peers,
    same_losses,
    steps_of,
)

_DIMENSION = 256


def _write_model(setting: Setting, rows: int) -> Setting:
    """A model of random weights for the setting's texts."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer

    from hybench.data.dataset import open_datasets
    from hybench.encoders.vocabulary import train_tokenizer
    from hybench.training.corpus import read_pair_texts

    datasets = open_datasets(setting.config.data, setting.folder)
    texts = read_pair_texts(datasets, setting.config).texts

    def all_texts() -> Iterator[str]:
        for of_kind in texts.values():
            yield from of_kind

    tokenizer_file = setting.folder / "tokenizer.json"
    train_tokenizer(all_texts(), rows, tokenizer_file)
    weights = torch.randn(rows, _DIMENSION, generator=torch.Generator().manual_seed(0)) * 0.02
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    embedding = StaticEmbedding(tokenizer, embedding_weights=weights)
    SentenceTransformer(modules=[embedding], device="cpu").save(str(setting.folder / "random"))
    encoder = str(setting.folder / "random")
    return replace(setting, config=replace(setting.config, encoder=encoder))


def steps(options: Options) -> Report:
    """Measure steps of 256 pairs."""
    rows = 5_000 if options.quick else 250_002
    with TemporaryDirectory() as folder:
        lazy = make_setting(
            Path(folder),
            options,
            steps=30,
            encoder="static",
            batch_size=256,
            optimizer="lazy-adamw",
        )
        lazy = _write_model(lazy, rows)
        dense = replace(lazy, config=replace(lazy.config, optimizer="adamw"))
        timings = steps_of(
            [
                Side("hybench, lazy-adamw", hybench_steps, (lazy,)),
                Side("hybench, adamw", hybench_steps, (dense,)),
                *peers(dense),
            ],
            options.rounds,
        )
    return Report(
        f"A training step, static, 256 pairs, {rows:,} rows",
        timings,
        [
            speedup(timings, "hybench, lazy-adamw", faster_trainer(timings), 10),
            same_losses(timings, ["hybench, adamw", "bare loop", "Trainer"]),
        ],
        unit="pairs",
        amount=256,
        notes=[
            "lazy-adamw changes the rows of the batch's tokens alone, adamw and the Trainer all.",
            "The bare loop's batches are made before it begins; the Trainer tokenises every batch.",
        ],
    )


if __name__ == "__main__":
    main("training_large_vocabulary", steps, PACKAGES, rounds=3)
