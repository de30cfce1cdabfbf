"""Weights & Biases; ``WANDB_MODE=offline`` keeps all on this machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from hybench.sinks import PROJECT, Sink, Tracked


class _Tracker:
    def __init__(self, run: Tracked) -> None:
        import wandb

        self._library: Any = wandb
        self._run: Any = wandb.init(
            project=os.environ.get("WANDB_PROJECT", PROJECT),
            name=run.name,
            group=run.group,
            id=run.key,
            resume="allow",
            config=dict(run.config),
            settings=wandb.Settings(silent=True, console="off"),
        )

    def log(self, step: int, time: float, values: Mapping[str, float]) -> None:
        self._run.log({**values, "time": time}, step=step)

    def alert(self, step: int, text: str) -> None:
        self._run.alert(title=f"Step {step}", text=text)

    def end(self, failed: bool) -> None:
        self._run.finish(exit_code=int(failed))
        if self._library.run is None:  # its process writes all that is left, and ends
            self._library.teardown()


SINK = Sink("wandb", _Tracker)
