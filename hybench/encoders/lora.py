"""LoRA adapters (Hu et al. 2021, arXiv 2106.09685), with peft."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hybench.errors import UsageError

if TYPE_CHECKING:
    from hybench.encoders.encoder import Encoder

INSTALL = "pip install 'hybench[lora]'"
_SCALE = 2
"""Of an adapter's product, by its rank: peft's lora_alpha over r."""


def check_peft(what: str) -> None:
    """Check that peft is installed.

    Raises:
        UsageError: it is not.
    """
    from importlib.util import find_spec

    if find_spec("peft") is None:
        raise UsageError(f"{what} needs peft.", INSTALL)


def add_adapter(encoder: Encoder, rank: int, seed: int) -> None:
    """Freeze an encoder's weights and add an adapter to all of its linear layers.

    Each W becomes W + 2 B A with A [rank, in] random and B [out, rank] zero, so that vectors are
    unchanged at first.

    Args:
        encoder: of a transformer.
        rank: of the adapter.
        seed: of its random half.

    Raises:
        UsageError: peft is not installed, or the encoder is an adapter already.
    """
    check_peft("--lora")
    import torch
    from peft import LoraConfig

    model: Any = encoder.model
    checkpoint = encoder.origins.checkpoint
    if checkpoint is None or checkpoint.adapter:
        raise UsageError(
            "--lora is given, and the encoder is an adapter already.",
            "Train it without --lora: the adapter itself is trained.",
        )
    # A directory's path may be relative, and the adapter is loaded elsewhere.
    base = checkpoint.name if checkpoint.revision else str(checkpoint.folder.resolve())
    config = LoraConfig(
        r=rank,
        lora_alpha=_SCALE * rank,
        lora_dropout=0.0,
        target_modules="all-linear",
        base_model_name_or_path=base,
        revision=checkpoint.revision,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model.add_adapter(config)
    train_adapter(encoder)


def train_adapter(encoder: Encoder) -> None:
    """Let a training change the weights of an adapter, and no others."""
    for name, weight in encoder.model.named_parameters():
        weight.requires_grad_("lora_" in name)


def fold_adapter(encoder: Encoder) -> None:
    """Add an adapter's product to the weights that it adapts: the model is whole without it.

    Nothing changes in a model without an adapter.
    """
    network: Any = getattr(encoder.model[0], "auto_model", None)
    if network is None or not getattr(network, "_hf_peft_config_loaded", False):
        return
    from peft.tuners.tuners_utils import BaseTunerLayer

    for name, module in list(network.named_modules()):
        if isinstance(module, BaseTunerLayer):
            module.merge()
            parent, _, own = name.rpartition(".")
            setattr(network.get_submodule(parent), own, module.get_base_layer())
    network._hf_peft_config_loaded = False
    del network.peft_config
    # Loading an adapter leaves its renaming of weights, which saving would apply to the whole.
    network._weight_conversions = None
