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
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hybench.encoders import sharing_worker
from hybench.encoders.arithmetic import Work
from hybench.encoders.encoder import Encoder
from hybench.encoders.languages import route_of
from hybench.encoders.options import OWN_WAYS, EncoderOptions
from hybench.encoders.prompts import TextKind
from hybench.errors import StateError
from hybench.workers.pool import WorkerPool

if TYPE_CHECKING:
    import torch

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


class SharedEncoder:
    """An encoder that hands long calls to processes.

    Static embeddings are not shared: tokenising, which this process does, takes most of their time.

    Args:
        encoder: the encoder.
        loading: how processes load it.
        pool: of `sharing_worker`.
    """

    def __init__(self, encoder: Encoder, loading: Loading, pool: WorkerPool) -> None:
        self.encoder = encoder
        self._loading, self._pool = loading, pool
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
        with TemporaryDirectory(prefix="hybench-encode-") as folder:
            requests = []
            for number, (first, last) in enumerate(shares):
                stem = Path(folder) / f"{number:05d}"
                own = tokens.take(order[first:last])
                sharing_worker.write_tokens(stem, own)
                requests.append(
                    {
                        "name": self._loading.name,
                        "options": asdict(self._loading.options),
                        "precision": encoder.precision,
                        "route": route,
                        "stem": str(stem),
                    }
                )
            digests = self._pool.run(requests, tell)
            if set(digests) != {self._digest}:
                raise StateError(
                    f"{self._loading.name} has changed while it was used.", "Try again."
                )
            for number, (first, last) in enumerate(shares):
                file = sharing_worker.vectors_file(Path(folder) / f"{number:05d}")
                vectors[order[first:last]] = np.load(file)
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
    if len(devices) < 2 or encoder.is_static or loading is None:
        yield encoder
        return
    with WorkerPool(sharing_worker.__name__, devices) as pool:
        yield SharedEncoder(encoder, loading, pool)


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
