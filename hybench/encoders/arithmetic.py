"""The floating-point operations of an encoder, counted from its weights and the lengths of texts.

A transformer's forward pass takes two operations a weight and token, and four a layer, component of
its attention and pair of tokens of a text (scores and their sums of values); a backward pass takes
twice as many, half of them for the gradients of activations, half for those of weights. This is 6N
a token and 12·L·d·s for its attention over s tokens, as Kaplan et al. 2020 (arXiv 2001.08361,
section 2.1) and Chowdhery et al. 2022 (PaLM, arXiv 2204.02311, appendix B) count them, without
halving for a causal mask. N are the weights of the layers; tables of embeddings are looked up. Of
static embeddings, a token is an addition a component, and one more in its gradient.

Not counted: padding, normalisations, softmax, dropout, the optimiser. Where attention is local,
more is counted than is done; in a mixture of experts, all experts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


@dataclass(frozen=True)
class Work:
    """Texts that went through an encoder.

    Attributes:
        texts: how many.
        tokens: of all of them.
        squares: sum of the squares of their tokens: pairs of tokens that attend to each other.
    """

    texts: int = 0
    tokens: int = 0
    squares: int = 0

    @classmethod
    def of(cls, lengths: NDArray[np.int64]) -> Work:
        """Texts of int64 [n] tokens each."""
        return cls(len(lengths), int(lengths.sum()), int(np.square(lengths).sum()))

    def __add__(self, other: Work) -> Work:
        return Work(
            self.texts + other.texts, self.tokens + other.tokens, self.squares + other.squares
        )

    def __sub__(self, other: Work) -> Work:
        return Work(
            self.texts - other.texts, self.tokens - other.tokens, self.squares - other.squares
        )


@dataclass(frozen=True)
class Arithmetic:
    """What decides the operations of an encoder.

    Attributes:
        dimension: of its vectors.
        layers: of its transformer; 0 for static embeddings.
        width: components of its attention, over all heads.
        body: weights of the layers.
        reached_layers: layers that gradients go through: not those below the first trained weight.
        reached: weights of these.
        trained: weights of the layers that are trained.
        head: weights behind the pooling, used once a text.
        trained_head: those of them that are trained.
        table: components of a static embedding; 0 for a transformer.
    """

    dimension: int
    layers: int = 0
    width: int = 0
    body: int = 0
    reached_layers: int = 0
    reached: int = 0
    trained: int = 0
    head: int = 0
    trained_head: int = 0
    table: int = 0

    def forward(self, work: Work) -> int:
        """Operations of encoding texts."""
        attention = 4 * self.layers * self.width * work.squares
        body = (2 * self.body + self.table) * work.tokens
        return body + attention + 2 * self.head * work.texts

    def training(self, work: Work, scores: int, *, again: bool = False) -> int:
        """Operations of training on texts, the student's alone.

        Args:
            work: the texts.
            scores: products of a query's and a passage's vector, forwards and twice backwards.
            again: whether activations were computed a second time instead of kept (gradient
                checkpointing or caching).
        """
        backward = (2 * (self.reached + self.trained) + self.table) * work.tokens
        backward += 8 * self.reached_layers * self.width * work.squares
        backward += 2 * (self.head + self.trained_head) * work.texts
        return (1 + again) * self.forward(work) + backward + 6 * self.dimension * scores


def arithmetic(model: SentenceTransformer) -> Arithmetic:
    """What decides the operations of a model, as its weights are frozen or trained now."""
    from hybench.encoders.layers import layers_of

    dimension = int(model.get_embedding_dimension() or 0)
    head = [weight for module in list(model)[1:] for weight in module.parameters()]
    after = {
        "head": sum(weight.numel() for weight in head),
        "trained_head": sum(weight.numel() for weight in head if weight.requires_grad),
    }
    first: Any = model[0]
    layers = layers_of(model)
    if layers is None:
        return Arithmetic(dimension, table=first.embedding.weight.shape[1], **after)
    inside = {id(weight) for weight in layers.parameters()}
    gradients = any(
        weight.requires_grad for weight in first.parameters() if id(weight) not in inside
    )
    body = reached = trained = reached_layers = 0
    for layer in layers:
        weights = list(layer.parameters())
        size = sum(weight.numel() for weight in weights)
        own = sum(weight.numel() for weight in weights if weight.requires_grad)
        gradients = gradients or own > 0
        body, trained = body + size, trained + own
        if gradients:
            reached, reached_layers = reached + size, reached_layers + 1
    return Arithmetic(
        dimension,
        layers=len(layers),
        width=_attention_width(first.auto_model.config),
        body=body,
        reached_layers=reached_layers,
        reached=reached,
        trained=trained,
        **after,
    )


def _attention_width(config: Any) -> int:
    """Components of all heads: the hidden size, unless heads have a size of their own."""
    heads = getattr(config, "num_attention_heads", 0)
    size = getattr(config, "head_dim", None) or getattr(config, "d_kv", None)
    return int(heads * size) if heads and size else int(config.hidden_size)
