"""Batch sampling: the pairs and languages of batch n as a pure function of (seed, n).

Batches are monolingual (X-X), cross-lingual (X-Y), or a mixture of both by batch or by example
(hybrid batches, arXiv 2408.10536). There is no sampler state: any process that knows the config can
compute any batch, so a resumed or distributed run sees the same batches.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hybench.data.conflicts import read_pair_rows
from hybench.data.dataset import Dataset
from hybench.errors import UsageError

BatchKind = Literal["mono", "cross", "mixed"]

_BLOCK = 4096
"""Batches whose kinds are drawn together, for speed; changing it changes the batches of a seed."""


def generator(seed: int, *path: int | str) -> np.random.Generator:
    """A counter-based generator (Philox) for one path, independent of all other paths."""
    key = [zlib.crc32(part.encode()) if isinstance(part, str) else part for part in path]
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, *key])))


@dataclass(frozen=True)
class PairTable:
    """The training pairs of one data set.

    Attributes:
        name: the data set's name.
        languages: L language codes, sorted.
        pair_ids: n ids, sorted.
        rows: int32 [n, L], row of the pair in the language's pairs table, -1 if it has none.
        groups: int32 [n]; pairs of one group share a query or passage by id or by text (directly
            or by a chain) and are never in one batch.
    """

    name: str
    languages: tuple[str, ...]
    pair_ids: tuple[str, ...]
    rows: NDArray[np.int32]
    groups: NDArray[np.int32]

    @property
    def present(self) -> NDArray[np.bool_]:
        """bool [n, L]: whether the pair exists in the language."""
        return self.rows >= 0


def pair_table(dataset: Dataset, languages: Sequence[str] = ()) -> PairTable:
    """Read the training pairs of a set, in the given languages (all by default).

    Raises:
        UsageError: the set has no pairs in these languages.
    """
    chosen = tuple(
        language
        for language in dataset.table_languages("pairs")
        if not languages or language in languages
    )
    if not chosen:
        wanted = f" in {' '.join(languages)}" if languages else ""
        has = " ".join(dataset.table_languages("pairs")) or "none at all"
        raise UsageError(
            f"Data set {dataset.name} has no training pairs{wanted}.",
            f"It has pairs in: {has}.",
        )
    pair_rows = read_pair_rows(dataset, chosen)
    rows = np.full((len(pair_rows.pair_ids), len(chosen)), -1, dtype=np.int32)
    rows[pair_rows.pair, pair_rows.language] = pair_rows.row
    return PairTable(dataset.name, chosen, tuple(pair_rows.pair_ids), rows, pair_rows.groups())


@dataclass(frozen=True)
class Batch:
    """One batch; b is the batch size, or less for a language with few passages.

    Attributes:
        number: n, from 0.
        kind: mono, cross, or mixed (hybrid by example).
        table: index of the training set.
        pairs: int64 [b], indexes into the table's pairs.
        query_languages: int64 [b], indexes into the table's languages.
        passage_languages: int64 [b], likewise.
    """

    number: int
    kind: BatchKind
    table: int
    pairs: NDArray[np.int64]
    query_languages: NDArray[np.int64]
    passage_languages: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.pairs)


class BatchSampler:
    """Draws batch number n of a training.

    - The batch is monolingual with probability alpha, else cross-lingual; with
      ``mixing="example"`` that is decided for each example of a batch instead.
    - The training set is drawn in proportion to its pairs that suit the kind.
    - A monolingual batch draws one language uniformly from the set's. A cross-lingual example draws
      two distinct languages uniformly from those in which its pair exists.
    - Within an epoch of a stream (a set and language, or a set's cross-lingual pairs) no pair
      repeats. Pairs that share a query or passage are dealt to different batches; pairs that do
      not fill a batch wait for the next epoch, which has another order.
    - A language with fewer distinct source passages than the batch size gives smaller batches, each
      with every source once; one with a single source is excluded from monolingual batches.

    Raises:
        UsageError: the pairs cannot make a batch of a kind that alpha requires.
    """

    def __init__(
        self,
        tables: Sequence[PairTable],
        *,
        alpha: float,
        batch_size: int,
        seed: int,
        mixing: str = "batch",
    ) -> None:
        self.tables = tuple(tables)
        self.alpha = alpha
        self.batch_size = batch_size
        self.seed = seed
        self.mixing = mixing
        self._members: dict[tuple[str, int, int], NDArray[np.int64]] = {}
        for index, table in enumerate(self.tables):
            self._collect_streams(index, table)
        kinds: list[BatchKind] = ["mixed"] if mixing == "example" else []
        if mixing == "batch":
            kinds = [kind for kind, share in (("mono", alpha), ("cross", 1 - alpha)) if share > 0]  # type: ignore[misc]
        self._weights = {kind: self._table_weights(kind) for kind in kinds}
        self._partition = lru_cache(maxsize=256)(self._make_partition)
        self._plans: list[tuple[list[tuple[str, int, int]], NDArray[np.int64]]] = []
        self._drawn: dict[tuple[str, int, int], int] = {}

    def _collect_streams(self, index: int, table: PairTable) -> None:
        present = table.present
        for language in range(len(table.languages)):
            members = np.flatnonzero(present[:, language])
            if len(np.unique(table.groups[members])) > 1:
                self._members["mono", index, language] = members
        languages = present.sum(axis=1)
        for kind, least in (("cross", 2), ("mixed", 2 if self.alpha == 0 else 1)):
            members = np.flatnonzero(languages >= least)
            if len(np.unique(table.groups[members])) > 1:
                self._members[kind, index, -1] = members

    def _table_weights(self, kind: BatchKind) -> NDArray[np.float64]:
        sizes = np.zeros(len(self.tables), dtype=np.float64)
        for stream, index, language in self._members:
            if stream == kind:
                members = self._members[stream, index, language]
                sizes[index] = len(self.tables[index].pair_ids) if kind == "mono" else len(members)
        if not sizes.any():
            raise self._no_batches(kind)
        weights: NDArray[np.float64] = sizes / sizes.sum()
        return weights

    def _no_batches(self, kind: BatchKind) -> UsageError:
        names = ", ".join(table.name for table in self.tables)
        mono = kind == "mono"
        least = 1 if kind == "mixed" and self.alpha > 0 else 2
        present = [table.present.sum(axis=0 if mono else 1) for table in self.tables]
        if any(of.max(initial=0) > 1 if mono else (of >= least).sum() > 1 for of in present):
            where = "of a language" if mono else f"that suit {kind} batches"
            return UsageError(
                f"{names}: all pairs {where} share a query or a passage, directly or through "
                "other pairs, so that no batch can have two of them.",
                "Remove repeated texts, or add a set with more distinct ones.",
            )
        if mono:
            return UsageError(
                f"{names}: no language has two distinct pairs.", "Train on a larger set."
            )
        return UsageError(
            f"{names}: no two distinct pairs exist in two languages, which X-Y batches need.",
            "Use --alpha 1, or train on a parallel set as well.",
        )

    def _plan(self, block: int) -> tuple[list[tuple[str, int, int]], NDArray[np.int64]]:
        """Streams of a block's batches, and how many batches each had given before each of them."""
        while len(self._plans) <= block:
            draws = generator(self.seed, "plan", len(self._plans)).random((_BLOCK, 3))
            streams = [self._stream(*row) for row in draws.tolist()]
            before = np.empty(_BLOCK, dtype=np.int64)
            for position, stream in enumerate(streams):
                before[position] = self._drawn.get(stream, 0)
                self._drawn[stream] = int(before[position]) + 1
            self._plans.append((streams, before))
        return self._plans[block]

    def _stream(
        self, kind_draw: float, table_draw: float, language_draw: float
    ) -> tuple[str, int, int]:
        if self.mixing == "example":
            kind: BatchKind = "mixed"
        else:
            kind = "mono" if kind_draw < self.alpha else "cross"
        cumulative = np.cumsum(self._weights[kind])
        index = min(
            int(np.searchsorted(cumulative, table_draw, side="right")), len(self.tables) - 1
        )
        if kind != "mono":
            return kind, index, -1
        languages = self.mono_languages(index)
        return kind, index, languages[int(language_draw * len(languages))]

    def mono_languages(self, table: int) -> list[int]:
        """Indexes of the languages that monolingual batches of a set are drawn from."""
        return [
            language for kind, index, language in self._members if kind == "mono" and index == table
        ]

    def _make_partition(self, stream: tuple[str, int, int], epoch: int) -> list[NDArray[np.int64]]:
        """All batches of one epoch of a stream: a random partition without conflicts."""
        members = self._members[stream]
        random = generator(self.seed, "order", *_stream_key(stream), epoch)
        groups = self.tables[stream[1]].groups[members]
        batches = max(1, len(members) // self.batch_size)
        # Groups in random order, each group's pairs in random order; dealt round-robin, the pairs
        # of one group land in different batches: as many batches as such pairs are needed.
        _, group = np.unique(groups, return_inverse=True)
        order = np.lexsort((random.random(len(members)), random.random(group.max() + 1)[group]))
        starts = np.flatnonzero(np.r_[True, np.diff(group[order]) != 0])
        sizes = np.diff(np.r_[starts, len(order)])
        within = np.arange(len(order)) - np.repeat(starts, sizes)
        dealt = members[order[within < batches]]
        deal = random.permutation(batches)
        return [dealt[first::batches][: self.batch_size] for first in deal]

    def batch_sizes(self) -> tuple[int, int]:
        """Pairs in the smallest and the largest batch of the first epochs of all streams."""
        sizes = [
            len(pairs)
            for stream in self._members
            if stream[0] in self._weights
            for pairs in self._partition(stream, 0)
        ]
        return min(sizes), max(sizes)

    def batch(self, number: int) -> Batch:
        """Batch number `number`, from 0."""
        streams, before = self._plan(number // _BLOCK)
        stream = streams[number % _BLOCK]
        kind, index, language = stream
        per_epoch = max(1, len(self._members[stream]) // self.batch_size)
        epoch, position = divmod(int(before[number % _BLOCK]), per_epoch)
        pairs = self._partition(stream, epoch)[position]
        if kind == "mono":
            both = np.full(len(pairs), language, dtype=np.int64)
            return Batch(number, "mono", index, pairs, both, both)
        queries, passages = self._draw_languages(number, kind, index, pairs)
        return Batch(number, kind, index, pairs, queries, passages)  # type: ignore[arg-type]

    def _draw_languages(
        self, number: int, kind: str, index: int, pairs: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        random = generator(self.seed, "languages", number)
        present = self.tables[index].present[pairs]
        draws = np.where(present, random.random(present.shape), -1.0)
        order = np.argsort(-draws, axis=1, kind="stable")
        queries, passages = order[:, 0], order[:, min(1, order.shape[1] - 1)]
        if kind == "mixed":
            same = (random.random(len(pairs)) < self.alpha) | (present.sum(axis=1) < 2)
            passages = np.where(same, queries, passages)
        return queries, passages


def _stream_key(stream: tuple[str, int, int]) -> tuple[str, int, int]:
    kind, index, language = stream
    return kind, index, language + 1  # SeedSequence takes no negative numbers
