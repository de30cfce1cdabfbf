"""Batch sampling: the pairs and languages of batch n as a pure function of (seed, n).

Batches are monolingual (X-X), cross-lingual (X-Y), or a mixture of both by batch or by example
(hybrid batches, arXiv 2408.10536). There is no sampler state: any process that knows the config can
compute any batch, so a resumed or distributed run sees the same batches.
"""

from __future__ import annotations

from hybench.sampling.batch import Batch, BatchKind
from hybench.sampling.pairs import PairTable, pair_table
from hybench.sampling.randomness import generator
from hybench.sampling.sampler import BatchSampler

__all__ = ["Batch", "BatchKind", "BatchSampler", "PairTable", "generator", "pair_table"]
