"""The batches of a training."""

from __future__ import annotations

from hybench.config.train import TrainConfig
from hybench.sampling import BatchSampler
from hybench.training.alphas import alphas_of
from hybench.training.corpus import PairTexts


def batch_sampler(config: TrainConfig, texts: PairTexts) -> BatchSampler:
    """The batches of a resolved config.

    Raises:
        UsageError: the texts have no pairs for its kinds of batches.
    """
    return BatchSampler(
        texts.tables,
        alpha=alphas_of(config),
        batch_size=config.batch_size,
        seed=config.seed,
        mixing=config.mixing,
        language_temperature=config.language_temperature or 0.0,
        first=config.first_batch or 0,
    )
