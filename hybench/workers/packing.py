"""Requests to workers on machines that share no folder: what is sent, and what comes back.

The files that a request reads lie in the exchange under their digests, so that each is sent there
once, whoever needs it. What a worker writes lies under the digest of its request; the record of it
is written last. A request whose record is there is done, even if whoever asked has died since: the
next one who asks for the same takes what was written, and removes it from the exchange.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from hybench.files.checksums import sha256_once
from hybench.files.documents import sha256_json
from hybench.version import __version__
from hybench.workers.exchange import Exchange
from hybench.workers.requests import Reads, Request, Writes, found, replaced


@dataclass(frozen=True)
class Bundle:
    """Files that a worker fetches.

    Attributes:
        name: of their folder, or of the single file: an encoder's name may say how it is used.
        digests: SHA-256 of each by its name in the folder; of a single file, by its own name.
        single: whether it is a single file.
        once: whether no other request will read them.
    """

    name: str
    digests: tuple[tuple[str, str], ...]
    single: bool
    once: bool

    @classmethod
    def of(cls, reads: Reads) -> Bundle:
        """What a request reads here."""
        name = Path(str(reads)).name
        names = reads.names or (name,)
        digests = [sha256_once(file) for file in reads.files]
        return cls(
            name if name.strip(".") else "files",
            tuple(zip(names, digests, strict=True)),
            not reads.names,
            reads.once,
        )


@dataclass(frozen=True)
class Slot:
    """Files that a worker sends.

    Attributes:
        number: of the slot in its request, from 0.
        names: of the files in their folder; of a single file, its name.
        single: whether it is a single file.
    """

    number: int
    names: tuple[str, ...]
    single: bool


@dataclass(frozen=True)
class Packed:
    """A request that names no folder of this machine.

    Attributes:
        key: digest of all that decides the answer, and of the device.
        values: those of the request, with `Bundle` and `Slot`.
        device: that a worker uses.
    """

    key: str
    values: dict[str, Any]
    device: str


def file_name(digest: str) -> str:
    """Where the exchange has a file that workers read."""
    return f"files/{digest}"


def written_name(key: str, digest: str) -> str:
    """Where the exchange has a file that was written for a request."""
    return f"results/{key}/{digest}"


def record_name(key: str) -> str:
    """Where the exchange says that a request is done."""
    return f"results/{key}.json"


@dataclass
class Packing:
    """Sends requests to an exchange, and takes what was written for them.

    Attributes:
        exchange: the exchange.
        module: whose workers answer.
    """

    exchange: Exchange
    module: str
    _there: set[str] = field(default_factory=set)

    def packed(self, request: Request, device: str) -> Packed:
        """A request as it is sent; the files that it reads may not be there yet."""
        number = count()

        def change(files: Reads | Writes) -> Bundle | Slot:
            if isinstance(files, Reads):
                return Bundle.of(files)
            names = files.names or (files.path.name,)
            return Slot(next(number), names, not files.names)

        values = replaced(request, (Reads, Writes), change)
        asked = replaced(values, (Bundle, Slot), asdict)
        return Packed(sha256_json([__version__, self.module, device, asked]), values, device)

    def push(self, request: Request) -> None:
        """See that the files which a request reads are in the exchange."""
        for file in _files_read(request):
            digest = sha256_once(file)
            if digest not in self._there:
                if self.exchange.size(file_name(digest)) != file.stat().st_size:
                    self.exchange.put(file, file_name(digest))
                self._there.add(digest)

    def forget(self, request: Request) -> None:
        """Look again for the files that a request reads, the next time that it is pushed."""
        self._there.difference_update(map(sha256_once, _files_read(request)))

    def done(self, packed: Sequence[Packed]) -> dict[int, dict[str, Any]]:
        """Records of requests that are done already, by their places."""
        listed = self.exchange.names("results")
        said = {
            place: self.exchange.said(record_name(each.key))
            for place, each in enumerate(packed)
            if f"{each.key}.json" in listed
        }
        return {place: record for place, record in said.items() if record is not None}

    def take(self, request: Request, packed: Packed, record: dict[str, Any]) -> bool:
        """Put what was written for a request where it belongs, and remove it from the exchange.

        Args:
            request: the request.
            packed: the same, as it was sent.
            record: what a worker says of it.

        Returns:
            Whether all was there, whole; else the request is to be done again.
        """
        slots = found(packed.values, Slot)
        written = [written_name(packed.key, digest) for digest in record["files"].values()]
        whole = True
        for slot, writes in zip(slots, found(request, Writes), strict=True):
            for name, file in zip(slot.names, writes.files, strict=True):
                digest = record["files"].get(f"{slot.number}/{name}", "")
                place = written_name(packed.key, digest)
                whole = whole and self.exchange.get(place, file, digest)
        self.exchange.remove([record_name(packed.key), *written])
        return whole

    def tidy(self, requests: Sequence[Request]) -> None:
        """Remove files from the exchange that no other request will read."""
        once = {sha256_once(file) for each in requests for file in _files_read(each, once=True)}
        self.exchange.remove(map(file_name, sorted(once & self._there)))
        self._there -= once


def _files_read(request: Request, *, once: bool = False) -> list[Path]:
    """The files that a request reads; with `once` those that no other will read."""
    every: list[Reads] = found(request, Reads)
    return [file for reads in every if reads.once or not once for file in reads.files]
