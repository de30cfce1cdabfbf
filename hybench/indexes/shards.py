"""Encoded passages as shards: bounded files, each final when it is there.

The shards of a language are written to a folder beside its index, which they become when the last
one is there. An encoding that was killed goes on at the first shard that is missing or damaged. A
shard is encoded by itself, in chunks that begin with it, so that its bytes do not depend on who
encoded the others, or when. A shard of another model, passages, precision or size is not taken.
"""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybench.errors import DataError, HybenchError
from hybench.files.atomic import remove_folder, replacing_file
from hybench.files.checksums import sha256_file
from hybench.files.documents import read_json, write_json
from hybench.indexes.exact.keys import Floats
from hybench.indexes.exact.spans import PASSAGE_BLOCK
from hybench.runs.cost import NOTHING, Cost

SHARD_ROWS = 4 * PASSAGE_BLOCK
"""Vectors in a shard, which searches read in blocks of an eighth of it; the last one has fewer."""

ONE_SHARD = "vectors.npy"
"""The file of an index of one shard."""

F32 = "f32"
_TYPES: dict[str, Any] = {F32: np.float32, "f16": np.float16}
STORES = tuple(_TYPES)


def shard_name(number: int) -> str:
    """The file of a shard, from 0, of an index of several."""
    return f"vectors-{number:05d}.npy"


