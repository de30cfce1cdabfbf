"""The order of a study's cells: seed by seed, and runs made of others as soon as those are done.

So a study that is stopped half-way has whole seeds, those of arms without training too.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from hybench.concurrency.progress import Stop
from hybench.studies.worker import CellRequest, Ended

_PAUSE = 0.2
"""Seconds after which who waits for a cell looks whether the study was stopped."""


def in_order(trained: Sequence[CellRequest], derived: Sequence[CellRequest]) -> list[CellRequest]:
    """The requests in one order: a derived run behind the last of those that it is made of.

    Args:
        trained: of cells that are made of no other, in their order.
        derived: of cells that are, by `CellRequest.after`.
    """
    places = {request.name: at for at, request in enumerate(trained)}
    behind: dict[int, list[CellRequest]] = {}
    for request in derived:
        behind.setdefault(max(places.get(name, -1) for name in request.after), []).append(request)
    found = list(behind.get(-1, ()))
    for at, request in enumerate(trained):
        found += [request, *behind.get(at, ())]
    return found


class WaitingCells:
    """Cells that have not begun; one may begin when those that it is made of are done.

    Args:
        requests: the cells, in the order to start them.
    """

    def __init__(self, requests: Sequence[CellRequest]) -> None:
        self._left = list(requests)
        self._open = {request.name for request in requests}
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return len(self._left)

    def ready(self) -> CellRequest | None:
        """The next that may begin now; None if there is none."""
        with self._changed:
            for at, request in enumerate(self._left):
                if self._open.isdisjoint(request.after):
                    return self._left.pop(at)
        return None

    def take(self, stop: Stop) -> CellRequest | None:
        """The next that may begin, waited for; None when none is left, or once `stop` is set."""
        while not stop.is_set():
            found = self.ready()
            if found is not None:
                return found
            with self._changed:
                if not self._left:
                    return None
                self._changed.wait(_PAUSE)
        return None

    def end(self, ended: Ended) -> None:
        """Note the end of a cell; what is made of one that is not done will not begin."""
        with self._changed:
            self._open.discard(ended.name)
            if ended.state != "done":
                self._left = [each for each in self._left if ended.name not in each.after]
            self._changed.notify_all()
