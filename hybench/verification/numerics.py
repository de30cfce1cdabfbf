"""Numbers that must not depend on how they are computed, each with its own tolerance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from hybench.wording.text_table import Entry, Line, Sheet

if TYPE_CHECKING:
    from hybench.encoders.encoder import Encoder

PADDING = 1e-5
"""Largest difference of a component of a unit vector, alone or in a batch: float32 adds up sums of
some hundred terms in another order, each with a relative error of 6e-8."""

HALF = 5e-3
"""Largest difference of a component of a unit vector between bfloat16 autocast and float32. Eight
bits of mantissa round each product by up to .2 %; components are about .05 in 384 dimensions."""

PROCESSES = 1e-4
"""Largest distance of all weights after some steps by one process and by two, over their length:
gradients are added up in another order. A single weight can be further off: where its gradient is
all but 0, Adam scales up what rounding leaves of it."""

_LANGUAGES = ("en", "sw")
_STEPS = 5


@dataclass(frozen=True)
class Check:
    """A number of two computations.

    Attributes:
        name: what is compared.
        of: the model.
        difference: the largest, of a component of a unit vector; or the distance of all weights,
            over their length.
        tolerance: largest difference allowed.
    """

    name: str
    of: str
    difference: float
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether the difference is within the tolerance."""
        return self.difference <= self.tolerance


def check_encoder(encoder: Encoder, name: str) -> Iterator[Check]:
    """Texts alone against texts in a padded batch, in either order; and bfloat16 against float32.

    Args:
        encoder: the model, float32.
        name: what it is called.
    """
    import torch

    texts = _texts()
    together = encoder.encode(texts, "passage")
    alone = np.concatenate([encoder.encode([text], "passage") for text in texts])
    turned = encoder.encode(texts[::-1], "passage")[::-1]
    largest = max(float(np.abs(other - together).max()) for other in (alone, turned))
    yield Check("a text alone, or in a padded batch in either order", name, largest, PADDING)
    context = torch.autocast(encoder.device.type, dtype=torch.bfloat16)
    with context if encoder.device.type != "mps" else nullcontext():
        half = encoder.encode(texts, "passage")
    rounded = float(np.abs(half - together).max())
    yield Check("bfloat16 autocast, or float32", name, rounded, HALF)


def check_processes(steps: int = _STEPS) -> Check:
    """A training of some steps by one process against the same by two, on the embedded Atlas."""
    from hybench.api.preparing import prepare
    from hybench.api.training import train
    from hybench.config.train import TrainConfig

    with TemporaryDirectory() as folder:
        root = Path(folder)
        prepare("atlas", data_dir=root, languages=_LANGUAGES)
        config = TrainConfig(
            data=("atlas",), steps=steps, batch_size=32, dimension=32, vocabulary=500,
            validate_every=0,
        )  # fmt: skip
        weights = []
        for processes in (1, 2):
            name = f"of-{processes}"
            trained = train(
                config, name=name, processes=processes, device="cpu", data_dir=root, runs_dir=root
            )
            weights.append(_weights(trained.run.model))
        one, two = weights
        distance = float(np.linalg.norm(one - two) / np.linalg.norm(one))
    return Check(f"{steps} steps by one process, or by two", "static", distance, PROCESSES)


def _weights(model: Path) -> np.ndarray:
    """All weights, float64 [n]."""
    from safetensors.numpy import load_file

    return np.concatenate(
        [
            value.astype(np.float64).ravel()
            for file in sorted(model.rglob("*.safetensors"))
            for _, value in sorted(load_file(file).items())
        ]
    )


def _texts() -> list[str]:
    """Texts of several lengths and scripts."""
    short = ("Nairobi", "Mji mkuu wa Kenya ni Nairobi.", "東京は日本の首都です。", "ilé ẹ̀kọ́ gíga")
    return [*short, *(f"{text} " * count for count in (3, 17, 40) for text in short)]


def check_sheet(checks: list[Check]) -> Sheet:
    """The checks in lines."""
    tell: Callable[[Check], Line] = lambda check: Line(  # noqa: E731
        (
            Entry(check.name),
            Entry(check.of),
            Entry(f"{check.difference:.2g}"),
            Entry(f"{check.tolerance:g}"),
            Entry("holds" if check.holds else "missed", "best" if check.holds else "worse"),
        )
    )
    header = ("what", "model", "difference", "tolerance", "verdict")
    return Sheet("numbers that must not depend on how", header, 2, tuple(map(tell, checks)))
