"""Training ``static`` at 32k tokens, compared with a bare loop and sentence-transformers."""

from __future__ import annotations

from dataclasses import replace
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
    """Measure steps of 256 pairs."""
    with TemporaryDirectory() as folder:
        vocabulary = 2_000 if options.quick else 32_000
        setting = make_setting(
            Path(folder),
            options,
            steps=40,
            encoder="static",
            batch_size=256,
            vocabulary=vocabulary,
            optimizer="adamw",
        )
        lazy = replace(setting, config=replace(setting.config, optimizer="lazy-adamw"))
        timings = steps_of(
            [
                Side("hybench, adamw", hybench_steps, (setting,)),
                Side("hybench, lazy-adamw", hybench_steps, (lazy,)),
                *peers(setting),
            ],
            options.rounds,
        )
    ratio = timings["hybench, adamw"].median / timings["bare loop"].median
    return Report(
        f"A training step, static, 256 pairs, vocabulary {vocabulary:,}",
        timings,
        [
            Check("time: hybench, adamw ÷ bare loop", ratio, "≤", 1.10),
            speedup(timings, "hybench, adamw", faster_trainer(timings), 3),
            same_losses(timings, ["hybench, adamw", "bare loop", "Trainer"]),
        ],
        unit="pairs",
        amount=256,
        notes=[
            "The bare loop's batches are made before it begins; the Trainer tokenises every batch."
        ],
    )


if __name__ == "__main__":
    main("training_static", steps, PACKAGES)
