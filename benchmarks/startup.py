"""The quick commands: whole processes, from start to end, files in the page cache."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.harness import Check, Options, Report, Timing, main

RUNS = ("mono", "cross", "hybrid", "distill-mse", "distill-kl", "distill-margin-mse")
QUERIES = {
    "ar": 2896, "bn": 411, "de": 305, "en": 799, "es": 648, "fa": 632, "fi": 1271, "fr": 343,
    "hi": 350, "id": 960, "ja": 860, "ko": 213, "ru": 1252, "sw": 482, "te": 828, "th": 733,
    "yo": 119, "zh": 393,
}  # fmt: skip
"""Dev queries of MIRACL's 18 languages."""

BARS = {"--help": 0.3, "status": 0.5, "compare": 1.5}
EVENTS = 100_000
MANY = 500


def write_config(run: Path, alpha: float = 0.5) -> None:
    """Give a run the config of a training."""
    import tomli_w

    from hybench.config.train import TrainConfig

    config = TrainConfig(data=("miracl",), alpha=alpha, steps=EVENTS).resolved()
    run.mkdir(parents=True)
    (run / "config.toml").write_text(tomli_w.dumps(config.to_toml()), encoding="utf-8")


def write_run(runs: Path, name: str, settings: Sequence[str], queries: Mapping[str, int]) -> None:
    """Write a run with results, as evaluation writes them; values are random.

    Args:
        runs: folder of the runs.
        name: the run's.
        settings: of mono, cross, multi.
        queries: how many by language.
    """
    import numpy as np
    import polars as pl

    from hybench.evaluation.results import (
        RANKINGS,
        RELEVANT,
        ResultsInfo,
        replacing_table,
        write_results,
    )
    from hybench.runs.events import EventLog
    from hybench.runs.run import Run

    number = RUNS.index(name)
    write_config(runs / name, alpha=1 - number / 10)
    run, random = Run(runs / name), np.random.default_rng(number)
    log = EventLog(run.events_file)
    log.append("start", step=0, steps=EVENTS, validation=["miracl"])
    for step in range(1, 101):
        log.append("step", step=step, loss=1 / step, seconds=step / 50)
    log.append("done", step=100, best_score=0.5)
    frames = []
    for setting in settings:
        for query_lang, count in queries.items():
            pools = {"mono": [query_lang], "multi": ["all"]}.get(setting, sorted(queries))
            for corpus_lang in pools:
                if setting == "cross" and corpus_lang == query_lang:
                    continue
                for metric in ("nDCG@10", "R@100"):
                    values = random.beta(0.5, 0.5, count)
                    ids = [f"{place}#0" for place in range(count)]
                    frames.append(
                        pl.DataFrame({"query_id": ids, "value": values}).with_columns(
                            setting=pl.lit(setting),
                            query_lang=pl.lit(query_lang),
                            corpus_lang=pl.lit(corpus_lang),
                            metric=pl.lit(metric),
                        )
                    )
    for path, schema in ((run.rankings("set"), RANKINGS), (run.relevant("set"), RELEVANT)):
        with replacing_table(path, schema) as table:
            table.write(pl.DataFrame(schema=schema))
    info = ResultsInfo(
        dataset="set",
        fingerprint="0",
        split="dev",
        settings=tuple(settings),
        query_languages=tuple(queries),
        metrics=("nDCG@10", "R@100"),
        depth=1000,
        ranking_depth=100,
        search="exact",
    )
    write_results(run, "set", pl.concat(frames), info)


