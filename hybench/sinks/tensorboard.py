"""TensorBoard: event files in the run's folder, so that ``tensorboard --logdir runs`` shows all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hybench.sinks import Sink, Tracked

FOLDER = "tensorboard"


class _Tracker:
    def __init__(self, run: Tracked) -> None:
        from torch.utils.tensorboard import SummaryWriter

        # What an earlier process logged after the checkpoint is done again: it is not shown twice.
        purged = run.step + 1 if run.step else None
        self._writer: Any = SummaryWriter(str(run.folder / FOLDER), purge_step=purged)
        lines = [f"    {name} = {value!r}" for name, value in sorted(run.config.items())]
        self._writer.add_text("config", "\n".join(lines), run.step)

    def log(self, step: int, time: float, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self._writer.add_scalar(name, value, step, walltime=time)

    def alert(self, step: int, text: str) -> None:
        self._writer.add_text("alarm", text, step)

    def end(self, failed: bool) -> None:
        self._writer.add_text("state", "failed" if failed else "ended")
        self._writer.close()


SINK = Sink("tensorboard", _Tracker)
