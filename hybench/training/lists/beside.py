"""What a step does with the lists beside a batch: draw, embed, and the losses over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hybench.config.train import TrainConfig
from hybench.encoders.arithmetic import Work
from hybench.encoders.encoder import Encoder
from hybench.encoders.precision import autocast
from hybench.encoders.tokens import Tokens
from hybench.sampling import Batch
from hybench.training.contrastive import contrastive
from hybench.training.distributed.group import ProcessGroup
from hybench.training.gradient_cache import embed_texts_in_chunks
from hybench.training.lists.losses import OF_SCORES, ScoredBatch, contrastive_with_negatives
from hybench.training.lists.model import Drawn, QueryLists

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class TokenisedLists:
    """Lists with the tokens of their texts, as passages."""

    lists: QueryLists
    tokens: Tokens


@dataclass(frozen=True)
class BesideBatch:
    """The entries of lists beside a batch.

    Attributes:
        drawn: which they are.
        tokens: of their m texts.
    """

    drawn: Drawn
    tokens: Tokens

    @property
    def work(self) -> Work:
        """The texts that are embedded beside those of the batch."""
        return Work.of(self.tokens.lengths)

    def embed(self, encoder: Encoder, config: TrainConfig, group: ProcessGroup) -> Tensor:
        """Vectors float32 [m, d]; each process of the group embeds its part."""
        own = self.tokens
        if group.size > 1:
            own = own.take(group.part(np.arange(len(own))))

        def forward(texts: Tokens) -> tuple[Tensor]:
            with autocast(config.precision, encoder.device):
                vectors = encoder.embed_alone(texts)
            return (vectors.float(),)

        chunk = config.chunk_size
        if 0 < chunk < len(own):
            # The last to be embedded before the backward pass.
            vectors = embed_texts_in_chunks(forward, own, chunk, keep_last=True)
        else:
            [vectors] = forward(own)
        return group.gathered(vectors, len(self.tokens))


def beside(lists: TokenisedLists | None, batch: Batch, config: TrainConfig) -> BesideBatch | None:
    """The entries of lists beside a batch; None if there are none."""
    drawn = None if lists is None else lists.lists.draw(batch, config.seed)
    if lists is None or drawn is None:
        return None
    return BesideBatch(drawn, lists.tokens.take(drawn.texts))


def contrastive_of(
    config: TrainConfig, queries: Tensor, passages: Tensor, beside: tuple[Drawn, Tensor] | None
) -> Tensor:
    """The contrastive loss of a batch with its hard negatives, if there are any.

    Args:
        config: of the training.
        queries: float [b, d].
        passages: float [b, d].
        beside: the negatives, and their vectors float [m, d].
    """
    import torch

    if beside is None:
        return contrastive(queries, passages, config.temperature)
    drawn, vectors = beside
    false = torch.from_numpy(drawn.false).to(queries.device)
    return contrastive_with_negatives(queries, passages, vectors, false, config.temperature)


def scored_loss(
    config: TrainConfig, queries: Tensor, passages: Tensor, beside: tuple[Drawn, Tensor] | None
) -> Tensor:
    """``w_d · s · listwise objective + w_c · contrastive``, as
    `hybench.training.distillation.distillation` has it for a teacher's vectors.

    Arguments are those of `contrastive_of`; without lists the first part is 0.
    """
    import torch

    loss = 0 * queries.sum()
    if beside is not None:
        drawn, vectors = beside
        device = queries.device
        batch = ScoredBatch.of(
            queries,
            passages,
            vectors,
            torch.from_numpy(drawn.columns).to(device),
            torch.from_numpy(drawn.scores).to(device),
            config.temperature,
            config.teacher_temperature,
        )
        loss = OF_SCORES[config.objective](batch)
    if config.distillation_scale == "temperature-squared":
        loss = loss * config.temperature**2
    if config.distillation_weight is not None:
        loss = loss * config.distillation_weight
    if config.contrastive_weight:
        extra = contrastive_of(config, queries, passages, beside)
        loss = loss + config.contrastive_weight * extra
    return loss


def compared(config: TrainConfig, batch: Batch, drawn: Drawn | None) -> int:
    """Pairs of a query and another passage that it is set against in a batch."""
    own, others = 0, len(batch) * (len(batch) - 1)
    if drawn is not None:
        own, others = drawn.entries, others + drawn.negatives
    return others if _against_all(config) else own


def scores_of(config: TrainConfig, batch: Batch, drawn: Drawn | None) -> int:
    """Products of a query's and a passage's vector that a batch takes."""
    size = len(batch)
    if drawn is None:
        return size**2
    if _against_all(config):
        return size * (size + len(drawn.texts))
    return size + drawn.entries


def _against_all(config: TrainConfig) -> bool:
    """Whether queries are set against the passages of the whole batch, not their lists alone."""
    return not config.teacher_scores or config.contrastive_weight > 0
