"""Trackio: an SQLite file on this machine, or a Space of Hugging Face (``TRACKIO_SPACE_ID``)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from hybench.sinks import PROJECT, Sink, Tracked


class _Tracker:
    def __init__(self, run: Tracked) -> None:
        import trackio

        self._library: Any = trackio
        trackio.init(
            project=os.environ.get("TRACKIO_PROJECT", PROJECT),
            name=run.name,
            group=run.group,
            resume="allow",
            config=dict(run.config),
            embed=False,
        )

    def log(self, step: int, time: float, values: Mapping[str, float]) -> None:
        self._library.log({**values, "time": time}, step=step)

    def alert(self, step: int, text: str) -> None:
        self._library.alert(title=f"Step {step}", text=text)

    def end(self, failed: bool) -> None:
        del failed  # it knows no states
        self._library.finish()


SINK = Sink("trackio", _Tracker)
