"""Training ``tiny``, a small transformer, compared with a bare loop and sentence-transformers."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.harness import Check, Options, Report, Side, main, speedup
from benchmarks.training import (
    PACKAGES,
    faster_trainer,
    hybench_steps,
    make_setting,
    peers,
    same_losses,
    steps_of,
)


def steps(options: Options) -> Report:
    """Measure steps of 64 pairs."""
    with TemporaryDirectory() as folder:
        setting = make_setting(
            Path(folder), options, steps=8, encoder="tiny", batch_size=64, optimizer="adamw"
        )
        timings = steps_of(
            [
                Side("hybench", hybench_steps, (setting,)),
                *peers(setting),
            ],
            options.rounds,
        )
    ratio = timings["hybench"].median / timings["bare loop"].median
    return Report(
        "A training step, tiny, 64 pairs",
        timings,
        [
            Check("time: hybench ÷ bare loop", ratio, "≤", 1.05),
            speedup(timings, "hybench", faster_trainer(timings), 1.05),
            same_losses(timings, ["hybench", "bare loop", "Trainer"]),
        ],
        unit="pairs",
        amount=64,
        notes=[
            "The bare loop pads queries and passages apart, the Trainer all alike.",
            "hybench pads sixteen texts of similar length at a time.",
        ],
    )


if __name__ == "__main__":
    main("training_tiny", steps, PACKAGES, rounds=3)
