"""An epoch of a million pairs, dealt to batches of 100: by groups, and by a colouring.

By groups, two fifths of the pairs share a passage with others, as sets without chains have it.
Coloured, every pair has one of 500,000 queries and one of 500,000 passages at random, so that
nearly all hang in chains.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.harness import Check, Options, Report, Side, Work, main, measure

_SIZE = 100


def _by_groups(pairs: int) -> Work:
    from hybench.sampling.dealing import GroupedEpochs

    random = np.random.default_rng(0)
    groups = np.arange(pairs, dtype=np.int32)
    joined = 2 * pairs // 5
    groups[:joined] = random.integers(0, joined // 3, joined)

    def work() -> list[float]:
        epochs = GroupedEpochs(groups, pairs // _SIZE, _SIZE, np.random.default_rng)
        return [float(len(batch)) for batch in epochs.deal(0)]

    return work


def _coloured(pairs: int) -> Work:
    from hybench.data.shared import Shared
    from hybench.sampling.colouring import ColouredEpochs

    random = np.random.default_rng(0)
    sources = pairs // 2
    things = np.r_[random.integers(0, sources, pairs), sources + random.integers(0, sources, pairs)]
    shared = Shared.of(np.tile(np.arange(pairs), 2), things)

    def work() -> list[float]:
        epochs = ColouredEpochs(shared, pairs, pairs // _SIZE, _SIZE, np.random.default_rng)
        return [float(len(batch)) for batch in epochs.deal(0)]

    return work


def benchmark(options: Options) -> Report:
    """The time of both ways."""
    pairs = 20_000 if options.quick else 1_000_000
    groups, coloured = "by groups", "coloured"
    sides = [Side(groups, _by_groups, (pairs,)), Side(coloured, _coloured, (pairs,))]
    timings = measure(sides, options.rounds)
    fewest = min(timings[coloured].result)
    ratio = timings[coloured].median / timings[groups].median
    return Report(
        f"An epoch of {pairs:,} pairs, dealt to batches of {_SIZE}",
        {name: replace(timing, result=None) for name, timing in timings.items()},
        [
            Check(f"time: {coloured} ÷ {groups}", ratio, "≤", 4),
            Check("pairs in the smallest coloured batch", fewest, "≥", _SIZE),
        ],
        unit="pairs",
        amount=pairs,
    )


if __name__ == "__main__":
    main("dealing", benchmark, rounds=5)
