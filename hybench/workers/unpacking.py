"""The worker's side of an exchange: files are fetched before a request, and sent after it.

Fetched files are kept in the user's cache under their digests, so that a machine fetches each once.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hybench.files.checksums import sha256_file, sha256_once
from hybench.files.documents import sha256_json
from hybench.files.locks import holding
from hybench.files.user_cache import user_cache
from hybench.workers.exchange import Exchange, ExchangeError
from hybench.workers.packing import (
    Bundle,
    Packed,
    Slot,
    file_name,
    record_name,
    written_name,
)
from hybench.workers.process import Worker
from hybench.workers.requests import found, replaced


@dataclass(frozen=True)
class Unpacking:
    """Has a worker answer requests whose files are in an exchange.

    Attributes:
        exchange: the exchange.
        cache: folder of what was fetched.
    """

    exchange: Exchange
    cache: Path

    @classmethod
    def here(cls, url: str) -> Unpacking:
        """With the exchange at a URL, and the user's cache of this machine."""
        return cls(Exchange(url), user_cache("exchange"))

    def work(self, packed: Packed, worker: Worker) -> dict[str, Any]:
        """Answer a request.

        Returns:
            The record: ``result`` of the worker, how far it has ``told`` to be, and ``files``, the
            SHA-256 of what it has written by slot and name.

        Raises:
            ExchangeError: the exchange does not answer, or lacks a file.
        """
        with TemporaryDirectory(prefix="hybench-work-") as name:
            folder = Path(name)

            def there(each: Bundle | Slot) -> str:
                if isinstance(each, Slot):
                    own = folder / f"out-{each.number}"
                    own.mkdir()
                    return str(own / each.names[0] if each.single else own)
                return str(self._fetched(each, folder / "once" if each.once else self.cache))

            values, told = replaced(packed.values, (Bundle, Slot), there), [0]
            result = worker.work({**values, "device": packed.device}, told.append)
            files = {}
            for slot in found(packed.values, Slot):
                for one in slot.names:
                    file = folder / f"out-{slot.number}" / one
                    digest = files[f"{slot.number}/{one}"] = sha256_file(file)
                    self.exchange.put(file, written_name(packed.key, digest))
        record = {"result": result, "told": told[-1], "files": files}
        self.exchange.say(record_name(packed.key), record)
        return record

    def _fetched(self, bundle: Bundle, below: Path) -> Path:
        """A folder, or a file, with what a bundle names: links to files that were fetched."""
        here = below / "bundles" / sha256_json([bundle.name, *map(list, bundle.digests)])[:32]
        folder = here if bundle.single else here / bundle.name
        for name, digest in bundle.digests:
            file, link = self._file(digest, below), folder / name
            link.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):
                link.symlink_to(file)
        return here / bundle.name

    def _file(self, digest: str, below: Path) -> Path:
        """A file by its digest, fetched unless it is there, whole."""
        file = (below / "files" / digest).absolute()
        with holding(below / "locks" / digest, f"file {digest[:12]}", wait=True):
            if file.is_file() and sha256_once(file) == digest:
                return file
            if not self.exchange.get(file_name(digest), file, digest):
                self.exchange.remove([file_name(digest)])  # it will be sent there again
                raise ExchangeError(
                    f"{self.exchange.url} has no whole file {file_name(digest)}.",
                    "The same command sends it again.",
                )
        return file
