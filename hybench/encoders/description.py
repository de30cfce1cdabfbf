"""What an encoder is, and how its texts are treated: said before it is used, and kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hybench.encoders.encoder import Encoder


@dataclass(frozen=True)
class EncoderDescription:
    """An encoder, and what becomes of a text in it.

    Attributes:
        name: what its checkpoint is called; empty for one made here.
        revision: the hub's commit; empty for a directory.
        digest: SHA-256 of the checkpoint's files; empty for one made here.
        architecture: the class of its transformer, or StaticEmbedding.
        layers: of the transformer; 0 for static embeddings.
        dimension: of its vectors.
        parameters: weights.
        embedding_parameters: of them, those in tables of embeddings.
        trained_parameters: of them, those that a training changes.
        adapter: the model that a LoRA adapter adapts; empty without one.
        stored: types of the checkpoint's weights, such as ``float16``; empty for one made here.
        used: type of the weights in memory.
        pooling: ``mean``, ``cls``, ``lasttoken`` or other names of sentence-transformers.
        pooling_from: where that is from.
        query_prefix: before every query.
        query_prefix_from: where that is from.
        passage_prefix: before every passage.
        passage_prefix_from: where that is from.
        query_length: most tokens of a query, special ones included; 0 for no limit.
        passage_length: most tokens of a passage; 0 for no limit.
        own_length: most tokens that the model takes; 0 for no limit.
        normalised: who makes vectors of unit length: ``its files`` or ``hybench``.
        truncated: whether only the first dimensions of its vectors are kept (Matryoshka, arXiv
            2205.13147).
        similarity: what it was trained for, if its files say; hybench uses the cosine.
    """

    name: str
    revision: str
    digest: str
    architecture: str
    layers: int
    dimension: int
    parameters: int
    embedding_parameters: int
    trained_parameters: int
    adapter: str
    stored: str
    used: str
    pooling: str
    pooling_from: str
    query_prefix: str
    query_prefix_from: str
    passage_prefix: str
    passage_prefix_from: str
    query_length: int
    passage_length: int
    own_length: int
    normalised: str
    truncated: bool
    similarity: str

    def to_event(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @classmethod
    def from_event(cls, values: dict[str, Any]) -> EncoderDescription:
        """From an event that has `to_event`'s values among others.

        Raises:
            KeyError: one is missing.
        """
        return cls(**{item.name: values[item.name] for item in fields(cls)})

    def lines(self) -> list[tuple[str, str]]:
        """What to tell a user: names and texts."""
        what = f"{self.architecture}, " + (f"{self.layers} layers, " if self.layers else "")
        what += f"{self.parameters / 1e6:,.1f} M weights"
        if self.trained_parameters != self.parameters:
            what += f" ({self.trained_parameters / 1e6:,.1f} M of them trained)"
        what += f", {self.dimension} dimensions"
        if self.truncated:
            what += " (the first of more)"
        found = [("encoder", what)]
        if self.name:
            commit = f"commit {self.revision[:12]}, " if self.revision else ""
            found.append(("from", f"{self.name} ({commit}SHA-256 {self.digest[:12]})"))
        if self.adapter:
            found.append(("adapts", self.adapter))
        if self.stored and self.stored != self.used:
            found.append(("weights", f"stored as {self.stored}, used as {self.used}"))
        if self.pooling_from:
            found.append(("pooling", f"{self.pooling} ({self.pooling_from})"))
        for kind in ("query", "passage"):
            prefix, origin = getattr(self, f"{kind}_prefix"), getattr(self, f"{kind}_prefix_from")
            length = getattr(self, f"{kind}_length")
            most = f"at most {length:,} tokens" if length else "of any length"
            if length and self.own_length and length < self.own_length:
                most += f" (the model takes {self.own_length:,})"
            shown = repr(prefix) if prefix else "no prefix"
            found.append((f"{kind} texts", f"{shown} ({origin}), {most}"))
        if self.similarity not in {"", "cosine"}:
            found.append(("similarity", f"cosine, though it was trained for {self.similarity}"))
        return found


def describe(encoder: Encoder) -> EncoderDescription:
    """The description of an encoder as it is now."""
    import torch
    from sentence_transformers.sentence_transformer.modules import Pooling

    from hybench.encoders.layers import layers_of

    model, origins = encoder.model, encoder.origins
    checkpoint = origins.checkpoint
    first: Any = model[0]
    network = getattr(first, "auto_model", first)
    tables = [
        module
        for module in model.modules()
        if isinstance(module, torch.nn.Embedding | torch.nn.EmbeddingBag)
    ]
    weights = list(model.parameters())
    pooling = next((each for each in model if isinstance(each, Pooling)), None)
    return EncoderDescription(
        name=checkpoint.name if checkpoint else "",
        revision=(checkpoint.revision or "") if checkpoint else "",
        digest=checkpoint.digest if checkpoint else "",
        architecture=type(network).__name__,
        layers=len(layers_of(model) or ()),
        dimension=encoder.dimension,
        parameters=sum(weight.numel() for weight in weights),
        embedding_parameters=sum(table.weight.numel() for table in tables),
        trained_parameters=sum(weight.numel() for weight in weights if weight.requires_grad),
        adapter=str(checkpoint.adapter.get("base_model_name_or_path", "")) if checkpoint else "",
        stored="+".join(checkpoint.stored_types) if checkpoint else "",
        used="+".join(sorted({str(weight.dtype).removeprefix("torch.") for weight in weights})),
        pooling=str(pooling.pooling_mode) if pooling else "mean",
        pooling_from=origins.pooling,
        query_prefix=encoder.prefix("query"),
        query_prefix_from=origins.query_prefix,
        passage_prefix=encoder.prefix("passage"),
        passage_prefix_from=origins.passage_prefix,
        query_length=encoder.length("query") or 0,
        passage_length=encoder.length("passage") or 0,
        own_length=encoder.own_length or 0,
        normalised="its files"
        if checkpoint and any(each.kind == "Normalize" for each in checkpoint.modules)
        else "hybench",
        truncated=model.truncate_dim is not None,
        similarity=checkpoint.similarity if checkpoint else "",
    )
