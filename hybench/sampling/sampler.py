"""Draws the batches of a training, each by its number alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from hybench.sampling.alphas import Alphas
from hybench.sampling.batch import Batch, BatchKind
from hybench.sampling.dealing import Batches
from hybench.sampling.languages import (
    draw_one,
    one_weighted,
    two_alike,
    two_weighted,
    weights_of,
)
from hybench.sampling.pairs import PairTable
from hybench.sampling.plan import Plan
from hybench.sampling.randomness import generator
from hybench.sampling.streams import Epochs, Members, Stream, collect_streams, no_batches


class BatchSampler:
    """Draws batch number n of a training.

    - The batch is monolingual with probability alpha, else cross-lingual; with
      ``mixing="example"`` that is decided for each example of a batch instead.
    - The training set is drawn in proportion to its pairs that suit the kind, times its weight.
    - A monolingual batch draws one language of the set's. A cross-lingual example draws two
      distinct languages of those in which its pair exists. All are drawn alike, or in proportion to
      n^τ: n pairs of the set are in the language, or in both languages.
    - Within an epoch of a stream (a set and language, or a set's cross-lingual pairs) no pair
      repeats. Pairs that share a query or passage are dealt to different batches; pairs that do
      not fill a batch wait for the next epoch, which has another order.
    - A language with fewer distinct source passages than the batch size gives smaller batches, each
      with every source once; one with a single source is excluded from monolingual batches.

    Args:
        tables: the training sets.
        alpha: the share of monolingual batches, if it changes as `Alphas`.
        batch_size: pairs in a batch, at most.
        seed: of the training.
        mixing: ``batch`` or ``example``.
        language_temperature: τ.
        first: batches of the seed to pass over: batch 0 is the seed's batch of this number.

    Raises:
        UsageError: the pairs cannot make a batch of a kind that alpha requires.
    """

    def __init__(
        self,
        tables: Sequence[PairTable],
        *,
        alpha: float | Alphas,
        batch_size: int,
        seed: int,
        mixing: str = "batch",
        language_temperature: float = 0.0,
        first: int = 0,
    ) -> None:
        self.tables = tuple(tables)
        self.alphas = alpha if isinstance(alpha, Alphas) else Alphas(alpha)
        self.batch_size = batch_size
        self.seed = seed
        self.mixing = mixing
        self.language_temperature = language_temperature
        self.first = first
        least, most = self.alphas.range
        kinds: list[BatchKind] = ["mixed"]
        if mixing == "batch":
            kinds = [kind for kind, used in (("mono", most > 0), ("cross", least < 1)) if used]  # type: ignore[misc]
        self.alone = most > 0
        """Whether pairs of a single language take part in mixed batches."""
        self._members = collect_streams(self.tables, kinds, alone=self.alone)
        self._shares = {kind: self._table_shares(kind) for kind in kinds}
        self._partition = lru_cache(maxsize=256)(self._make_partition)
        self._epochs: dict[Stream, Epochs] = {}
        self._plan = Plan(seed, self._stream)

    def decide(self, decisions: Sequence[tuple[int, float]]) -> None:
        """Follow what validations decided: α after steps, see `Alphas.decide`."""
        self._plan.forget(self.first + self.alphas.decide(decisions))

    @property
    def streams(self) -> dict[Stream, Members]:
        """The streams that batches may come from, with their pairs."""
        return self._members

    def _table_shares(self, kind: BatchKind) -> NDArray[np.float64]:
        """The ends of the sets' shares in the batches of a kind, float64 [tables]."""
        sizes = np.zeros(len(self.tables), dtype=np.float64)
        for stream, members in self._members.items():
            if stream.kind == kind:
                table = self.tables[stream.table]
                size = len(table.pair_ids) if kind == "mono" else len(members.pairs)
                sizes[stream.table] = size * table.weight
        if not sizes.any():
            raise no_batches(self.tables, kind, alone=self.alone)
        ends: NDArray[np.float64] = np.cumsum(sizes / sizes.sum())
        return ends

    def _stream(self, number: int, draws: NDArray[np.float64]) -> list[Stream]:
        """The streams of the batches from `number` on, from uniform draws float64 [m, 3]."""
        numbers = number + np.arange(len(draws)) - self.first
        alphas = self.alphas.of(np.maximum(numbers, 0)).tolist()
        return [
            self._stream_of(alpha, *row) for alpha, row in zip(alphas, draws.tolist(), strict=True)
        ]

    def _stream_of(
        self, alpha: float, kind_draw: float, table_draw: float, language_draw: float
    ) -> Stream:
        kind: BatchKind = "mono" if kind_draw < alpha else "cross"
        if self.mixing == "example":
            kind = "mixed"
        ends = self._shares[kind]
        index = min(int(np.searchsorted(ends, table_draw, side="right")), len(self.tables) - 1)
        if kind != "mono":
            return Stream(kind, index, -1)
        languages = self.mono_languages(index)
        if not self.language_temperature:
            return Stream(kind, index, languages[int(language_draw * len(languages))])
        weights = self._language_weights[index][languages]
        return Stream(kind, index, draw_one(language_draw, languages, weights))

    def mono_languages(self, table: int) -> list[int]:
        """Indexes of the languages that monolingual batches of a set are drawn from."""
        return self._mono_languages.get(table, [])

    @cached_property
    def _mono_languages(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for stream in self._members:
            if stream.kind == "mono":
                found.setdefault(stream.table, []).append(stream.language)
        return found

    @cached_property
    def _language_weights(self) -> list[NDArray[np.float64]]:
        """Of each set's languages, float64 [L]."""
        counts = [table.present.sum(axis=0).astype(np.float64) for table in self.tables]
        return [weights_of(each, self.language_temperature) for each in counts]

    @cached_property
    def _pair_weights(self) -> list[NDArray[np.float64]]:
        """Of each set's ordered pairs of languages, float64 [L, L]."""
        present = [table.present.astype(np.float64) for table in self.tables]
        return [weights_of(each.T @ each, self.language_temperature) for each in present]

    def _per_epoch(self, stream: Stream) -> int:
        return max(1, len(self._members[stream].pairs) // self.batch_size)

    def _make_partition(self, stream: Stream, epoch: int) -> Batches:
        """All batches of one epoch of a stream: a random partition without conflicts."""
        if stream not in self._epochs:
            of = self._members[stream]
            batches = self._per_epoch(stream)
            self._epochs[stream] = of.epochs(self.seed, stream, batches, self.batch_size)
        return self._epochs[stream].batches(epoch)

    def batch_sizes(self) -> tuple[int, int]:
        """Pairs in the smallest and the largest batch of the first epochs of all streams."""
        sizes = [len(pairs) for stream in self._members for pairs in self._partition(stream, 0)]
        return min(sizes), max(sizes)

    def batch(self, number: int) -> Batch:
        """Batch number `number`, from 0."""
        stream, before = self._plan.batch(self.first + number)
        epoch, position = divmod(before, self._per_epoch(stream))
        pairs = self._partition(stream, epoch)[position]
        if stream.kind == "mono":
            both = np.full(len(pairs), stream.language, dtype=np.int64)
            return Batch(number, "mono", stream.table, pairs, both, both)
        queries, passages = self._draw_languages(number, stream, pairs)
        return Batch(number, stream.kind, stream.table, pairs, queries, passages)

    def _draw_languages(
        self, number: int, stream: Stream, pairs: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        random = generator(self.seed, "languages", self.first + number)
        present = self.tables[stream.table].present[pairs]
        if self.language_temperature:
            queries, passages = two_weighted(random, present, self._pair_weights[stream.table])
        else:
            queries, passages = two_alike(random, present)
        if stream.kind == "mixed":
            [alpha] = self.alphas.of(np.array([number]))
            same = (random.random(len(pairs)) < alpha) | (present.sum(axis=1) < 2)
            own = queries
            if self.language_temperature:
                own = one_weighted(random, present, self._language_weights[stream.table])
            queries, passages = np.where(same, own, queries), np.where(same, own, passages)
        return queries, passages
