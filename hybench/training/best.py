"""The weights with the best dev score of a training."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hybench.errors import StateError
from hybench.files.atomic import replacing_file
from hybench.files.checksums import sha256_file

if TYPE_CHECKING:
    import torch


class BestWeights:
    """Keeps the best weights: in memory from a validation to the next checkpoint, then in a file.

    A killed training goes on from its newest checkpoint and finds again what came after, so that a
    file written at every better validation would be written for nothing.

    Args:
        file: where they go, as safetensors.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._weights: dict[str, torch.Tensor] = {}
        self._unsaved = False

    def take(self, model: torch.nn.Module) -> None:
        """Copy a model's weights, which are the best so far."""
        import torch

        # Contiguous copies on the CPU: safetensors refuses tensors that share memory.
        for name, value in model.state_dict().items():
            if name not in self._weights:
                self._weights[name] = torch.empty(value.shape, dtype=value.dtype)
            self._weights[name].copy_(value)
        self._unsaved = True

    def save(self) -> str | None:
        """Write what was taken since the last time.

        Returns:
            The file's SHA-256; None if nothing was taken.
        """
        from safetensors.torch import save_file

        if not self._unsaved:
            return None
        with replacing_file(self._file) as temporary:
            save_file(self._weights, temporary)
            digest = sha256_file(temporary)
        self._unsaved = False
        return digest

    def load_into(self, model: torch.nn.Module, sha256: str) -> None:
        """Give a model the best weights: those taken last, else those of the file.

        Args:
            model: that they were taken of.
            sha256: of the file, as `save` returned it.

        Raises:
            StateError: the file is missing or damaged.
        """
        from safetensors.torch import load_file

        if self._weights:
            model.load_state_dict(self._weights)
            return
        if not self._file.is_file() or sha256_file(self._file) != sha256:
            raise StateError(
                f"{self._file} is missing or damaged: its checksum differs.",
                "It held the best weights: train again with --force.",
            )
        model.load_state_dict(load_file(self._file))
