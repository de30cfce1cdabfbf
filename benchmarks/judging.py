"""Counts verdicts on simulated scores; run with the version of hybench to test importable.

``python -m benchmarks.judging TABLES PAIRS`` prints JSON. The package may be an older one: what its
tables look like is looked up, so that the same worlds judge both.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from benchmarks.worlds import OnMargin, Scores, World, on_margin, shifted, simulate, worlds
from hybench.comparison import rows
from hybench.comparison.differences import Question
from hybench.statistics import pairing

DRAWS = 1000
_FEW = 6


@dataclass(frozen=True)
class Statement:
    """The verdict on one arm in one row.

    Attributes:
        average: whether the row is the average.
        low: end of the interval; None where none is shown.
        high: likewise.
        marked: whether the difference is significant.
        equivalent: whether it is called smaller than the margin.
        detectable: the difference that is found with 80 % power; None where it is not said.
        decided: whether more is said than that there are too few queries.
    """

    average: bool
    low: float | None
    high: float | None
    marked: bool
    equivalent: bool
    detectable: float | None
    decided: bool


def table(made: Mapping[str, Sequence[Scores]], margin: float, seed: int) -> list[Statement]:
    """All verdicts on a table of scores: each arm against the first."""
    known = {each.name for each in fields(pairing.Paired)}
    paired = {}
    for language, arms in made.items():
        count, runs = arms[0].shape
        values: dict[str, Any] = {
            "arms": tuple(range(len(arms))),
            "queries": tuple(map(str, range(count))),
            "sources": np.arange(count),
            "asked": count,
            "values": np.column_stack([arm.mean(axis=1) for arm in arms]),
            "runs": tuple(arms),
        }
        paired[language] = pairing.Paired(**{key: values[key] for key in values if key in known})
    arms_here = len(next(iter(made.values())))
    seeds = {arm: tuple(range(runs)) for arm in range(arms_here)}
    asked = Question("nDCG@10", 0, seeds, margin, DRAWS, seed)
    built: Any = rows.build_rows(paired, arms_here, asked)
    shown = built[0] if isinstance(built, tuple) else built.rows
    return [
        Statement(
            row.kind != "language",
            found.low,
            found.high,
            found.significant,
            found.outcome == "equivalent",
            found.detectable,
            found.outcome != "too-few",
        )
        for row in shown
        for cell in row.cells
        if cell is not None and (found := cell.difference) is not None
    ]


def power_tables(world: World, tables: int) -> int:
    """Number of tables in which an arm is better: as many with two seeds, the hardest case."""
    return tables if world.seeds == 2 else max(1, tables // 4)


def judged(world: World, tables: int) -> dict[str, float]:
    """Results of tables of equally good arms, and of tables with a better one."""
    if world.queries < _FEW:  # of which there is no verdict
        tables = -(-tables // 10)
    random = np.random.default_rng([world.seeds, world.queries, int(100 * world.rho)])
    said = [table(simulate(world, random), 0.01, number) for number in range(tables)]
    cells = [each for of_table in said for each in of_table]
    found: dict[str, float] = {
        "marked": float(np.mean([any(each.marked for each in of_table) for of_table in said])),
        "decided": float(np.mean([each.decided for each in cells])),
    }
    for name, average in (("language", False), ("average", True)):
        of_row = [each for each in cells if each.average == average]
        shown = [each.low is not None for each in of_row]
        held = [
            each.low is None or each.high is None or each.low <= 0 <= each.high for each in of_row
        ]
        found[f"{name} shown"] = float(np.mean(shown))
        found[f"{name} covered"] = float(np.mean(held))
    # The first average of a table is that of the arm that is made better below.
    first = [next(each for each in of_table if each.average) for of_table in said]
    sizes = [each.detectable for each in first if each.detectable]
    if sizes:
        by = 3 * float(np.median(sizes))
        better = [
            table(shifted(simulate(world, random), by), 0.01, number)
            for number in range(power_tables(world, tables))
        ]
        marks = [next(each.marked for each in of_table if each.average) for of_table in better]
        found["power"] = float(np.mean(marks))
    return found


def equivalent(pair: OnMargin, pairs: int) -> float:
    """How often two arms are called equivalent whose difference is the margin."""
    random = np.random.default_rng([pair.seeds, pair.queries])
    said = [table(pair.simulate(random), pair.margin, number)[0] for number in range(pairs)]
    return float(np.mean([each.equivalent for each in said]))


def main() -> None:
    """Judge all worlds, on all cores, and print the results of each."""
    tables, pairs = (int(each) for each in sys.argv[1:3])
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
        of_worlds = pool.map(judged, worlds(), [tables] * len(worlds()), chunksize=4)
        of_pairs = pool.map(equivalent, on_margin(), [pairs] * len(on_margin()))
        found = {"package": rows.__file__, "worlds": list(of_worlds), "pairs": list(of_pairs)}
        print(json.dumps(found))


if __name__ == "__main__":
    main()
