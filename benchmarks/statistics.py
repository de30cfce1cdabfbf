"""The comparison's statistics: how fast they are, and by simulation whether they say the truth."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import Check, Options, Report, Side, Timing, Work, main, measure
from benchmarks.startup import QUERIES, timed
from hybench.compare.differences import Question
from hybench.compare.pairing import Paired
from hybench.compare.rows import build_rows
from hybench.compare.seeds import over_languages, seed_chance, seed_means, with_seeds
from hybench.compare.statistics import (
    bootstrap_means,
    equivalence_p,
    holm,
    macro,
    percentile_interval,
)

Scores = NDArray[np.float64]
Counts = NDArray[np.int64]

DRAWS = 10_000
LEVEL = 0.05
SMALL = {"en": 400, "fi": 300, "ko": 213, "sw": 250, "yo": 119, "zh": 300}
"""Queries of the simulated tables."""


@dataclass(frozen=True)
class World:
    """What scores are made of, all in standard deviations of an nDCG-like score.

    Attributes:
        seeds: runs of each arm.
        shift: what a run does to all queries of all languages.
        language: what it does to all queries of one.
        query: what it does to single queries.
        arms: what an arm does to single queries, whatever its seed.
        louder: how many times larger the first three are in every arm but the baseline.
    """

    seeds: int
    shift: float = 0.0
    language: float = 0.0
    query: float = 0.1
    arms: float = 0.2
    louder: float = 1.0

    @property
    def blind(self) -> bool:
        """Whether there is chance in training that a single seed cannot show."""
        return self.seeds == 1 and self.shift > 0


WORLDS: dict[str, World] = {
    "1 seed, no chance in training": World(1),
    "1 seed, chance in training unseen": World(1, 0.005, 0.007),
    "2 seeds": World(2, 0.005, 0.007),
    "3 seeds": World(3, 0.005, 0.007),
    "5 seeds": World(5, 0.005, 0.007),
    "3 seeds, no chance in training": World(3),
    "3 seeds, much chance": World(3, 0.02, 0.02),
    "5 seeds, much chance": World(5, 0.02, 0.02),
    "3 seeds, one arm's 3 times larger": World(3, 0.005, 0.007, louder=3.0),
    "5 seeds, one arm's 3 times larger": World(5, 0.005, 0.007, louder=3.0),
}
"""Two arms that are equally good in the long run; seeds .009 apart in a language, or .028."""


def simulate(
    world: World, queries: Mapping[str, int], arms: int, random: np.random.Generator
) -> dict[str, list[Scores]]:
    """Scores by language and arm, each [queries, seeds]; all arms are equally good."""
    loud = [1.0] + [world.louder] * (arms - 1)
    shifts = [loud[arm] * random.normal(0, world.shift, world.seeds) for arm in range(arms)]
    made = {}
    for language, count in queries.items():
        base = random.random((count, 1))
        of_language = []
        for arm in range(arms):
            own = random.normal(0, world.arms, (count, 1))
            of_seed = random.normal(0, world.language, world.seeds)
            noise = random.normal(0, world.query, (count, world.seeds))
            of_language.append(base + own + shifts[arm] + loud[arm] * (of_seed + noise))
        made[language] = of_language
    return made


def paired(made: Mapping[str, Sequence[Scores]]) -> dict[str, Paired]:
    """What pairing makes of such scores."""
    return {
        language: Paired(
            tuple(range(len(arms))),
            tuple(map(str, range(len(arms[0])))),
            np.column_stack([arm.mean(axis=1) for arm in arms]),
            tuple(arms),
        )
        for language, arms in made.items()
    }


def question(arms: int, runs: int, draws: int, seed: int = 0) -> Question:
    """Every arm against the first."""
    # Seeds of their own, as where a seed decides nothing that arms share.
    seeds = {arm: tuple(100 * arm + run for run in range(runs)) for arm in range(arms)}
    return Question("nDCG@10", 0, seeds, 0.01, draws, seed)


WAYS = ("queries alone", "seeds resampled", "S − 1 of S seeds resampled", "seeds by Student's t")
"""Intervals: the second resamples runs like queries, the third after Rao and Wu (1988)."""


def intervals(
    made: Mapping[str, Sequence[Scores]], random: np.random.Generator, draws: int
) -> dict[str, Scores]:
    """Bootstrap distributions of the second arm minus the first, by `WAYS`."""
    seeds = made[next(iter(made))][0].shape[1]
    languages = [np.hstack(arms) for arms in made.values()]
    runs = macro([bootstrap_means(scores, random, draws) for scores in languages])
    base, arm = runs[:, :seeds], runs[:, seeds:]
    queries = arm.mean(axis=1) - base.mean(axis=1)
    found = {WAYS[0]: queries}
    for way, size in ((WAYS[1], seeds), (WAYS[2], max(1, seeds - 1))):
        picked = [random.multinomial(size, [1 / seeds] * seeds, draws) / size for _ in range(2)]
        found[way] = (arm * picked[1]).sum(axis=1) - (base * picked[0]).sum(axis=1)
    means = [over_languages([seed_means(arms[at]) for arms in made.values()]) for at in range(2)]
    found[WAYS[3]] = with_seeds(queries, seed_chance(means), random)
    return found


def covered(world: World, trials: int, seed: int, languages: Sequence[str]) -> Counts:
    """How many intervals hold the truth, which is 0, by `WAYS`; last, how often equivalence is
    found at .05 where the true difference is as large as the margin."""
    random = np.random.default_rng(seed)
    held = np.zeros(len(WAYS) + 1, dtype=np.int64)
    for _ in range(trials):
        made = simulate(world, {name: SMALL[name] for name in languages}, 2, random)
        found = intervals(made, random, 1000)
        ends = [percentile_interval(found[way]) for way in WAYS]
        held[:-1] += [low <= 0 <= high for low, high in ends]
        # The truth lies on the end of a margin that is wide enough to find some equivalent.
        margin = 0.05 if len(languages) == 1 else 0.025
        held[-1] += equivalence_p(found[WAYS[3]] + margin, margin) <= LEVEL
    return held


def marked(world: World, tables: int, seed: int) -> Counts:
    """How many tables of six equal arms mark any difference: by `hybench`, by queries alone."""
    random = np.random.default_rng(seed)
    found = np.zeros(2, dtype=np.int64)
    for number in range(tables):
        made = paired(simulate(world, SMALL, 6, random))
        rows, _, _ = build_rows(made, 6, question(6, world.seeds, 2000, number))
        cells = [cell.difference for row in rows for cell in row.cells if cell]
        differences = [difference for difference in cells if difference]
        found[0] += any(difference.significant for difference in differences)
        found[1] += min(holm([difference.p for difference in differences])) <= LEVEL
    return found


def tests_side(queries: Mapping[str, int], runs: int) -> Work:
    """All rows of a table of six arms: tests, intervals, corrections."""
    world = World(runs, 0.005, 0.007)
    made = paired(simulate(world, queries, 6, np.random.default_rng(0)))
    asked = question(6, runs, DRAWS)
    return lambda: build_rows(made, 6, asked)[1]


def write_study(folder: Path, queries: Mapping[str, int]) -> None:
    """Thirty runs with results, as a study leaves them: ten alphas of three seeds."""
    import polars as pl
    import tomli_w

    from hybench.config import TrainConfig
    from hybench.evaluation.results import (
        RANKINGS,
        RELEVANT,
        ResultsInfo,
        replacing_table,
        write_results,
    )
    from hybench.runs import Run

    made = simulate(World(3, 0.005, 0.007), queries, 10, np.random.default_rng(0))
    info = ResultsInfo(
        dataset="set",
        fingerprint="0",
        split="dev",
        settings=("mono",),
        query_languages=tuple(queries),
        metrics=("nDCG@10",),
        depth=1000,
        ranking_depth=100,
        search="exact",
    )
    for arm in range(10):
        for seed in range(3):
            run = Run(folder / f"hybrid-a{arm / 10}-s{seed}")
            config = TrainConfig(data=("set",), alpha=arm / 10, seed=seed).resolved()
            run.path.mkdir(parents=True)
            run.config_file.write_text(tomli_w.dumps(config.to_toml()), encoding="utf-8")
            frames = [
                pl.DataFrame(
                    {
                        "setting": "mono",
                        "query_lang": language,
                        "corpus_lang": language,
                        "query_id": [f"{number}#0" for number in range(count)],
                        "metric": "nDCG@10",
                        "value": made[language][arm][:, seed],
                    }
                )
                for language, count in queries.items()
            ]
            for path, schema in ((run.rankings("set"), RANKINGS), (run.relevant("set"), RELEVANT)):
                with replacing_table(path, schema) as table:
                    table.write(pl.DataFrame(schema=schema))
            write_results(run, "set", pl.concat(frames), info)


SIX = "6 arms: all tests and intervals"
SEEDED = "6 arms of 3 seeds: the same"
STUDY = "`hybench compare --group-seeds` of 30 runs"
CURVES = "`hybench compare --curve alpha` of 30 runs"


def speed(options: Options, queries: Mapping[str, int]) -> dict[str, Timing]:
    """Time the statistics alone, and whole commands on a study."""
    sides = [
        Side(name, tests_side, (queries, runs), environment={"OMP_NUM_THREADS": "1"})
        for name, runs in ((SIX, 1), (SEEDED, 3))
    ]
    timings = measure(sides, options.rounds)
    with TemporaryDirectory() as folder:
        runs = Path(folder) / "runs"
        write_study(runs, queries)
        for name, flags in ((STUDY, ("--group-seeds",)), (CURVES, ("--curve", "alpha"))):
            timings[name] = timed(["compare", str(runs), *flags], options.rounds)
    return timings


def shares(work: Callable[[World, int, int], Counts], number: int) -> dict[str, Scores]:
    """What `work` counts in every world, as shares of so many trials, on all cores."""
    context = multiprocessing.get_context("spawn")
    cores = os.cpu_count() or 1
    each = -(-number // cores)
    with ProcessPoolExecutor(cores, mp_context=context) as pool:
        asked = {
            name: [pool.submit(work, world, each, seed) for seed in range(cores)]
            for name, world in WORLDS.items()
        }
        return {
            name: np.sum([part.result() for part in parts], axis=0) / (each * cores)
            for name, parts in asked.items()
        }


def markdown(header: Sequence[str], rows: Mapping[str, Scores]) -> list[str]:
    """A table of shares."""
    lines = ["", f"| {' | '.join(header)} |", f"|{' --- |' * len(header)}"]
    lines += [
        f"| {name} | {' | '.join(f'{value:.3f}' for value in values)} |"
        for name, values in rows.items()
    ]
    return [*lines, ""]


def benchmark(options: Options) -> Report:
    """Speed, then simulations under the null."""
    queries = dict.fromkeys(QUERIES, 20) if options.quick else QUERIES
    trials, tables = (20, 10) if options.quick else (600, 300)
    timings = speed(options, queries)
    one = shares(partial(covered, languages=("fi",)), trials)
    six = shares(partial(covered, languages=tuple(SMALL)), trials)
    false = shares(marked, tables)
    seeing = [name for name, world in WORLDS.items() if not world.blind]
    ours = {
        (name, place): found[name][len(WAYS) - 1]
        for place, found in enumerate((one, six))
        for name in seeing
    }
    # Two seeds leave one degree of freedom, and Welch's are fewer than there are: too wide.
    enough = [value for (name, _), value in ours.items() if WORLDS[name].seeds != 2]
    noise = 2 * float(np.sqrt(LEVEL * (1 - LEVEL) / tables))
    same = max(found[name][-1] for found in (one, six) for name in seeing)
    wrong = max(false[name][0] for name in seeing)
    checks = [
        Check(f"{SIX}: seconds", timings[SIX].median, "≤", 5.0),
        Check(f"{SEEDED}: seconds", timings[SEEDED].median, "≤", 5.0),
        Check(f"{STUDY}: seconds", timings[STUDY].median, "≤", 10.0),
        Check("tables of equal arms with a mark", wrong, "≤", LEVEL + noise),
        Check("coverage of 95 % intervals, lowest", min(ours.values()), "≥", 0.93),
        Check("the same, highest without two seeds", max(enough), "≤", 0.985),
        Check("equivalence found where there is none", same, "≤", LEVEL + 0.03),
    ]
    of_one = (
        f"Coverage of 95 % intervals of one language ({SMALL['fi']} queries), {trials:,} simulated "
        "pairs of equally good arms each; last, how often two one-sided tests at .05 find a "
        "difference of the margin smaller than the margin:"
    )
    of_tables = (
        f"Share of {tables} tables of six equally good arms in {len(SMALL)} languages with at "
        "least one mark, corrected; the second without looking at the seeds:"
    )
    return Report(
        title=f"Statistics of {sum(queries.values()):,} queries in {len(queries)} languages, "
        f"{DRAWS:,} resamples",
        timings=timings,
        checks=checks,
        notes=[
            of_one,
            *markdown(("", *WAYS, "equivalent"), one),
            f"The same of the mean over {len(SMALL)} languages:",
            *markdown(("", *WAYS, "equivalent"), six),
            of_tables,
            *markdown(("", "hybench", "queries alone"), false),
        ],
    )


if __name__ == "__main__":
    main("statistics", benchmark, ("scipy",), rounds=3)
