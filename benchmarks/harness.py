"""The frame of benchmarks: sides to measure, requirements between them, a report, and a program.

A benchmark names its sides and what must hold between them; `main` runs it, prints a table, writes
the figures where asked, and fails below a bar with ``--assert``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import Side, Timing, Work, measure, say
from benchmarks.report import (
    Check,
    Report,
    checks_table,
    machine,
    memory_share,
    save,
    speedup,
    table,
    write_figures,
)

__all__ = [
    "Check", "Options", "Report", "Side", "Timing", "Work", "checks_table", "machine", "main",
    "measure", "memory_share", "save", "speedup", "table", "write_figures",
]  # fmt: skip


@dataclass(frozen=True)
class Options:
    """The options of a benchmark.

    Attributes:
        rounds: timed runs of each side.
        quick: sizes that only show that it works; no bar is held against them.
        before: a commit whose package is judged beside the one at hand, where a benchmark can.
    """

    rounds: int
    quick: bool
    before: str = ""


def main(
    name: str,
    benchmark: Callable[[Options], Report],
    packages: Sequence[str] = (),
    rounds: int = 5,
) -> None:
    """Run a benchmark as a program.

    Args:
        name: of its file of figures.
        benchmark: what to run.
        packages: the peers' distributions.
        rounds: timed runs of each side, where the caller asks for no other number.
    """
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}")
    parser.add_argument("--rounds", type=int, default=rounds, help="timed runs of each side")
    parser.add_argument("--quick", action="store_true", help="small sizes, only to see it work")
    parser.add_argument(
        "--assert", dest="hold", action="store_true", help="fail where a bar is not met"
    )
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="write the figures there")
    parser.add_argument(
        "--before", metavar="COMMIT", default="", help="judge the package of a commit beside it"
    )
    given = parser.parse_args()
    report = benchmark(Options(given.rounds, given.quick, given.before))
    print(table(report))
    if given.save is not None:
        say(f"written: {save(report, name, given.save, packages)}")
    missed = [check for check in report.checks if not check.holds]
    if given.hold and missed and not given.quick:
        say(f"{len(missed)} of {len(report.checks)} bars not met")
        raise SystemExit(1)
