"""The layers of a transformer: fewer of them, frozen ones, and rates that fall with depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hybench.errors import UsageError

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

_COUNTS = ("num_hidden_layers", "n_layers", "num_layers")
"""Names that transformers' configs have for the number of layers."""

_PER_LAYER = ("layer_types",)
"""Lists in a config with an entry per layer."""


def layers_of(model: SentenceTransformer) -> torch.nn.ModuleList | None:
    """The layers of a model's transformer, from the input on; None for static embeddings."""
    import torch

    network: Any = getattr(model[0], "auto_model", None)
    if network is None:
        return None
    count = next(
        (number for name in _COUNTS if (number := getattr(network.config, name, None))), None
    )
    stacks = [
        module
        for module in network.modules()
        if isinstance(module, torch.nn.ModuleList) and len(module) == count
    ]
    return stacks[0] if stacks else None


def keep_first_layers(model: SentenceTransformer, number: int) -> None:
    """Cut a transformer after its first layers; its config says so when it is saved.

    Raises:
        UsageError: it has fewer, or none.
    """
    layers = _layers(model, "--layers")
    if number > len(layers):
        raise UsageError(
            f"--layers is {number}, but the encoder has {len(layers)}.", "Choose fewer, or omit it."
        )
    del layers[number:]
    first: Any = model[0]
    config = first.auto_model.config
    for name in _COUNTS:
        if getattr(config, name, None) is not None:
            setattr(config, name, number)
    for name in _PER_LAYER:
        if getattr(config, name, None) is not None:
            setattr(config, name, getattr(config, name)[:number])


def freeze(model: SentenceTransformer, what: str) -> None:
    """Keep some weights as they are; they get no gradient.

    Args:
        model: of a transformer.
        what: ``embeddings`` for these and all that comes before the first layer; a number for these
            and as many layers, from the input on.

    Raises:
        UsageError: it has fewer layers, or all of its weights would be frozen.
    """
    number = 0 if what == "embeddings" else int(what)
    layers = _layers(model, "--freeze")
    if number > len(layers):
        raise UsageError(
            f"--freeze is {number}, but the encoder has {len(layers)} layers.", "Freeze fewer."
        )
    for weight, depth in depths(model).items():
        if depth >= len(layers) - number:
            weight.requires_grad_(False)
    if not any(weight.requires_grad for weight in model.parameters()):
        raise UsageError(
            f"--freeze {what} leaves nothing of the encoder to train.", "Freeze less, or omit it."
        )


def depths(model: SentenceTransformer) -> dict[torch.nn.Parameter, int]:
    """How many layers lie between each weight and the output.

    0 for the last layer and all above it; the number of layers for embeddings and what belongs to
    them.
    """
    layers = layers_of(model)
    if layers is None:
        return dict.fromkeys(model.parameters(), 0)
    of_layer = {
        weight: len(layers) - 1 - at
        for at, layer in enumerate(layers)
        for weight in layer.parameters()
    }
    found: dict[torch.nn.Parameter, int] = {}
    before = True
    for weight in model.parameters():
        before = before and weight not in of_layer
        found[weight] = of_layer.get(weight, len(layers) if before else 0)
    return found


def _layers(model: SentenceTransformer, flag: str) -> torch.nn.ModuleList:
    layers = layers_of(model)
    if layers is None:
        raise UsageError(f"{flag} counts layers, and the encoder has none.", "Omit it.")
    return layers
