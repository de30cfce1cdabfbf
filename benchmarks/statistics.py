"""The comparison's statistics: their speed and, by simulation, their correctness."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.harness import Check, Options, Report, Side, Timing, Work, main, measure
from benchmarks.startup import QUERIES, as_installed, timed
from benchmarks.truth import checks_of, judge, judge_commit, notes_of
from benchmarks.worlds import Scores
from hybench.comparison.differences import Question
from hybench.comparison.rows import build_rows
from hybench.statistics.pairing import Paired

DRAWS = 10_000


def _scores(queries: Mapping[str, int], arms: int, runs: int) -> dict[str, list[Scores]]:
    """Scores by language and arm, each [queries, runs]."""
    random = np.random.default_rng(0)
    return {
        language: [
            random.random((count, 1)) + random.normal(0, 0.1, (count, runs)) for _ in range(arms)
        ]
        for language, count in queries.items()
    }


def tests_side(queries: Mapping[str, int], runs: int, parallel: bool) -> Work:
    """All rows of a table of six arms: tests, intervals, corrections."""
    start = 0
    paired = {}
    for language, arms in _scores(queries, 6, runs).items():
        count = len(arms[0])
        sources = np.arange(count) + (0 if parallel else start)
        values = np.column_stack([arm.mean(axis=1) for arm in arms])
        names = tuple(map(str, range(count)))
        paired[language] = Paired(tuple(range(6)), names, sources, count, values, tuple(arms))
        start += count
    seeds = {arm: tuple(range(runs)) for arm in range(6)}
    asked = Question("nDCG@10", 0, seeds, 0.01, DRAWS, 0)
    return lambda: build_rows(paired, 6, asked).tests


def write_study(folder: Path, queries: Mapping[str, int]) -> None:
    """Thirty runs with results, like those of a study: ten alphas of three seeds."""
    import polars as pl
    import tomli_w

    from hybench.config.train import TrainConfig
    from hybench.evaluation.results import (
        RANKINGS,
        RELEVANT,
        ResultsInfo,
        replacing_table,
        write_results,
    )
    from hybench.runs.run import Run

    made = _scores(queries, 10, 3)
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
                        "source_id": [f"{language}:{number}" for number in range(count)],
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
PARALLEL = "6 arms of 3 seeds, all queries parallel: the same"
STUDY = "`hybench compare --group-seeds` of 30 runs"
CURVES = "`hybench compare --curve alpha` of 30 runs"


def speed(options: Options, queries: Mapping[str, int]) -> dict[str, Timing]:
    """Time the statistics alone, and whole commands on a study."""
    sides = [
        Side(name, tests_side, (sizes, runs, parallel), environment={"OMP_NUM_THREADS": "1"})
        for name, sizes, runs, parallel in (
            (SIX, queries, 1, False),
            (SEEDED, queries, 3, False),
            (PARALLEL, dict.fromkeys(queries, sum(queries.values()) // len(queries)), 3, True),
        )
    ]
    timings = measure(sides, options.rounds)
    with TemporaryDirectory() as folder:
        runs = Path(folder) / "runs"
        write_study(runs, queries)
        environment = as_installed(Path(folder) / "bytecode")
        for name, flags in ((STUDY, ("--group-seeds",)), (CURVES, ("--curve", "alpha"))):
            given = ["compare", str(runs), *flags]
            timings[name] = timed(given, options.rounds, environment)
    return timings


def benchmark(options: Options) -> Report:
    """Speed, then simulations in which the truth is known."""
    queries = dict.fromkeys(QUERIES, 20) if options.quick else QUERIES
    tables, pairs = (10, 10) if options.quick else (100, 600)
    timings = speed(options, queries)
    judgements = [judge("hybench", None, tables, pairs)]
    if options.before:
        judgements.append(judge_commit(options.before, tables, pairs))
    checks = [
        Check(f"{SIX}: seconds", timings[SIX].median, "≤", 1.0),
        Check(f"{SEEDED}: seconds", timings[SEEDED].median, "≤", 1.0),
        Check(f"{STUDY}: seconds", timings[STUDY].median, "≤", 10.0),
        *checks_of(judgements[0], tables, pairs),
    ]
    return Report(
        title=f"Statistics of {sum(queries.values()):,} queries in {len(queries)} languages, "
        f"{DRAWS:,} draws",
        timings=timings,
        checks=checks,
        notes=notes_of(judgements, tables, pairs),
    )


if __name__ == "__main__":
    main("statistics", benchmark, ("scipy",), rounds=3)
