"""The verdicts of versions of hybench on worlds with known truth, and the requirements on them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.harness import Check
from benchmarks.worlds import ARMS, LANGUAGES, World, on_margin, worlds

LEVEL = 0.05
COVERAGE, ROOM = 0.95, 0.02
FOUND = 0.7
_HERE = Path(__file__).resolve().parent.parent

Judged = list[dict[str, float]]


@dataclass(frozen=True)
class Judgement:
    """The verdicts of a version of the package on the simulated worlds.

    Attributes:
        name: of the version.
        worlds: by world, shares; see `benchmarks.judging.judged`.
        pairs: by pair on the margin, how often it is called equivalent.
    """

    name: str
    worlds: Judged
    pairs: list[float]


def judge(name: str, package: Path | None, tables: int, pairs: int) -> Judgement:
    """Let a version of the package judge the worlds, in its own process.

    Args:
        name: of the version.
        package: folder that holds its ``hybench``; None for the one at hand.
        tables: of each world.
        pairs: of each kind on the margin.
    """
    path = os.pathsep.join(str(each) for each in (package, _HERE) if each is not None)
    with TemporaryDirectory() as folder:  # python -m looks where it is run first
        found = subprocess.run(
            [sys.executable, "-m", "benchmarks.judging", str(tables), str(pairs)],
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
            cwd=folder,
            stdout=subprocess.PIPE,
            check=True,
        )
    value = json.loads(found.stdout)
    if package is not None and not Path(value["package"]).is_relative_to(package):
        raise SystemExit(f"{value['package']} was judged, not that in {package}")
    return Judgement(name, value["worlds"], value["pairs"])


def judge_commit(commit: str, tables: int, pairs: int) -> Judgement:
    """The same for the package at a commit."""
    with TemporaryDirectory() as folder:
        archive = subprocess.run(
            ["git", "archive", commit, "hybench"], cwd=_HERE, stdout=subprocess.PIPE, check=True
        )
        subprocess.run(["tar", "x", "-C", folder], input=archive.stdout, check=True)
        return judge(f"before ({commit})", Path(folder), tables, pairs)


def _error(share: float, number: int) -> float:
    """Two standard errors of a share."""
    return 2 * float(np.sqrt(share * (1 - share) / number))


def checks_of(judged: Judgement, tables: int, pairs: int) -> list[Check]:
    """The requirements on the worst of all worlds with a verdict."""
    named = list(zip(worlds(), judged.worlds, strict=True))
    given = [(world, found) for world, found in named if found["decided"] > 0.5]
    covered = [
        (world, found[f"{row} covered"], found[f"{row} shown"])
        for world, found in given
        for row in ("language", "average")
    ]
    low = _error(COVERAGE - ROOM, tables)
    high = _error(COVERAGE + ROOM, tables)
    # Two seeds are one difference; and what is not shown cannot be wrong.
    whole = [share for world, share, shown in covered if shown > 0.98 and world.seeds != 2]
    power = [found["power"] for _, found in given if "power" in found]
    return [
        Check("tables of equal arms with a mark, most", max(f["marked"] for _, f in named), "≤",
              round(LEVEL + _error(LEVEL, tables), 4)),
        Check("coverage of 95 % intervals, least", min(share for _, share, _ in covered), "≥",
              round(COVERAGE - ROOM - low, 4)),
        Check("the same, most, without two seeds", max(whole), "≤",
              round(COVERAGE + ROOM + high, 4)),
        Check("called equivalent on the margin, most", max(judged.pairs), "≤",
              round(LEVEL + _error(LEVEL, pairs), 4)),
        Check("three detectable differences found, least", min(power), "≥",
              round(FOUND - _error(FOUND, tables), 4)),
    ]  # fmt: skip


def _worst(judgements: Sequence[Judgement], by: Callable[[World], str]) -> dict[str, list[float]]:
    """By a property of worlds, the worst of each: marks; least and most coverage; power."""
    rows: dict[str, list[float]] = {}
    for key in dict.fromkeys(by(world) for world in worlds()):
        row: list[float] = []
        for judged in judgements:
            found = [
                each
                for world, each in zip(worlds(), judged.worlds, strict=True)
                if by(world) == key and each["decided"] > 0.5
            ]
            covered = [
                each[f"{place} covered"] for each in found for place in ("language", "average")
            ]
            power = [each["power"] for each in found if "power" in each]
            nothing = float("nan")
            row += [
                max((each["marked"] for each in found), default=nothing),
                min(covered, default=nothing),
                max(covered, default=nothing),
                min(power, default=nothing),
            ]
        rows[key] = row
    return rows


def markdown(header: Sequence[str], rows: Mapping[str, Sequence[float]]) -> list[str]:
    """A table of shares."""
    lines = ["", f"| {' | '.join(header)} |", f"|{' --- |' * len(header)}"]
    lines += [f"| {name} | {' | '.join(map(_share, values))} |" for name, values in rows.items()]
    return [*lines, ""]


def _share(value: float) -> str:
    return "—" if isnan(value) else f"{value:.3f}"


def notes_of(judgements: Sequence[Judgement], tables: int, pairs: int) -> list[str]:
    """The worst of each kind of world, all versions side by side."""
    columns = ("false mark", "coverage, least", "most", "3 detectable found")
    header = [f"{each.name}: {column}" for each in judgements for column in columns]

    def seeds(world: World) -> str:
        chance = f", {world.chance} chance, {world.noisy} noisier" if world.shift else ""
        return f"{world.seeds} seed{'s' * (world.seeds > 1)}{chance}"

    of_pairs = {
        f"{pair.shape}, {pair.queries} queries, {pair.seeds} seeds": [
            each.pairs[at] for each in judgements
        ]
        for at, pair in enumerate(on_margin())
    }
    told = (
        f"Equally good arms, {len(worlds())} worlds of {tables} tables each, with {ARMS} arms that "
        f"share their seeds and {LANGUAGES} languages that share their queries; languages "
        "correlate by 0 to .6, 5 to 482 queries. In each line the worst of its worlds in which a "
        "verdict is given: share of tables with any mark, coverage of 95 % intervals (an interval "
        "that is not shown is not wrong), and how often a true difference of three detectable ones "
        "is found."
    )
    margin = (
        f"Pairs of arms whose true difference is the margin, {pairs} each: share called equivalent:"
    )
    return [
        told,
        *markdown(["", *header], _worst(judgements, seeds)),
        "The same by the correlation between languages:",
        *markdown(["", *header], _worst(judgements, lambda world: f"correlation {world.rho:g}")),
        "The same by number of queries; with 5 there is no verdict:",
        *markdown(
            ["", *header],
            _worst(judgements, lambda world: f"{world.shape}, {world.queries} queries"),
        ),
        margin,
        *markdown(["", *(each.name for each in judgements)], of_pairs),
    ]
