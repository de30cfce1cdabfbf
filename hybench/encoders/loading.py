"""Checkpoints as encoders: float32 weights, and the model's own ways unless told otherwise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hybench.encoders.checkpoint import Checkpoint, locate
from hybench.encoders.devices import resolve_device
from hybench.encoders.encoder import Encoder
from hybench.encoders.families import Family, family_of
from hybench.encoders.layers import keep_first_layers
from hybench.encoders.libraries import quiet_libraries
from hybench.encoders.lora import check_peft
from hybench.encoders.options import OWN_WAYS, EncoderOptions
from hybench.encoders.origins import Origins
from hybench.encoders.prompts import own_prompt
from hybench.errors import DataError, UsageError
from hybench.wording.error_messages import first_line

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_ATTENTIONS = {"sdpa": "sdpa", "flash": "flash_attention_2", "eager": "eager"}
_POOLINGS = {"mean": "mean", "cls": "cls", "last": "lasttoken"}
_ASSUMED = "assumed: no file says"


def load_encoder(
    name: str | Path, device: str = "auto", options: EncoderOptions | None = None
) -> Encoder:
    """The encoder of a checkpoint, a run's model among them.

    Where nothing else is asked for, prompts, lengths and pooling are those of its files; else those
    that its family's authors document (`hybench.encoders.families`).

    Args:
        name: a directory, or an id on the hub.
        device: auto, cpu, mps, cuda or cuda:N.
        options: what is asked for instead.

    Raises:
        UsageError: there is no such checkpoint, hybench does not take its kind, or it cannot be
            used as asked.
        DataError: it cannot be loaded.
    """
    options = options or OWN_WAYS
    where = resolve_device(device)
    checkpoint = locate(name)
    family = family_of(checkpoint)
    model = load_model(checkpoint, where, options)
    pooling = _set_pooling(model, checkpoint, family, options.pooling)
    prefixes = {
        "query": _prefix(options.query_prefix, model, "query", family),
        "passage": _prefix(options.passage_prefix, model, "passage", family),
    }
    asked = replace(
        options, query_prefix=prefixes["query"][0], passage_prefix=prefixes["passage"][0]
    )
    origins = Origins(checkpoint, pooling, prefixes["query"][1], prefixes["passage"][1])
    return Encoder(model, asked, origins)


def load_model(
    checkpoint: Checkpoint, device: str = "cpu", options: EncoderOptions | None = None
) -> SentenceTransformer:
    """A checkpoint's model with float32 weights, whatever types are stored.

    Args:
        checkpoint: its files.
        device: cpu, mps, cuda or cuda:N.
        options: those of attention and layers.

    Raises:
        UsageError: it cannot be loaded as asked.
        DataError: its files are damaged.
    """
    options = options or OWN_WAYS
    quiet_libraries()
    try:
        model: SentenceTransformer = _read(checkpoint, device, options).float()
    except OSError as error:
        raise UsageError(
            f"{checkpoint.name} cannot be loaded: {first_line(error)}",
            "Name a checkpoint directory or a reachable hub id; its weights must be safetensors.",
        ) from error
    except (MemoryError, UsageError):
        raise
    except Exception as error:  # with untrusted files, libraries may raise anything
        if "memory" in type(error).__name__.lower() + str(error).lower():
            raise
        raise DataError(
            f"{checkpoint.name} cannot be loaded: {first_line(error)}",
            "Its files are damaged, or of an architecture that the installed transformers lacks.",
        ) from error
    if options.layers is not None:
        keep_first_layers(model, options.layers)
    return model


def _read(checkpoint: Checkpoint, device: str, options: EncoderOptions) -> SentenceTransformer:
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding

    if checkpoint.is_static and not checkpoint.has_module_list:  # model2vec's own layout
        table = StaticEmbedding.load(str(checkpoint.folder))
        return SentenceTransformer(modules=[table, Normalize()], device=device)
    arguments: dict[str, Any] = {"use_safetensors": True, "dtype": "float32"}
    if options.attention is not None:
        arguments["attn_implementation"] = _ATTENTIONS[options.attention]
    if checkpoint.adapter:
        check_peft(f"{checkpoint.name} is an adapter, which")
        locate(checkpoint.adapter["base_model_name_or_path"])
    # Weights that a checkpoint lacks (XLM-R's pooler) are made at random: the same each time, so
    # that the model has one digest.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return SentenceTransformer(
            str(checkpoint.folder),
            device=device,
            trust_remote_code=False,
            local_files_only=not checkpoint.adapter,
            model_kwargs=arguments,
        )


def _set_pooling(
    model: SentenceTransformer, checkpoint: Checkpoint, family: Family | None, asked: str | None
) -> str:
    """Give a transformer the pooling that is asked for, or that its family has.

    Returns:
        Where the pooling is from; empty for a model without one.

    Raises:
        UsageError: static embeddings are asked for another pooling than their mean.
    """
    from sentence_transformers.sentence_transformer.modules import Pooling

    places = [at for at, module in enumerate(model) if isinstance(module, Pooling)]
    if not places:
        if asked not in {None, "mean"}:
            raise UsageError(
                f"--pooling is {asked}, but {checkpoint.name} is a mean of token embeddings.",
                "Omit it.",
            )
        return ""
    if asked is None and checkpoint.pooling_file:
        return "its files"
    chosen = asked or (None if family is None else family.pooling)
    if chosen is None:
        return _ASSUMED
    [at] = places
    first: Any = model[0]
    model[at] = Pooling(first.get_embedding_dimension(), pooling_mode=_POOLINGS[chosen])
    return "--pooling" if asked else f"{family.name}: {family.source}"  # type: ignore[union-attr]


def _prefix(
    asked: str | None, model: SentenceTransformer, kind: Any, family: Family | None
) -> tuple[str, str]:
    """A prefix, and where it is from."""
    if asked is not None:
        return asked, f"--{kind}-prefix"
    if own := own_prompt(model, kind):
        return own, "its files"
    if family is not None:
        return getattr(family, f"{kind}_prefix"), f"{family.name}: {family.source}"
    return "", "none is known"
