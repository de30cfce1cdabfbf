"""What shards, worker processes and tokenising ahead cost or save: `python -m benchmarks.sharding`.

The passages of one language are encoded in one file, in shards, by two processes, and with the next
passages tokenised meanwhile or not; then the one file and the shards are searched. Every way must
give the same vectors, and the same hits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing.util import Finalize
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.harness import Check, Options, Report, Side, Timing, Work, main, measure
from benchmarks.text import texts, write_set

_DIMENSION, _VOCABULARY = 256, 20_000
_SHARDS = 4
_VECTORS, _QUERIES, _HITS = 200_000, 1000, 100
_COMPARED = 500


@dataclass(frozen=True)
class Kind:
    """Passages for an encoder: how many, and of how many words."""

    passages: int
    words: int


KINDS = {"static": Kind(131_072, 60), "transformer": Kind(2_048, 100)}


def write_run(folder: Path, kind: str, passages: int) -> None:
    """A prepared set of that many passages, and a run with a model of random weights."""
    from benchmarks.encoding_transformer import write_transformer
    from hybench.data.preparation import prepare
    from hybench.data.sources.jsonl.source import Jsonl
    from hybench.encoders.kinds.static import static_model
    from hybench.encoders.vocabulary import train_tokenizer
    from hybench.indexes.model import load_model_as_it_is, write_model_run
    from hybench.runs.models import ModelOptions
    from hybench.runs.run import Run

    write_set(folder / "source", passages, 10, KINDS[kind].words)
    prepare(Jsonl(folder / "source"), folder / "data", "set")
    learned = texts(10_000, KINDS[kind].words, seed=1)
    if kind == "static":
        train_tokenizer(learned, _VOCABULARY, folder / "tokenizer.json")
        model = static_model(folder / "tokenizer.json", _DIMENSION, 256, seed=0)
        model.save(str(folder / "model"))
    else:
        write_transformer(folder, learned, _VOCABULARY)
    encoder, config = load_model_as_it_is(str(folder / "model"), ModelOptions(), "cpu")
    write_model_run(Run(folder / "run"), encoder, config)


def encode(folder: Path, shards: int, processes: int) -> Work:
    """Encode the passages into so many files; the first vectors.

    Processes are started, and load the model, before what is timed.
    """
    from hybench.data.dataset import Dataset
    from hybench.indexes.model import load_model_of
    from hybench.indexes.options import IndexOptions
    from hybench.indexes.reader import model_sha256, passages_sha256
    from hybench.indexes.shard_encoding import ShardEncoding
    from hybench.indexes.shard_workers import ShardWorkers
    from hybench.indexes.shards import F32, ShardFolder, ShardKey
    from hybench.runs.run import Run

    run, dataset = Run(folder / "run"), Dataset.open(folder / "data" / "set")
    encoder = load_model_of(run, "cpu")
    rows = int(dataset.info.counts["passages"]["en"])
    key = ShardKey(
        model_sha256=model_sha256(run),
        passages_sha256=passages_sha256(dataset, "en"),
        precision=encoder.precision,
        store=F32,
        rows=rows,
        dimension=encoder.dimension,
        shard_rows=-(-rows // shards),
    )
    workers = ShardWorkers(run, dataset, IndexOptions(exact=True, processes=processes))
    Finalize(None, workers.__exit__, exitpriority=1)  # a side's process runs no others

    def work() -> Any:
        with TemporaryDirectory(dir=folder) as target:
            made = ShardFolder(Path(target) / "shards", key)
            if processes > 1:
                workers.encode(made, "en", range(shards), lambda _: None)
            else:
                encoding = ShardEncoding(made, dataset, "en", encoder)
                for number in range(shards):
                    encoding.encode(number, lambda _: None)
            first = np.load(made.whole()[0].path, mmap_mode="r")
            return np.array(first[:_COMPARED])

    return work


def tokens_of(folder: Path, ahead: str) -> Work:
    """Encode texts in eight parts, the next one tokenised meanwhile or not; or tokenise alone."""
    from hybench.data.dataset import Dataset
    from hybench.encoders.ahead import encode_parts
    from hybench.encoders.loading import load_encoder

    encoder = load_encoder(folder / "model", "cpu")
    file = Dataset.open(folder / "data" / "set").file("passages", "en")
    import polars as pl

    passages = pl.read_parquet(file, columns=["text"])["text"].to_list()
    size = -(-len(passages) // 8)
    parts = [passages[start : start + size] for start in range(0, len(passages), size)]

    def encoded() -> Iterator[Any]:
        if ahead == AHEAD:
            yield from encode_parts(encoder, parts, "passage", lambda _: None)
            return
        for part in parts:
            if ahead == TOKENS:
                encoder.tokenize(part, "passage")
            else:
                yield encoder.encode(part, "passage")

    def work() -> Any:
        found = list(encoded())
        return found[0][:_COMPARED] if found else None

    return work


def search(folder: Path, shards: int) -> Work:
    """Search vectors in so many files; the rows of the hits."""
    from hybench.indexes.exact.search import Part, Pool
    from hybench.indexes.exact.sharded import ShardedVectors

    files = sorted((folder / str(shards)).glob("*.npy"))
    opened = [np.load(file, mmap_mode="r") for file in files]
    vectors = opened[0] if len(opened) == 1 else ShardedVectors(opened)
    pool = Pool([Part("en", vectors, np.arange(_VECTORS, dtype=np.uint32)[: len(vectors)])])
    queries = np.load(folder / "queries.npy")
    return lambda: np.array(pool.search(queries, _HITS)[0].rows)


def write_search(folder: Path, count: int) -> None:
    """The same vectors in one file and in shards, and queries."""
    from benchmarks.vectors import write_vectors

    folder.mkdir()
    vectors = np.load(write_vectors(folder, count, _QUERIES)[0])
    for shards in (1, _SHARDS):
        (folder / str(shards)).mkdir()
        for number, part in enumerate(np.array_split(vectors, shards)):
            np.save(folder / str(shards) / f"{number}.npy", part)


ONE, MANY, TWO = "one file", f"{_SHARDS} shards", f"{_SHARDS} shards by 2 processes"
AHEAD, AFTER, TOKENS = "tokenised ahead", "tokenised, then encoded", "tokenised alone"


def benchmark(options: Options) -> Report:
    """Measure every way, with both encoders."""
    threads = {"GOMP_SPINCOUNT": "1000"}  # as the command line sets it
    with TemporaryDirectory() as temporary:
        root = Path(temporary)
        sides = []
        for kind, sizes in KINDS.items():
            folder = root / kind
            write_run(folder, kind, sizes.passages // (64 if options.quick else 1))
            ways = {ONE: (1, 1), MANY: (_SHARDS, 1), TWO: (_SHARDS, 2)}
            sides += [
                Side(f"{kind}: {way}", encode, (folder, *numbers), (), threads)
                for way, numbers in ways.items()
            ]
            sides += [
                Side(f"{kind}: {way}", tokens_of, (folder, way), (), threads)
                for way in (AHEAD, AFTER, TOKENS)
            ]
        write_search(root / "search", _VECTORS // (10 if options.quick else 1))
        sides += [
            Side(f"search in {way}", search, (root / "search", shards), (), threads)
            for way, shards in ((ONE, 1), (MANY, _SHARDS))
        ]
        timings = measure(sides, options.rounds)
    return Report(
        "Shards, processes, and tokenising ahead",
        {name: replace(timing, result=None) for name, timing in timings.items()},
        list(_checks(timings)),
        notes=(
            *(
                f"{kind}: {sizes.passages:,} passages of about {sizes.words} words."
                for kind, sizes in KINDS.items()
            ),
            f"Search: {_VECTORS:,} × 384, {_QUERIES:,} queries, top {_HITS}.",
            "Processes are started before; their CPU time is not counted here.",
            *(
                f"Tokenising takes {_share(timings, kind):.3f} of the CPU time of {kind}, the most "
                "that tokenising ahead can save where the rest leaves a core free."
                for kind in KINDS
            ),
        ),
    )


def _share(timings: dict[str, Timing], kind: str) -> float:
    alone, all_of_it = (timings[f"{kind}: {way}"].cpu or 0.0 for way in (TOKENS, AFTER))
    return alone / all_of_it


def _checks(timings: dict[str, Timing]) -> Iterator[Check]:
    def ratio(ours: str, other: str, bar: float) -> Check:
        value = timings[ours].median / timings[other].median
        return Check(f"time: {ours} ÷ {other}", value, "≤", bar)

    for kind in KINDS:
        one, many, two, ahead, after = (f"{kind}: {way}" for way in (ONE, MANY, TWO, AHEAD, AFTER))
        yield ratio(many, one, 1.03)
        yield ratio(two, one, 1.0)
        yield ratio(ahead, after, 1.0)
        for name in (many, two, ahead, after):
            ours, other = timings[name].result, timings[one].result
            rows = min(len(ours), len(other))
            off = float(np.abs(ours[:rows] - other[:rows]).max())
            # Which texts make a batch decides the last bits of a transformer's vectors.
            yield Check(f"largest difference of a component: {name}", off, "≤", 1e-6)
    one, many = f"search in {ONE}", f"search in {MANY}"
    yield ratio(many, one, 1.05)
    differ = float((timings[one].result != timings[many].result).sum())
    yield Check("hits that differ", differ, "≤", 0)


if __name__ == "__main__":
    main("sharding", benchmark, ("tokenizers", "transformers"), rounds=5)
