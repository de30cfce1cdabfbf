"""What the dashboard is started with."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hybench.alerts.settings import AlertSettings


@dataclass
class Options:
    """What the dashboard is started with.

    Attributes:
        paths: runs, or folders of runs or studies.
        data_dir: folder of the prepared sets, for the texts of queries and passages.
        every: seconds between two looks.
        ascii: draw with ASCII alone.
        keys: keys by the id of what they do, from hybench.toml.
        note: said at the start.
        demo: whether the runs are those of the demo, which is still preparing them.
        clock: seconds since 1970.
        alerts: who is told, besides who looks, of what happens to runs.
        tab: the name of the tab that is open at the start; empty for what is
            remembered, or else the first.
        filter: of the list of runs, at the start; empty for what is remembered.
        memory: the file with what is remembered of these folders; None for none.
        fresh: whether to begin as if nothing were remembered.
    """

    paths: Sequence[Path]
    data_dir: Path
    every: float = 1.0
    ascii: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    demo: bool = False
    clock: Callable[[], float] = time.time
    alerts: AlertSettings = field(default_factory=AlertSettings)
    tab: str = ""
    filter: str = ""
    memory: Path | None = None
    fresh: bool = False
