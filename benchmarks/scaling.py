"""Time and peak memory of each stage against its size, over two decades.

Every stage and size runs once, in a process of its own; ``--save`` also draws the picture.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.harness import Check, Side, Work, checks_table, measure, write_figures
from benchmarks.text import write_set

DECADES = (10_000, 100_000, 1_000_000)
_BATCH = 128


def _set(folder: Path, passages: int, queries: int = 100) -> Path:
    """The folder with a set of that size, made once: JSON lines, the prepared set, and a run."""
    root = folder / f"{passages}-{queries}"
    if not root.is_dir():
        write_set(root / "source", passages, queries)
    return root


def _prepared(root: Path) -> Any:
    from hybench.data.dataset import Dataset
    from hybench.data.preparation import prepare
    from hybench.data.sources.jsonl.source import Jsonl

    if (root / "data" / "set").is_dir():
        return Dataset.open(root / "data" / "set")
    return prepare(Jsonl(root / "source"), root / "data", "set").dataset


def _config(steps: int) -> Any:
    from hybench.config.train import TrainConfig

    return TrainConfig(
        data=("set",),
        alpha=1.0,
        dimension=64,
        vocabulary=8000,
        batch_size=_BATCH,
        steps=steps,
        validate_every=0,
        checkpoint_every=0,
    )


def _run(root: Path) -> Any:
    """A run with a model, trained for a few steps."""
    from hybench.runs.run import Run
    from hybench.training.train import train

    _prepared(root)
    run = Run(root / "runs" / "run")
    if not run.model.is_dir():
        list(train(_config(10), run, root / "data"))
    return run


def prepare_corpus(folder: Path, size: int) -> Work:
    """Prepare JSON lines: read, checked, written as Parquet."""
    from hybench.data.preparation import prepare
    from hybench.data.sources.jsonl.source import Jsonl

    source = Jsonl(_set(folder, size) / "source")
    return lambda: prepare(source, folder / f"prepared-{size}", "set").dataset.name


def index_vectors(folder: Path, size: int) -> Work:
    """Encode a corpus and write its vectors."""
    from hybench.encoders.loading import load_encoder
    from hybench.indexes.options import IndexOptions
    from hybench.indexes.writer import build_index

    root = _set(folder, size)
    run, dataset = _run(root), _prepared(root)
    encoder = load_encoder(run.model, "cpu")
    options = IndexOptions(exact=True, force=True)
    return lambda: build_index(run, dataset, encoder, options)[0].manifest.rows


def index_graph(folder: Path, size: int) -> Work:
    """Build the graph over vectors on disk."""
    from hybench.encoders.loading import load_encoder
    from hybench.indexes.options import IndexOptions
    from hybench.indexes.writer import build_index

    root = _set(folder, size)
    run, dataset = _run(root), _prepared(root)
    encoder = load_encoder(run.model, "cpu")
    build_index(run, dataset, encoder, IndexOptions(exact=True))
    return lambda: build_index(run, dataset, encoder, IndexOptions(sample=100))[0].manifest.rows


def search_corpus(folder: Path, size: int) -> Work:
    """Search 1,000 queries exactly in vectors on disk."""
    from hybench.indexes.exact.keys import id_order
    from hybench.indexes.exact.search import Part, Pool

    file = folder / f"vectors-{size}.npy"
    random = np.random.default_rng(0)
    vectors = np.lib.format.open_memmap(file, mode="w+", dtype=np.float32, shape=(size, 64))
    for start in range(0, size, 10_000):
        vectors[start : start + 10_000] = random.standard_normal((10_000, 64), np.float32)
    vectors.flush()
    del vectors
    import polars as pl

    order = id_order(pl.Series([f"p{row}" for row in range(size)]))
    pool = Pool([Part("en", np.load(file, mmap_mode="r"), order)])
    queries = random.standard_normal((1000, 64), np.float32)
    return lambda: int(pool.search(queries, 100)[0].rows.sum())


def evaluate_queries(folder: Path, size: int) -> Work:
    """Evaluate a run on that many queries, 1,000 hits each, in 20,000 passages."""
    from hybench.encoders.loading import load_encoder
    from hybench.evaluation.evaluate import evaluate

    root = _set(folder, max(20_000, size), size)
    run, dataset = _run(root), _prepared(root)
    encoder = load_encoder(run.model, "cpu")
    evaluate(run, dataset, encoder)
    return lambda: evaluate(run, dataset, encoder).values.height


def bm25_corpus(folder: Path, size: int) -> Work:
    """Index a corpus for BM25 and search 100 queries."""
    from hybench.evaluation.bm25.baseline import evaluate_bm25

    root = _set(folder, size)
    dataset = _prepared(root)
    return lambda: evaluate_bm25(root / "runs", dataset)[1].values.height


def train_steps(folder: Path, size: int) -> Work:
    """Train that many steps."""
    from hybench.runs.run import Run
    from hybench.training.train import train

    root = _set(folder, 10_000)
    run = Run(root / "runs" / f"steps-{size}")
    _prepared(root)
    _run(root)

    def work() -> int:
        events = train(_config(size), run, root / "data", force=True)
        return sum(event["event"] == "step" for event in events)

    return work


@dataclass(frozen=True)
class Stage:
    """A stage, and its measurement.

    Attributes:
        name: as the table shows it.
        prepare: makes the work of one size.
        sizes: over two decades.
        unit: what the sizes count.
        slope: the largest exponent of time against size, from the first size to the last.
        growth: the largest factor of peak memory over the last decade, for small sizes do not fill
            the blocks that a stage works in; None where memory must grow.
    """

    name: str
    prepare: Callable[[Path, int], Work]
    sizes: tuple[int, ...]
    unit: str
    slope: float = 1.1
    growth: float | None = None


STAGES = (
    Stage("prepare", prepare_corpus, DECADES, "passages", growth=1.5),
    Stage("index, vectors", index_vectors, DECADES, "passages", growth=1.5),
    Stage("index, graph", index_graph, (2_000, 20_000, 200_000), "passages", slope=1.25),
    Stage("exact search", search_corpus, DECADES, "passages"),
    Stage("eval", evaluate_queries, (100, 1_000, 10_000), "queries"),
    Stage("eval bm25", bm25_corpus, (2_000, 20_000, 200_000), "passages"),
    Stage("train", train_steps, (50, 500, 5_000), "steps", growth=1.5),
)


@dataclass(frozen=True)
class Row:
    """One stage at one size: seconds, and MiB at the peak and before the work began."""

    stage: str
    size: int
    unit: str
    seconds: float
    peak_mb: float
    before_mb: float


def run_stages(stages: Sequence[Stage]) -> list[Row]:
    """Measure each stage at each size, once."""
    rows = []
    for stage in stages:
        for size in stage.sizes:
            with TemporaryDirectory() as folder:
                name = f"{stage.name}, {size:,} {stage.unit}"
                side = Side(name, stage.prepare, (Path(folder), size))
                # A first process makes the files, so that the memory this takes is not counted.
                measure([replace(side, name=f"the files of {name}")], rounds=0, warmup=0)
                timing = measure([side], rounds=1, warmup=0)[name]
            peak, before = timing.peak_mb, timing.prepared_mb
            rows.append(Row(stage.name, size, stage.unit, timing.median, peak, before))
    return rows


def checks(stages: Sequence[Stage], rows: Sequence[Row]) -> list[Check]:
    """The exponents of time, and the growth of memory of stages that must not grow."""
    found = []
    for stage in stages:
        own = [row for row in rows if row.stage == stage.name]
        first, last = own[0], own[-1]
        slope = np.log(last.seconds / first.seconds) / np.log(last.size / first.size)
        found.append(Check(f"{stage.name}: exponent of time", float(slope), "≤", stage.slope))
        if stage.growth is not None:
            growth = last.peak_mb / own[-2].peak_mb
            what = f"{stage.name}: peak memory, largest ÷ a tenth of it"
            found.append(Check(what, growth, "≤", stage.growth))
    return found


def table(rows: Sequence[Row]) -> str:
    """The rows as Markdown."""
    lines = [
        "| stage | size | seconds | peak MiB | before MiB |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {row.stage} | {row.size:,} {row.unit} | {row.seconds:.3g} | {row.peak_mb:,.0f} "
        f"| {row.before_mb:,.0f} |"
        for row in rows
    ]
    return "\n".join(lines)


def draw(rows: Sequence[Row], path: Path) -> None:
    """Draw time and memory against size, relative to each stage's smallest, as SVG."""
    from matplotlib import pyplot

    pyplot.rcParams["svg.hashsalt"] = "hybench"
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
    markers = dict(zip(dict.fromkeys(row.stage for row in rows), "osD^vPX*", strict=False))
    for stage, marker in markers.items():
        own = [row for row in rows if row.stage == stage]
        relative = [row.size / own[0].size for row in own]
        left.plot(relative, [row.seconds / own[0].seconds for row in own], marker=marker)
        right.plot(relative, [row.peak_mb for row in own], marker=marker, label=stage)
    left.plot([1, 100], [1, 100], color="grey", linestyle=":")
    left.annotate("linear", (30, 33), color="grey", ha="right")
    left.set(xscale="log", yscale="log", xlabel="size ÷ smallest", ylabel="time ÷ smallest's")
    right.set(xscale="log", yscale="log", xlabel="size ÷ smallest", ylabel="peak memory, MiB")
    figure.legend(loc="outside right center", frameon=False)
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Run it as a program."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling")
    parser.add_argument("--stages", nargs="*", help="only these", default=[s.name for s in STAGES])
    parser.add_argument("--quick", action="store_true", help="a hundredth of the sizes")
    parser.add_argument("--assert", dest="hold", action="store_true", help="fail below a bar")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="write figures and picture")
    given = parser.parse_args()
    stages = [stage for stage in STAGES if stage.name in given.stages]
    if given.quick:
        sizes = {
            stage.name: tuple(max(20, size // 100) for size in stage.sizes) for stage in stages
        }
        stages = [replace(stage, sizes=sizes[stage.name]) for stage in stages]
    rows = run_stages(stages)
    print(table(rows))
    found = checks(stages, rows)
    print(f"\n{checks_table(found)}")
    if given.save is not None:
        figures = {
            "rows": [asdict(row) for row in rows],
            "checks": [asdict(check) for check in found],
        }
        write_figures("scaling", given.save, figures)
        draw(rows, given.save / "scaling.svg")
    if given.hold and not given.quick and not all(check.holds for check in found):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
