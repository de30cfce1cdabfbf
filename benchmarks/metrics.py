"""Metrics of a run and of pytrec_eval, ranx and ir_measures: `python -m benchmarks.metrics`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from benchmarks.harness import (
    Check,
    Options,
    Report,
    Side,
    Work,
    main,
    measure,
    memory_share,
    speedup,
)

METRICS = ("nDCG@10", "R@100", "AP")
TREC_NAMES = ("ndcg_cut_10", "recall_100", "map")
TREC_MEASURES = frozenset({"ndcg_cut.10", "recall.100", "map"})
RANX_NAMES = ("ndcg@10", "recall@100", "map")

PASSAGES = 2**22
QUERY = pl.format("q{}", pl.col("query"))
PASSAGE = pl.format("{}#{}", pl.col("passage") // 20, pl.col("passage") % 20)
TIED = 0.2
MISSING = 0.01

Values = npt.NDArray[np.float64]

NOTES = (
    f"Scores tie in {TIED:.0%} of the queries, {MISSING:.0%} of them have no hits;",
    "11 passages are judged per query, 3 of them relevant.",
    "From text and from Parquet, reading is measured too; in memory, evaluation alone.",
    "ranx and ir_measures read and evaluate as their documentation shows,",
    "ranx with its code compiled before; pytrec_eval keeps dicts of what it reads.",
    "hybench uses both cores, its peers one: what else the machine's host does tells on the ratio.",
)


def write_lines(path: Path, frame: pl.DataFrame) -> None:
    """The columns between blanks."""
    frame.write_csv(path, include_header=False, separator=" ", quote_style="never")


def write_data(folder: Path, queries: int, hits: int) -> None:
    """a.run, a.qrels (text), run.parquet, qrels.parquet (ids), codes.npz (integers)."""
    random = np.random.default_rng(0)
    # An odd step through 2^22 passages comes to none twice.
    first, step = random.integers(0, PASSAGES, (2, queries, 1))
    passages = (first + np.arange(hits) * (2 * step + 1)) % PASSAGES
    scores = np.sort(random.normal(20, 5, (queries, hits)), axis=1)[:, ::-1]
    tied = random.random((queries, 1)) < TIED
    scores = np.where(tied, np.round(scores, 1), scores).astype(np.float32)
    places = np.minimum(random.exponential(hits / 20, (queries, 8)), hits - 1).astype(np.int64)
    judged = np.concatenate(
        [
            np.take_along_axis(passages, places, axis=1),
            random.integers(0, PASSAGES, (queries, 3)),
        ],
        axis=1,
    )
    numbers = np.arange(queries)
    kept = random.random(queries) >= MISSING
    run = pl.DataFrame(
        {
            "query": np.repeat(numbers[kept], hits),
            "passage": passages[kept].ravel(),
            "score": scores[kept].ravel(),
        }
    ).with_columns(QUERY.alias("query_id"), PASSAGE.alias("passage_id"))
    qrels = (
        pl.DataFrame({"query": np.repeat(numbers, 11), "passage": judged.ravel()})
        .with_columns(
            QUERY.alias("query_id"),
            PASSAGE.alias("passage_id"),
            relevance=np.maximum(random.integers(-6, 4, judged.size), 0),
        )
        .unique(["query_id", "passage_id"], keep="first", maintain_order=True)
    )
    rank = pl.int_range(1, pl.len() + 1).over("query").alias("rank")
    iteration, tag = pl.lit("Q0").alias("iteration"), pl.lit("t").alias("tag")
    lines = run.select("query_id", iteration, "passage_id", rank, "score", tag)
    write_lines(folder / "a.run", lines)
    write_lines(folder / "a.qrels", qrels.select("query_id", iteration, "passage_id", "relevance"))
    run.select("query_id", "passage_id", "score").write_parquet(folder / "run.parquet")
    qrels.select("query_id", "passage_id", "relevance").write_parquet(folder / "qrels.parquet")
    # Passages numbered in the order of their ids' bytes, as an index holds them.
    order = pl.DataFrame({"passage": np.arange(PASSAGES)}).select(PASSAGE.rank("ordinal"))
    code = order.to_series().cast(pl.Int32)
    for name, frame in (("run", run), ("qrels", qrels)):
        frame.select(
            pl.col("query").cast(pl.Int32).alias("query_id"),
            code.gather(frame["passage"]).alias("passage_id"),
            frame.columns[-1] if name == "qrels" else "score",
        ).write_parquet(folder / f"{name}-codes.parquet")


def timed(path: Path, evaluate: Callable[[], Any], values: Callable[[Any], Values]) -> Work:
    """Evaluates; the first time, which does not count, the values [q, 3] go to a file."""

    def work() -> None:
        result = evaluate()
        if not path.exists():
            np.save(path, values(result))

    return work


def our_values(result: pl.DataFrame) -> Values:
    """Ours, by number of the query."""
    number = pl.col("query_id").cast(pl.String).str.strip_prefix("q").cast(pl.Int64)
    wide = result.with_columns(number).pivot("metric", index="query_id", values="value")
    return wide.sort("query_id").select(METRICS).to_numpy()


def peer_values(result: Mapping[str, Mapping[str, float]], queries: int, names: Any) -> Values:
    """Those of a dict by query, then metric, 0 if it has none."""
    return np.array(
        [[result.get(f"q{query}", {}).get(name, 0.0) for name in names] for query in range(queries)]
    )


def text_side(folder: Path, values: Path) -> Work:
    """hybench from TREC's files."""
    from hybench.importing.trec_reading import evaluate_trec

    return timed(
        values, lambda: evaluate_trec(folder / "a.run", folder / "a.qrels", METRICS), our_values
    )


