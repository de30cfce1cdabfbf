"""Merges the weights of models of one architecture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hybench.concurrency.progress import Progress, ProgressCallback, ignore
from hybench.derived import Matrix, Merge, Weights
from hybench.derived.options import Settings
from hybench.encoders.encoder import Encoder
from hybench.errors import UsageError

State = Mapping[str, Any]
"""A model's tensors by name."""


def check_alike(names: Sequence[str], encoders: Sequence[Encoder]) -> None:
    """Check that models have the same modules, tokens and shapes of weights.

    Raises:
        UsageError: naming the first two that do not, and in what.
    """
    first = encoders[0]
    for name, other in zip(names[1:], encoders[1:], strict=True):
        found = _difference(first, other)
        if found:
            raise UsageError(
                f"{names[0]} and {name} cannot be merged: {found}.",
                "Merge trainings that began with one model.",
            )


def _difference(one: Encoder, other: Encoder) -> str:
    """In what two models differ; empty if their weights can be merged."""
    kinds = [[type(module).__name__ for module in each.model] for each in (one, other)]
    if kinds[0] != kinds[1]:
        return f"one is {'+'.join(kinds[0])}, the other {'+'.join(kinds[1])}"
    states = [each.model.state_dict() for each in (one, other)]
    if set(states[0]) != set(states[1]):
        return f"only one has {min(set(states[0]) ^ set(states[1]))}"
    for name in states[0]:
        shapes = [tuple(state[name].shape) for state in states]
        if shapes[0] != shapes[1]:
            return f"{name} is {shapes[0]} in one and {shapes[1]} in the other"
    if one.tokenizer_definition != other.tokenizer_definition:
        return "their tokenizers differ"
    return ""


def merge_into(
    encoder: Encoder,
    others: Sequence[Encoder],
    shares: Sequence[float],
    base: Encoder | None,
    merge: Merge,
    settings: Settings,
    progress: ProgressCallback = ignore,
) -> None:
    """Give a model the merged weights of itself and of others, tensor by tensor in float64.

    Args:
        encoder: the first model, which is changed; of float32.
        others: those that it is merged with.
        shares: of all, with the sum 1.
        base: the model that all began with; None where the merge needs none.
        merge: how.
        settings: of the merge.
        progress: called with the number of tensors merged.

    Raises:
        UsageError: a tensor that is not of weights, such as positions, differs.
    """
    import torch

    own = encoder.model.state_dict()
    states = [own, *(each.model.state_dict() for each in others)]
    start = None if base is None else base.model.state_dict()
    merged = {}
    for done, name in enumerate(own, 1):
        tensors = [state[name] for state in states]
        if not tensors[0].is_floating_point():
            if any(not torch.equal(tensors[0], each) for each in tensors[1:]):
                raise UsageError(
                    f"{name} differs between the models and is not of weights.",
                    "Merge trainings that began with one model.",
                )
            continue
        weights = Weights(
            name,
            tuple(map(_matrix, tensors)),
            tuple(shares),
            None if start is None else _matrix(start[name]),
        )
        merged[name] = torch.from_numpy(merge.function(weights, settings)).to(tensors[0].dtype)
        progress(Progress("merge", done, len(own), "tensors"))
    encoder.model.load_state_dict({**own, **merged})


def _matrix(tensor: Any) -> Matrix:
    found: Matrix = tensor.detach().cpu().numpy().astype(np.float64)
    return found
