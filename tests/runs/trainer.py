"""A run's log, written as training does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hybench.runs.events import EventLog
from hybench.runs.run import Run


def make_run(path: Path, config: str = "kind = 'train'\nsteps = 1000\nvalidate_every = 250") -> Run:
    path.mkdir(parents=True)
    (path / "config.toml").write_text(f"{config}\n", encoding="utf-8")
    return Run(path)


class Trainer:
    """Writes a log as training does, at 2 steps a second."""

    def __init__(self, run: Run, begun: float = 1000.0) -> None:
        self.time, self.validated = begun, 0.0
        self.log = EventLog(run.events_file, lambda: self.time)

    def steps(self, first: int, last: int, loss: Callable[[int], float] = lambda n: 1 / n) -> None:
        for step in range(first, last + 1):
            self.time += 0.5
            self.log.append("step", step=step, loss=loss(step), seconds=step / 2 + self.validated)

    def validation(self, step: int, score: float, seconds: float = 0.0) -> None:
        self.log.append("validation", step=step, score=score, best=True, scores={}, seconds=seconds)
        self.time += seconds
        self.validated += seconds