def shard_files(rows: int, shard_rows: int) -> tuple[str, ...]:
    """The files of an index, in the order of the passages."""
    count = max(1, -(-rows // shard_rows))
    return (ONE_SHARD,) if count == 1 else tuple(map(shard_name, range(count)))


@dataclass(frozen=True)
class ShardKey:
    """All that the bytes of a language's shards depend on, the device aside.

    Attributes:
        model_sha256: digest of the model.
        passages_sha256: digest of the passages' file.
        precision: that vectors are computed in.
        store: ``f32``, or ``f16``: each component rounded to float16.
        rows: vectors of the language.
        dimension: components of a vector.
        shard_rows: vectors in a shard.
    """

    model_sha256: str
    passages_sha256: str
    precision: str
    store: str
    rows: int
    dimension: int
    shard_rows: int


@dataclass(frozen=True)
class Shard:
    """A shard that is there.

    Attributes:
        path: its file.
        digest: SHA-256 of its bytes.
        rows: vectors in it.
        cost: of encoding it.
        rounding: the largest length of what float16 took from a vector; 0 for float32. No cosine
            with a unit vector differs by more.
    """

    path: Path
    digest: str
    rows: int
    cost: Cost
    rounding: float


class ShardFolder:
    """The shards of one language that are there so far.

    What an earlier process left is compared with its checksum once; what this one writes, or has a
    worker write, is hashed as it is written and not read again.

    Args:
        folder: of them; shards of another key in it are removed.
        key: what they belong to.
    """

    _KEY = "key.json"

    def __init__(self, folder: Path, key: ShardKey) -> None:
        self.folder, self.key = folder, key
        self._whole: dict[int, Shard] = {}
        said = {"key": asdict(key)}
        file = folder / self._KEY
        if folder.is_dir() and (not file.is_file() or _read(file).get("key") != said["key"]):
            remove_folder(folder)
        folder.mkdir(parents=True, exist_ok=True)
        if not file.is_file():
            write_json(file, said)

    @property
    def names(self) -> tuple[str, ...]:
        """The files of all shards."""
        return shard_files(self.key.rows, self.key.shard_rows)

    def size(self, number: int) -> int:
        """Vectors in a shard."""
        return min(self.key.shard_rows, self.key.rows - number * self.key.shard_rows)

    def _written(self, number: int) -> Shard | None:
        """A shard as it says of itself, if it is there."""
        path, said = self.folder / self.names[number], self._said(number)
        value = _read(said) if said.is_file() else {}
        if not path.is_file() or "digest" not in value:
            return None
        cost = Cost(**value["cost"])
        return Shard(path, value["digest"], value["rows"], cost, value["rounding"])

    def missing(self) -> tuple[int, ...]:
        """Numbers of the shards that are not there, or damaged: all that are there are read."""
        self._whole = {}
        for number in range(len(self.names)):
            shard = self._written(number)
            if shard is not None and shard.digest == sha256_file(shard.path):
                self._whole[number] = shard
        return tuple(number for number in range(len(self.names)) if number not in self._whole)

    def whole(self) -> tuple[Shard, ...]:
        """All shards, once those that `missing` named have been written.

        Raises:
            DataError: one is not there any more.
        """
        found = [self._whole.get(at) or self._written(at) for at in range(len(self.names))]
        shards = tuple(shard for shard in found if shard is not None and shard.path.is_file())
        if len(shards) < len(self.names):
            raise DataError(
                f"Shards in {self.folder} have changed since they were written.",
                "Index again: those that are whole are kept.",
            )
        return shards

    def write(self, number: int, vectors: Iterator[Floats], cost: Callable[[], Cost]) -> Shard:
        """Write a shard.

        Args:
            number: from 0.
            vectors: float32 [m, d] each, the shard's in their order.
            cost: that of encoding, once `vectors` has ended.

        Raises:
            DataError: there are more or fewer vectors than the shard has.
        """
        import hashlib  # loads OpenSSL, which no help needs

        path, rows, rounding = self.folder / self.names[number], 0, 0.0
        kind, digest = _TYPES[self.key.store], hashlib.sha256()
        with replacing_file(path) as temporary:
            # Written as a plain file: data written through a memory map stays in memory.
            with temporary.open("wb") as file:
                header = _header((self.size(number), self.key.dimension), kind)
                digest.update(header)
                file.write(header)
                for part in vectors:
                    stored = np.ascontiguousarray(part, kind)
                    if self.key.store != F32:
                        lost = np.linalg.norm(part - stored.astype(np.float32), axis=1)
                        rounding = max(rounding, float(lost.max(initial=0.0)))
                    digest.update(stored.data)
                    file.write(stored.data)
                    rows += len(part)
            if rows != self.size(number):
                raise DataError(
                    f"{path} got {rows:,} of {self.size(number):,} vectors.",
                    "The passages have changed since they were prepared: prepare the set again.",
                )
        shard = Shard(path, digest.hexdigest(), rows, cost(), rounding)
        said = asdict(shard)
        del said["path"]
        write_json(self._said(number), said)
        self._whole[number] = shard
        return shard

    @contextmanager
    def leaving_nothing_empty(self) -> Iterator[None]:
        """Remove the folder if an error leaves it without a shard."""
        try:
            yield
        except HybenchError:
            if not any(self.folder.glob("*.npy")):
                remove_folder(self.folder)
            raise

    def put_into(self, target: Path) -> None:
        """Put the shards into another folder; they stay here, too."""
        for name in self.names:
            link_or_copy(self.folder / name, target / name)

    def files(self, number: int) -> tuple[str, str]:
        """The names of a shard and of what it says of itself, in the order of their writing."""
        return self.names[number], f"{number:05d}.json"

    def _said(self, number: int) -> Path:
        return self.folder / self.files(number)[1]


def total_cost(shards: Sequence[Shard]) -> Cost:
    """What all shards have cost, whoever made them."""
    cost = NOTHING
    for shard in shards:
        cost += shard.cost
    return cost


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file another name, or copy it where the file system has no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _read(file: Path) -> dict[str, Any]:
    """A small file of a shard; empty if it is damaged, so that the shard is made again."""
    try:
        return read_json(file)
    except DataError:
        return {}


def _header(shape: tuple[int, int], kind: type[np.floating[Any]]) -> bytes:
    """The first bytes of an .npy file of an array."""
    file = io.BytesIO()
    values = {"descr": np.dtype(kind).str, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, values)
    return file.getvalue()


def open_shards(folder: Path, names: Sequence[str]) -> list[NDArray[Any]]:
    """The shards of an index, memory-mapped, read-only."""
    return [np.load(folder / name, mmap_mode="r") for name in names]
