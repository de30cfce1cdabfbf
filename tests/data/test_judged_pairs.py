from __future__ import annotations

import polars as pl

from hybench.data.judged_pairs import KeptPassages

_BLOCK = 2_000


def _frame(number: int) -> pl.DataFrame:
    ids = [f"{number}-{row}" for row in range(_BLOCK)]
    return pl.DataFrame({"passage_id": ids, "text": [f"{key} " * 100 for key in ids]}).select(
        "passage_id", "text", title=pl.lit(""), source_id=pl.col("passage_id")
    )


def test_wanted_passages_are_kept_without_the_blocks_they_came_in() -> None:
    wanted = pl.Series([f"{number}-7" for number in range(20)])
    kept = KeptPassages(wanted)
    passed = sum(frame.height for frame in kept.passing(map(_frame, range(20))))
    assert passed == 20 * _BLOCK
    assert kept.frame["passage_id"].to_list() == wanted.to_list()
    # A filtered column refers to the texts that it was filtered from, all of them.
    held = kept.frame.select("text").to_arrow(compat_level=pl.CompatLevel.newest())
    buffers = (part for part in held["text"].combine_chunks().buffers() if part is not None)
    assert sum(part.size for part in buffers) < 4 * sum(map(len, kept.frame["text"]))
