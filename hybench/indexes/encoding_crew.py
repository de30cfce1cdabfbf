"""Processes that share the encoding of texts which are no passages of a set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hybench.encoders import sharing_worker
from hybench.encoders.encoder import Encoder
from hybench.encoders.sharing import Loading, SharedEncoder, shared_by
from hybench.indexes.options import IndexOptions
from hybench.runs.run import Run


@contextmanager
def encoding_crew(
    run: Run, encoder: Encoder, loading: Loading, options: IndexOptions
) -> Iterator[Encoder | SharedEncoder]:
    """An encoder whose work processes share until the block ends; itself where there is one.

    Args:
        run: whose folder the processes of a cluster share.
        encoder: the encoder.
        loading: how processes load it.
        options: how many, and where.

    Raises:
        HybenchError: see `IndexOptions.workers`.
    """
    if options.alone or encoder.is_static:
        yield encoder
        return
    pool = options.workers(sharing_worker.__name__)
    shared = run.path if options.folders_are_shared else None
    with shared_by(pool, encoder, loading, shared) as found:
        yield found
