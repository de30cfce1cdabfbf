"""A worker for tests: it copies what it is to read to where it is to write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hybench.workers.process import Tell


class Copier:
    def work(self, request: dict[str, Any], tell: Tell) -> str:
        source, target = Path(request["source"]), Path(request["target"])
        tell(3)
        for name in request["names"]:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes((source / name).read_bytes())
        (target / "left over").touch()
        Path(request["single"]).write_bytes(Path(request["once"]).read_bytes())
        return source.name


WORKER = Copier
