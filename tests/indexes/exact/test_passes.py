"""Vectors that do not fit into memory, and shares of them: the bits of one search in memory."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hybench.errors import UsageError
from hybench.indexes.exact import one_pass, passes, screened, spans
from hybench.indexes.exact.budget import Budget
from hybench.indexes.exact.keys import Floats, Rows
from hybench.indexes.exact.loads import Found, Load, merged
from hybench.indexes.exact.passes import Tell, search_spans
from hybench.indexes.exact.results import Parted, Request, Wanted
from hybench.indexes.exact.screens.precision import Precision
from hybench.indexes.exact.search import Part, Pool
from hybench.indexes.exact.sharded import ShardedVectors, between
from hybench.indexes.exact.spans import Span
from tests.indexes.exact.screens.precisions import PRECISIONS
from tests.indexes.exact.test_search import DEVICES, make_pool, small_integers


def same(one: Parted, other: Parted) -> None:
    for ours, theirs in zip((*one.parts, one.whole), (*other.parts, other.whole), strict=True):
        assert np.array_equal(ours.rows, theirs.rows)
        assert np.array_equal(ours.scores.view(np.uint32), theirs.scores.view(np.uint32))
    for name in ("part_ranks", "ranks", "scores"):
        assert np.array_equal(getattr(one, name), getattr(other, name))


class Several:
    """A crew in this process: shares that begin and end anywhere."""

    def __init__(self, cuts: Sequence[int], precisions: Sequence[Precision]) -> None:
        self.cuts, self.precisions = cuts, precisions

    def __len__(self) -> int:
        return 2

    def worth(self, pool: Pool, loads: Sequence[Load]) -> bool:
        return True

    def search(self, pool: Pool, loads: Sequence[Load], tell: Tell) -> list[Found]:
        shares = []
        for first, last in zip((0, *self.cuts), (*self.cuts, len(pool)), strict=True):
            own = []
            for span in pool.spans:
                begin, end = max(0, first - span.first), max(0, last - span.first)
                if len(span.order[begin:end]):
                    vectors = between(span.vectors, begin, end)
                    own.append(Span(span.part, span.first + begin, vectors, span.order[begin:end]))
            shares.append(
                search_spans(own, loads, precisions=self.precisions, streams=True, tell=tell)
            )
        return [merged(each) for each in zip(*shares, strict=True)]


@given(
    seed=st.integers(0, 2**16),
    sizes=st.lists(st.integers(1, 90), min_size=1, max_size=4),
    counts=st.lists(st.integers(0, 7), min_size=1, max_size=4),
    k=st.sampled_from([None, 1, 30]),
    depth=st.integers(0, 40),
    device=st.sampled_from(DEVICES),
    ranks=st.booleans(),
    precisions=st.lists(st.sampled_from(PRECISIONS), max_size=3),
    memory=st.sampled_from([150_000, 10**9]),
    cuts=st.none() | st.lists(st.integers(0, 90), max_size=3).map(sorted),
)
@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_blocks_and_shares_give_the_same_bits(
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    sizes: list[int],
    counts: list[int],
    k: int | None,
    depth: int,
    device: str,
    ranks: bool,
    precisions: list[Precision],
    memory: int,
    cuts: list[int] | None,
) -> None:
    for module in (one_pass, screened):
        monkeypatch.setattr(module, "QUERY_BLOCK", 3)
    monkeypatch.setattr(passes, "FEW", 1)
    monkeypatch.setattr(spans, "PASSAGE_BLOCK", 40)
    plain, _ = make_pool(seed, sizes, 3, device)
    generator = np.random.default_rng(seed)
    requests = []
    for number, count in enumerate(counts):
        asked = int(generator.integers(0, 9)) * (count > 0) * ranks
        wanted = Wanted(
            generator.integers(0, max(1, count), asked), generator.integers(0, len(plain), asked)
        )
        queries = small_integers(seed + 99 + number, count, 3)
        requests.append(Request(queries, [depth] * len(sizes), k, wanted))
    expected = list(plain.search_all(requests))
    monkeypatch.setattr(Budget, "streams", True)
    monkeypatch.setattr(Budget, "_fixed", 0)
    parts = [
        Part(part.language, ShardedVectors(np.array_split(np.asarray(part.vectors), 3)), part.order)
        for part in plain.parts
    ]
    crew = None if cuts is None else Several([min(cut, len(plain)) for cut in cuts], precisions)
    pool = Pool(parts, device, memory, crew)
    pool.precisions = tuple(precisions)
    told: list[int] = []
    found = list(pool.search_all(requests, told.append))
    for one, other in zip(found, expected, strict=True):
        same(one, other)
    assert not told or max(told) <= len(pool) * (1 if crew is None else len(crew.cuts) + 1)


def test_vectors_are_read_once_for_all_queries(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    class Counted(ShardedVectors):
        def __getitem__(self, rows: slice | Rows) -> Floats:
            vectors = super().__getitem__(rows)
            read.append(len(vectors))
            return vectors

    monkeypatch.setattr(Budget, "streams", True)
    vectors = small_integers(1, 20_000, 4)
    part = Part("sw", Counted([vectors]), np.arange(len(vectors), dtype=np.uint32))
    requests = [Request(small_integers(at, 500, 4), [10], None) for at in range(6)]
    found = list(Pool([part], memory=2**30).search_all(requests))
    assert len(found) == 6
    assert sum(read) == len(vectors)


def test_too_little_memory_is_said() -> None:
    vectors = small_integers(1, 4000, 64)
    pool = Pool([Part("sw", vectors, np.arange(4000, dtype=np.uint32))], memory=10**6)
    assert pool.streams
    with pytest.raises(UsageError, match=r"--memory is 976\.6 KiB: too little to search") as error:
        pool.search(vectors[:9], 5)
    assert "or more" in error.value.do
    assert not Pool(pool.parts, memory=4 * 10**6).streams
    assert not Pool(pool.parts).streams


ROWS, DIMENSION, LIMIT = 262_144, 256, 224 << 20

BOUNDED = f"""
import resource, sys
import numpy as np
from hybench.indexes.exact.search import Part, Pool
from hybench.indexes.exact.results import Request

def grown():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

vectors = np.load(sys.argv[1], mmap_mode="r")
rows, dimension = vectors.shape
generator = np.random.default_rng(1)
asked = generator.standard_normal((600, dimension), np.float32)
small = Pool([Part("sw", vectors[:9000], np.arange(9000, dtype=np.uint32))])
[*small.search_all([Request(asked[:100], [5], 5)])]  # loads libraries
before = grown()
pool = Pool([Part("sw", vectors, np.arange(rows, dtype=np.uint32))], memory={LIMIT})
assert pool.streams
hits = [found.parts[0].rows[:, 0].tolist()
        for found in pool.search_all(Request(some, [50]) for some in np.split(asked, 3))]
print(grown() - before, sum(len(each) for each in hits))
"""


@pytest.mark.process
@pytest.mark.slow
def test_memory_is_bounded(tmp_path: Path) -> None:
    file = tmp_path / "vectors.npy"
    mapped = np.lib.format.open_memmap(file, "w+", np.float32, (ROWS, DIMENSION))
    generator = np.random.default_rng(0)
    for part in np.split(mapped, 16):
        part[:] = generator.standard_normal(part.shape, np.float32)
    del mapped, part
    assert file.stat().st_size > LIMIT
    done = subprocess.run(
        [sys.executable, "-c", BOUNDED, str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    grown, hits = map(int, done.stdout.split())
    assert hits == 600
    assert grown < LIMIT