def write_logs(runs: Path, count: int, events: int) -> None:
    """Write runs with long event logs, which are links to one file."""
    from hybench.runs.events import EventLog

    for number in range(count):
        write_config(runs / f"run-{number:03d}")
    first = runs / "run-000" / "events.jsonl"
    log = EventLog(first)
    log.append("start", step=0, steps=events, validation=["miracl"])
    scores = {"miracl": {"mono": dict.fromkeys(QUERIES, 0.123456789)}}
    for step in range(1, events + 1):
        log.append(
            "step", step=step, loss=1 / step, loss_mono=1 / step, batch_kind="mono", lr=3e-5,
            grad_norm=1.5, examples=step * 100, tokens=step * 6000, examples_per_second=1000.1,
            tokens_per_second=60000.1, seconds=step / 10, memory_mb=2048.1,
        )  # fmt: skip
        if step % 250 == 0:
            log.append("validation", step=step, score=0.5, best=True, scores=scores, seconds=1.0)
    for number in range(1, count):
        os.link(first, runs / f"run-{number:03d}" / "events.jsonl")


def as_installed(bytecode: Path) -> dict[str, str]:
    """The environment of a process that finds bytecode, as that of an installed package does.

    Args:
        bytecode: folder that a first process fills, even where this one must not write any.
    """
    known = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**known, "PYTHONPYCACHEPREFIX": f"{bytecode}"}


def timed(arguments: Sequence[str], rounds: int, environment: Mapping[str, str]) -> Timing:
    """Run `hybench` in separate processes, once to warm up."""
    seconds, peak = [], 0.0
    for number in range(rounds + 1):
        begun = perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "hybench", *arguments],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert process.stderr is not None  # noqa: S101 - for the type checker
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        if number:
            seconds.append(round(perf_counter() - begun, 4))
            peak = max(peak, usage.ru_maxrss / 1024)
        process.stderr.close()
        if os.waitstatus_to_exitcode(status):
            raise SystemExit(f"hybench {' '.join(arguments)} failed:\n{said.decode()}")
    return Timing(tuple(seconds), round(peak, 1), 0.0, 0.0)


def write_all(root: Path, queries: Mapping[str, int], many: int, events: int) -> None:
    """Write the commands' input: runs with one setting, with three, and many long logs."""
    for name in RUNS:
        write_run(root / "runs", name, ("mono",), queries)
        write_run(root / "three", name, ("mono", "cross", "multi"), _some(queries))
    write_logs(root / "many", many, events)


def _some(queries: Mapping[str, int]) -> dict[str, int]:
    return {language: min(380, count) for language, count in queries.items()}


def _note(queries: Mapping[str, int]) -> str:
    return (
        f"compare: {len(RUNS)} runs × {len(queries)} languages, {sum(queries.values()):,} queries "
        f"in one setting, {sum(_some(queries).values()):,} in three."
    )


def startup(options: Options) -> Report:
    """Time the commands."""
    queries = dict.fromkeys(QUERIES, 20) if options.quick else QUERIES
    many, events = (20, 2000) if options.quick else (MANY, EVENTS)
    with TemporaryDirectory() as folder:
        root = Path(folder)
        # A process's peak memory is at least that of the one that started it, which stays small.
        writer = multiprocessing.get_context("spawn").Process(
            target=write_all, args=(root, queries, many, events)
        )
        writer.start()
        writer.join()
        if writer.exitcode:
            raise SystemExit("the runs could not be written")
        commands = {
            "--help": ["--help"],
            "status": ["status", "--runs-dir", f"{root / 'runs'}"],
            f"status of {many} runs × {events:,} events": [
                "status", "--runs-dir", f"{root / 'many'}",
            ],
            "compare": ["compare", f"{root / 'runs'}"],
            "compare, three settings": ["compare", f"{root / 'three'}"],
        }  # fmt: skip
        environment = as_installed(root / "bytecode")
        timings = {
            name: timed(given, options.rounds, environment) for name, given in commands.items()
        }
    return Report(
        title="Start-up: whole processes",
        timings=timings,
        checks=[
            Check(f"hybench {name}: seconds", timings[name].median, "≤", bar)
            for name, bar in BARS.items()
        ],
        notes=[_note(queries)],
    )


if __name__ == "__main__":
    main("startup", startup)
