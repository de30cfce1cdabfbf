from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hybench.indexes.manifest import IndexManifest

SIZES = st.lists(st.integers(1, 5), min_size=1, max_size=6)


def manifest(sizes: list[int]) -> IndexManifest:
    shards = tuple(sizes) if len(sizes) > 1 else ()
    return IndexManifest("tiny", "sw", "m", "p", sum(sizes), 2, 0.0, shards=shards)


@given(SIZES, st.data())
def test_files_between_are_those_with_the_rows(sizes: list[int], data: st.DataObject) -> None:
    of = manifest(sizes)
    first = data.draw(st.integers(0, of.rows - 1))
    last = data.draw(st.integers(first + 1, of.rows))
    homes = [number for number, size in enumerate(sizes) for _ in range(size)]
    wanted = sorted(set(homes[first:last]))
    names, before = of.files_between(first, last)
    assert names == tuple(of.vector_files[number] for number in wanted)
    assert before == homes.index(wanted[0])
