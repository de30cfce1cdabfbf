"""Puts maps of vectors behind a model: a route per language, or one layer for all texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hybench.derived import Affine, Maps
from hybench.encoders.encoder import Encoder
from hybench.encoders.languages import QUERY
from hybench.encoders.options import EncoderOptions
from hybench.errors import UsageError

if TYPE_CHECKING:
    from sentence_transformers.sentence_transformer.modules import Dense


def check_mappable(name: str, encoder: Encoder) -> None:
    """Check that maps can be put behind a model.

    Raises:
        UsageError: it has maps by language already, or keeps only the first of its dimensions.
    """
    if encoder.languages:
        raise UsageError(
            f"The vectors of {name} depend on the language of a text already.",
            "Derive from the run that it was derived from.",
        )
    if encoder.model.truncate_dim is not None:
        raise UsageError(
            f"{name} keeps only the first {encoder.model.truncate_dim} dimensions of its vectors.",
            "Save it without truncate_dim, and derive from that.",
        )


def with_maps(encoder: Encoder, maps: Maps) -> Encoder:
    """The encoder with the maps behind it, and vectors of unit length behind these.

    A map by language is a route of sentence-transformers' Router (`hybench.encoders.languages`).

    Args:
        encoder: the model, which is changed; its vectors are of unit length.
        maps: at least one.
    """
    from sentence_transformers.sentence_transformer.modules import Normalize, Router

    model: Any = encoder.model
    if maps.everywhere is not None:
        model.append(_layer(maps.everywhere))
    else:
        routes: dict[str, list[Any]] = {
            language: [_layer(each)] for language, each in sorted(maps.languages.items())
        }
        if not maps.queries:
            routes[QUERY] = [Normalize()]
        model.append(Router(routes, allow_empty_key=False))
        _take_one_length(encoder)
    model.append(Normalize())
    return Encoder(
        model.to(encoder.device),
        EncoderOptions(encoder.prefix("query"), encoder.prefix("passage")),
        encoder.origins,
    )


def _layer(affine: Affine) -> Dense:
    """A linear layer in float32."""
    import torch
    from sentence_transformers.sentence_transformer.modules import Dense

    size = len(affine.offset)
    matrix = torch.eye(size) if affine.matrix is None else torch.from_numpy(affine.matrix).float()
    return Dense(
        size,
        size,
        activation_function=torch.nn.Identity(),
        init_weight=matrix.contiguous(),
        init_bias=torch.from_numpy(affine.offset).float(),
    )


def _take_one_length(encoder: Encoder) -> None:
    """Let plain sentence-transformers cut texts where hybench does.

    It knows lengths of queries and documents by the tasks of these names, and a route is a task.
    """
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    first: Any = encoder.model[0]
    lengths = [encoder.length(kind) for kind in ("query", "passage")]
    # A bag of embeddings has one length, in its tokenizer.
    if not isinstance(first, StaticEmbedding) and None not in lengths:
        first.max_seq_length = max(length for length in lengths if length is not None)
