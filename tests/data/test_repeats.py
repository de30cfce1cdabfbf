"""Repeated ids are found among many, and nothing else is."""

from __future__ import annotations

from pathlib import Path
from tempfile import gettempdir

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from hybench.data.repeats import IdHashes, repeated_ids


@given(st.lists(st.lists(st.text(max_size=3), max_size=20), max_size=4))
@settings(max_examples=50, deadline=None)
def test_every_repeat_is_found_however_the_rows_come(
    blocks: list[list[str]],
) -> None:
    hashes = IdHashes(Path(gettempdir()))
    for block in blocks:
        if block:
            hashes.add(pl.Series(block, dtype=pl.String))
    ids = pl.Series("id", [one for block in blocks for one in block], dtype=pl.String)
    repeated = hashes.repeated()
    hashes.close()
    expected = ids.filter(ids.is_duplicated()).unique()
    assert sorted(repeated.tolist()) == sorted(expected.hash().to_list())


def test_a_shared_hash_alone_is_no_repeat(tmp_path: Path) -> None:
    file = tmp_path / "ids.parquet"
    ids = pl.Series("id", ["a", "b", "b", "c"])
    ids.to_frame().write_parquet(file)
    hashes = np.sort(ids.hash().unique().to_numpy())
    assert repeated_ids(file, "id", hashes) == ["b"]
    assert repeated_ids(file, "id", hashes[:0]) == []
