"""What the dashboard remembers of folders of runs, in a small file in the user's state folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from hybench.errors import HybenchError
from hybench.files.documents import read_json, sha256_json, write_json
from hybench.values.typed import from_json


@dataclass(frozen=True)
class Remembered:
    """How the dashboard was left.

    Attributes:
        tab: the name of the open tab.
        marked: folders of the marked runs, in their order.
        pinned: folders of runs that stay on top of the list.
        group_by: what runs are grouped by.
        filter: of the list of runs.
        sort: its order.
        reference: what differences are measured from, where it was chosen.
        key: the results, where they were chosen.
        metric: likewise.
        setting: mono, cross or multi.
        group_seeds: whether seeds are taken together.
        looks: numbers of evaluated cells at which unfinished studies were looked at, by folder.
    """

    tab: str = ""
    marked: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    group_by: str = ""
    filter: str = ""
    sort: str = ""
    reference: str = ""
    key: str = ""
    metric: str = ""
    setting: str = ""
    group_seeds: bool = True
    looks: dict[str, list[int]] = field(default_factory=dict)


def memory_file(paths: Sequence[Path]) -> Path:
    """Where it is kept what is remembered of folders of runs, whatever their order.

    On Linux below ``$XDG_STATE_HOME``, by default ``~/.local/state``.
    """
    import platformdirs

    names = sorted(str(path.absolute()) for path in paths)
    return platformdirs.user_state_path("hybench") / "dashboard" / f"{sha256_json(names)[:16]}.json"


class Memory:
    """Reads what is remembered once, and writes it where it has changed.

    Args:
        file: of `memory_file`; None remembers nothing.
        log: takes a line on what went wrong.
        fresh: whether to begin as if nothing were remembered, except for looks at studies, which
            have been taken.
    """

    def __init__(
        self, file: Path | None, log: Callable[[str], None], *, fresh: bool = False
    ) -> None:
        self._file, self._log = file, log
        found = self._read()
        self.last = Remembered(looks=found.looks) if fresh else found

    def _read(self) -> Remembered:
        if self._file is None or not self._file.is_file():
            return Remembered()
        try:
            return from_json(Remembered, read_json(self._file), self._file, "It is made anew.")
        except HybenchError as error:
            self._log(f"What was remembered is ignored. {error.what}")
            return Remembered()

    def keep(self, now: Remembered) -> None:
        """Write how it is now, unless that is remembered already."""
        if self._file is None or now == self.last:
            return
        self.last = now
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_json(self._file, asdict(now))
        except (HybenchError, OSError) as error:
            self._log(f"{self._file} cannot be written, so nothing is remembered: {error}.")
            self._file = None