def lines_side(folder: Path) -> Work:
    """The run's lines through Polars' reader alone: query, passage, score."""
    import polars as pl

    lines = folder / "a.run"
    return lambda: (
        pl.read_csv(
            lines, has_header=False, separator=" ", quote_char=None, columns=[0, 2, 4]
        ).height
    )


def parquet_side(folder: Path, values: Path) -> Work:
    """hybench from its own files."""
    from hybench.metrics.scoring import evaluate_run

    def evaluate() -> pl.DataFrame:
        run, qrels = (pl.read_parquet(folder / f"{name}.parquet") for name in ("run", "qrels"))
        return evaluate_run(run, qrels, METRICS)

    return timed(values, evaluate, our_values)


def memory_side(folder: Path, values: Path, suffix: str) -> Work:
    """hybench from tables in memory."""
    from hybench.metrics.scoring import evaluate_run

    run, qrels = (pl.read_parquet(folder / f"{name}{suffix}.parquet") for name in ("run", "qrels"))
    return timed(values, lambda: evaluate_run(run, qrels, METRICS), our_values)


def pytrec_eval_side(folder: Path, values: Path, queries: int, alone: bool) -> Work:
    """pytrec_eval from TREC's files, or `evaluate` alone, from dicts."""
    import pytrec_eval

    def read() -> tuple[Any, Any]:
        with (folder / "a.run").open() as run, (folder / "a.qrels").open() as qrels:
            evaluator = pytrec_eval.RelevanceEvaluator(pytrec_eval.parse_qrel(qrels), TREC_MEASURES)
            return evaluator, pytrec_eval.parse_run(run)

    ready = read() if alone else None

    def evaluate() -> Any:
        evaluator, run = ready or read()
        return evaluator.evaluate(run)

    return timed(values, evaluate, lambda result: peer_values(result, queries, TREC_NAMES))


def ranx_side(folder: Path, values: Path, queries: int) -> Work:
    """ranx from TREC's files."""
    import warnings

    import ranx

    def evaluate() -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # numba's, about ranx's own casts
            run = ranx.Run.from_file(str(folder / "a.run"), kind="trec")
            qrels = ranx.Qrels.from_file(str(folder / "a.qrels"), kind="trec")
            ranx.evaluate(qrels, run, list(RANX_NAMES), make_comparable=True)
        return run.scores

    def by_number(result: Mapping[str, Mapping[str, float]]) -> Values:
        return np.array(
            [[result[name][f"q{query}"] for name in RANX_NAMES] for query in range(queries)]
        )

    return timed(values, evaluate, by_number)


