"""A worker for tests: it answers with what it was asked, fails or dies if that is asked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hybench.errors import DataError
from hybench.workers.process import Tell


class Echo:
    def work(self, request: dict[str, Any], tell: Tell) -> list[Any]:
        once = request.get("dies_unless")
        if once and not Path(once).exists():
            Path(once).touch()
            os._exit(9)
        if "dies_always" in request:
            os._exit(9)
        if "fails" in request:
            raise DataError(request["fails"], "Do something else.")
        for done in range(3):
            tell(done + 1)
        print("libraries print")  # noqa: T201 - it must not get among the messages
        return [request["value"], request["device"]]


WORKER = Echo
