"""An encoder whose texts are encoded by several processes, to the same bits.

This process tokenises, sorts texts by length and cuts them where one process would begin a batch.
Others map the tokens' files, so that ids are copied nowhere, and encode the batches between cuts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hybench.encoders import sharing_worker
from hybench.encoders.arithmetic import Work
from hybench.encoders.encoder import Encoder
from hybench.encoders.languages import route_of
from hybench.encoders.options import OWN_WAYS, EncoderOptions
from hybench.encoders.prompts import TextKind
from hybench.errors import StateError
from hybench.workers.engine import Workers
from hybench.workers.pool import WorkerPool
from hybench.workers.requests import Reads, Writes

if TYPE_CHECKING:
    import torch

    from hybench.encoders.checkpoint import Checkpoint

WORTH = 50_000
"""Tokens from which on a call is shared: a few seconds of a small transformer on a CPU."""

_SHARES = 4
"""Shares of a call for each process, so that a slow or dead one holds up little."""


@dataclass(frozen=True)
class Loading:
    """How a process loads an encoder.

    Attributes:
        name: a directory, or an id on the hub.
        options: what is asked for instead of the model's own ways.
    """

    name: str
    options: EncoderOptions = OWN_WAYS

    def asked(self, checkpoint: Checkpoint | None) -> dict[str, Any]:
        """``name`` and ``options`` of a request to a worker, with the files of the checkpoint."""
        name: str | Reads = self.name
        if checkpoint is not None:
            called = "" if Path(self.name).is_dir() else self.name
            name = Reads(checkpoint.folder, checkpoint.files, called)
        return {"name": name, "options": asdict(self.options)}


class SharedEncoder:
    """An encoder that hands long calls to processes.

    Static embeddings are not shared: tokenising, which this process does, takes most of their time.

    Args:
        encoder: the encoder.
        loading: how processes load it.
        pool: of `sharing_worker`.
        shared: a folder that the processes have, for tokens and vectors; None for this machine's.
    """

    def __init__(
        self, encoder: Encoder, loading: Loading, pool: Workers, shared: Path | None = None
    ) -> None:
        self.encoder = encoder
        self._loading, self._pool, self._shared = loading, pool, shared
        self._digest = sharing_worker.files_digest(encoder)

    @property
    def dimension(self) -> int:
        """Components of a vector."""
        return self.encoder.dimension

    @property
    def precision(self) -> str:
        """What it computes vectors in."""
        return self.encoder.precision

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages whose texts it takes; empty for any text."""
        return self.encoder.languages

    @property
    def device(self) -> torch.device:
        """The device of the encoder in this process."""
        return self.encoder.device

    def encode(
        self,
        texts: Sequence[str],
        kind: TextKind,
        progress: Callable[[int], None] | None = None,
        language: str | None = None,
    ) -> NDArray[np.float32]:
        """See `Encoder.encode`.

        Raises:
            StateError: the model has changed since it was loaded here.
            HybenchError: a process cannot encode, or all have died.
        """
        encoder = self.encoder
        route = route_of(encoder.model, kind, language)
        tokens = encoder.tokenize(texts, kind)
        if encoder.is_static or len(tokens.ids) < WORTH:
            return encoder.encode_tokens(tokens, progress, route)
        order = np.argsort(-tokens.lengths, kind="stable")
        cuts = encoder.batch_cuts(tokens.lengths[order])
        shares = _shares(cuts, tokens.lengths[order], _SHARES * len(self._pool))
        done: dict[int, int] = {}

        def tell(number: int, texts_done: int) -> None:
            done[number] = texts_done
            if progress is not None:
                progress(sum(done.values()))

        vectors = np.empty((len(tokens), encoder.dimension), np.float32)
        with TemporaryDirectory(prefix=".hybench-encode-", dir=self._shared) as folder:
            asked = self._loading.asked(encoder.origins.checkpoint)
            requests = []
            for number, (first, last) in enumerate(shares):
                own = tokens.take(order[first:last])
                ids, offsets, target = (
                    Path(folder) / f"{number:05d}.{what}.npy"
                    for what in ("ids", "offsets", "vectors")
                )
                np.save(ids, own.ids)
                np.save(offsets, own.offsets)
                requests.append(
                    {
                        **asked,
                        "precision": encoder.precision,
                        "route": route,
                        "ids": Reads(ids, once=True),
                        "offsets": Reads(offsets, once=True),
                        "vectors": Writes(target),
                    }
                )
            digests = self._pool.run(requests, tell)
            if set(digests) != {self._digest}:
                raise StateError(
                    f"{self._loading.name} has changed while it was used.", "Try again."
                )
            for request, (first, last) in zip(requests, shares, strict=True):
                vectors[order[first:last]] = np.load(request["vectors"].path)
        encoder.work += Work.of(tokens.lengths)
        return vectors


@contextmanager
def sharing(
    encoder: Encoder, loading: Loading | None, devices: Sequence[str]
) -> Iterator[Encoder | SharedEncoder]:
    """The encoder, its work shared by processes until the block ends; itself where there is one.

    Args:
        encoder: the encoder.
        loading: how processes load it; None if they cannot.
        devices: one for each process (`hybench.workers.pool`).
    """
    pool = WorkerPool(sharing_worker.__name__, devices) if len(devices) > 1 else None
    with shared_by(pool, encoder, loading) as shared:
        yield shared


@contextmanager
def shared_by(
    pool: Workers | None, encoder: Encoder, loading: Loading | None, shared: Path | None = None
) -> Iterator[Encoder | SharedEncoder]:
    """The encoder, its work shared by a pool until the block ends; itself if it cannot be.

    Args:
        pool: of `sharing_worker`; None for none.
        encoder: the encoder.
        loading: how the pool's processes load it; None if they cannot.
        shared: see `SharedEncoder`.
    """
    if pool is None or encoder.is_static or loading is None:
        yield encoder
        return
    with pool:
        yield SharedEncoder(encoder, loading, pool, shared)


def _shares(
    cuts: NDArray[np.int64], lengths: NDArray[np.int64], most: int
) -> list[tuple[int, int]]:
    """Texts between cuts, in at most so many shares of about the same number of tokens.

    Args:
        cuts: int64, from 0 to n.
        lengths: int64 [n], tokens of each text.
        most: how many shares.
    """
    before = np.concatenate([[0], np.cumsum(lengths)])[cuts]
    wanted = np.linspace(0, before[-1], most + 1)[1:-1]
    inner = cuts[np.unique(np.searchsorted(before, wanted))]
    places = np.unique(np.concatenate([[0], inner, cuts[-1:]])).tolist()
    return list(pairwise(places))
