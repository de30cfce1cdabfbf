"""What must hold on a GPU as on a CPU: hits, vectors in 16 bits, a training that goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.harness import Check
from hybench.indexes.exact.keys import Floats


def checks(folder: Path, model: Path, device: str, *, quick: bool) -> Iterator[Check]:
    """All of them, in about two minutes on a GPU.

    Args:
        folder: with the set ``data/set``; runs are written beside it.
        model: a checkpoint.
        device: cuda or cpu.
        quick: small sizes.
    """
    rows, queries = (2_000, 50) if quick else (1_000_000, 1_000)
    yield Check("exact search: hits unlike the CPU's", unlike(rows, queries, device), "≤", 0)
    for precision, bar in (("bf16", 0.02), ("fp16", 0.005)):
        if device != "cpu" or precision == "bf16":
            found = farthest(model, precision, device)
            yield Check(f"{precision}: largest difference of a component", found, "≤", bar)
    for precision in ("fp32", "bf16"):
        found = of_resumed(folder, model, precision, device)
        what = f"{precision}: largest difference of a weight, stopped and resumed"
        yield Check(what, found, "≤", 0)


def unlike(rows: int, queries: int, device: str) -> float:
    """Hits of an exact search on a device that are others than those on the CPU."""
    from hybench.indexes.exact.search import Part, Pool

    random = np.random.default_rng(0)

    def vectors(count: int) -> Floats:
        drawn = random.standard_normal((count, 256), dtype=np.float32)
        drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
        return drawn

    part = Part("en", vectors(rows), np.arange(rows, dtype=np.uint32))
    asked = vectors(queries)
    here, there = (Pool([part], device=name).search(asked, 100)[0] for name in ("cpu", device))
    return float((here.rows != there.rows).sum() + (here.scores != there.scores).sum())


def farthest(model: Path, precision: str, device: str) -> float:
    """The largest difference of a vector's component between float32 and another precision."""
    from benchmarks.text import texts
    from hybench.encoders.loading import load_encoder

    encoder = load_encoder(model, device)
    asked = list(texts(256, 60, seed=5))
    plain = encoder.encode(asked, "passage")
    encoder.use_precision(precision)
    return float(np.abs(encoder.encode(asked, "passage") - plain).max())


def of_resumed(folder: Path, model: Path, precision: str, device: str) -> float:
    """The largest difference of a weight between a whole training and a stopped, resumed one."""
    from hybench.config.train import TrainConfig
    from hybench.runs.run import Run
    from hybench.training.train import train

    config = TrainConfig(
        data=("set",), alpha=1.0, encoder=str(model), batch_size=16, steps=6, precision=precision,
        validate_every=0, checkpoint_every=3,
    )  # fmt: skip
    runs = [Run(folder / "runs" / f"{precision}-{which}") for which in ("whole", "resumed")]
    for _ in train(config, runs[0], folder / "data", device=device):
        pass
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) == 3

    for _ in train(config, runs[1], folder / "data", device=device, stop=stop):
        pass
    for _ in train(runs[1].train_config(), runs[1], folder / "data", device=device, resume=True):
        pass
    one, two = ({f: np.array(v) for f, v in _weights(run.model)} for run in runs)
    return max(float(np.abs(one[name] - two[name]).max()) for name in one)


def _weights(model: Path) -> Iterator[tuple[str, np.ndarray]]:
    from safetensors.numpy import load_file

    for file in sorted(model.rglob("*.safetensors")):
        yield from load_file(file).items()