def ir_measures_side(folder: Path, values: Path, queries: int) -> Work:
    """ir_measures from TREC's files."""
    import ir_measures

    peer: Any = ir_measures  # in part without types
    measures = [peer.parse_measure(name) for name in METRICS]

    def evaluate() -> Any:
        run = peer.read_trec_run(str(folder / "a.run"))
        qrels = peer.read_trec_qrels(str(folder / "a.qrels"))
        return list(peer.iter_calc(measures, qrels, run))

    def by_number(result: Any) -> Values:
        found: dict[str, dict[str, float]] = {}
        for one in result:
            found.setdefault(one.query_id, {})[str(one.measure)] = one.value
        return peer_values(found, queries, METRICS)

    return timed(values, evaluate, by_number)


TEXT, PARQUET = "hybench, TREC text", "hybench, Parquet"
IDS, CODES = "hybench, ids in memory", "hybench, integers in memory"
PYTREC_EVAL, ALONE = "pytrec_eval, TREC text", "pytrec_eval, evaluate alone"
LINES = "Polars, lines of the run alone"
RANX, IR_MEASURES = "ranx, TREC text", "ir_measures, TREC text"


def sides(folder: Path, queries: int) -> list[Side]:
    """Each side with the file of its values."""
    ways: dict[str, tuple[Callable[..., Work], tuple[Any, ...], int | None]] = {
        TEXT: (text_side, (), None),
        PARQUET: (parquet_side, (), None),
        IDS: (memory_side, ("",), None),
        CODES: (memory_side, ("-codes",), None),
        PYTREC_EVAL: (pytrec_eval_side, (queries, False), None),
        ALONE: (pytrec_eval_side, (queries, True), None),
        RANX: (ranx_side, (queries,), 3),
        IR_MEASURES: (ir_measures_side, (queries,), 3),
    }
    return [
        Side(name, prepare, (folder, folder / f"{name}.npy", *more), rounds=rounds)
        for name, (prepare, more, rounds) in ways.items()
    ] + [Side(LINES, lines_side, (folder,))]


def benchmark(options: Options) -> Report:
    """Same run, same three metrics, all queries."""
    queries, hits = (300, 100) if options.quick else (13_500, 1000)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_data(folder, queries, hits)
        timings = measure(sides(folder, queries), options.rounds)
        values = {side: np.load(folder / f"{side}.npy") for side in timings if side != LINES}
    reference = values[PYTREC_EVAL]
    checks = [
        *(
            speedup(timings, TEXT, peer, bar)
            for peer, bar in ((PYTREC_EVAL, 8.0), (RANX, 15.0), (IR_MEASURES, 18.0))
        ),
        *(memory_share(timings, TEXT, peer, 0.5) for peer in (PYTREC_EVAL, RANX, IR_MEASURES)),
        speedup(timings, PARQUET, PYTREC_EVAL, 12.0),
        speedup(timings, CODES, ALONE, 25.0),
        *(
            Check(
                f"largest difference from pytrec_eval: {side}",
                float(np.abs(values[side] - reference).max()),
                "≤",
                1e-9,
            )
            for side in (TEXT, PARQUET, IDS, CODES, IR_MEASURES)
        ),
    ]
    read = timings[LINES].median / timings[TEXT].median
    differ = int((np.abs(values[RANX] - reference) > 1e-9).any(axis=1).sum())
    return Report(
        title=f"{', '.join(METRICS)} of {queries:,} queries with {hits:,} hits",
        timings=timings,
        checks=checks,
        unit="hits",
        amount=queries * hits,
        notes=(
            *NOTES,
            (
                f"The limit from text is reading it: Polars alone, which sees neither whether "
                f"lines are whole nor what is judged, takes {read:.2f} of hybench's time."
            ),
            f"ranx differs from pytrec_eval in {differ:,} queries: it orders ties in its own way.",
        ),
    )


if __name__ == "__main__":
    main("metrics", benchmark, ("pytrec_eval-terrier", "ranx", "ir_measures", "numba"), rounds=3)
