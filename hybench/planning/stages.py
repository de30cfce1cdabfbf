"""The stages of a plan: operations, seconds, bytes and energy. docs/scale.md derives them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hybench.encoders.arithmetic import Arithmetic, Work
from hybench.indexes.approximate.graph import GraphOptions, node_bytes
from hybench.indexes.estimate import growth
from hybench.indexes.shard_encoding import CHUNK
from hybench.indexes.shards import SHARD_ROWS
from hybench.planning.known import PACKED, STORED
from hybench.planning.load import Load
from hybench.planning.rates import Rates

PREPARE_MEMORY = 320_000_000
"""Bytes at the peak of preparing, whatever the size (measured on two cores: 241 MiB of 200,000
passages, 304 MiB of 2 million)."""

_STORE_BYTES = {"f32": 4, "f16": 2}
_ID_BYTES = 20
"""Bytes of an id and its place on disk, compressed."""
_ID_MEMORY = 70
"""Bytes of an id in memory while its index is written, its places included."""
_HIT_BYTES = 8
"""Bytes of a row of rankings, compressed (`hybench.evaluation.estimate`)."""
_HIT_MEMORY = 40
"""Bytes of a hit in memory: search, query, row, rank, score, and their copies."""
_TEXT_COPIES = 6
"""Copies of a shard's texts in memory: columns, joined, as Python's texts, with prefixes."""
_TOKEN_MEMORY = 60
"""Bytes of a token in a chunk: its id, and the arrays that gather it."""
_COPIES_IN_TRAINING = 5
"""In memory the weights, their gradients, two moments, and the best weights so far; on disk the
model, the best weights, and a checkpoint with two moments."""
_SEARCH_MEMORY = 300_000_000
"""Bytes of the blocks of a search."""


@dataclass(frozen=True)
class Model:
    """What decides the work of an encoder.

    Attributes:
        name: as it was asked for.
        architecture: class of its transformer, or StaticEmbedding.
        arithmetic: its operations.
        parameters: its weights.
        static: whether it is a bag of token embeddings.
    """

    name: str
    architecture: str
    arithmetic: Arithmetic
    parameters: int
    static: bool


@dataclass(frozen=True)
class Stage:
    """What a stage takes.

    Attributes:
        name: prepare, train, index, graph or eval.
        flops: operations of the model and of searching.
        seconds: wall-clock.
        disk: bytes that it leaves.
        memory: bytes at its peak; of mapped vectors only those that are worked on.
        joules: None where nothing is known of the power.
    """

    name: str
    flops: int
    seconds: float
    disk: int
    memory: int
    joules: float | None


@dataclass(frozen=True)
class Asked:
    """How the stages are to be run.

    Attributes:
        store: of vectors on disk: f32 or f16.
        graph: of the index; None for exact search alone.
        examples: pairs that a training shows; 0 for none.
        batch_size: of it.
        processes: that encode.
    """

    store: str = "f32"
    graph: GraphOptions | None = None
    examples: int = 0
    batch_size: int = 128
    processes: int = 1


def stages_of(load: Load, model: Model, rates: Rates, asked: Asked) -> tuple[Stage, ...]:
    """All stages, in their order.

    Raises:
        UsageError: a rate is needed that nobody has measured.
    """
    parts: list[Callable[[], Stage]] = [lambda: _prepare(load, rates)]
    if asked.examples:
        parts.append(lambda: _train(load, model, rates, asked))
    parts.append(lambda: _index(load, model, rates, asked))
    if asked.graph is not None:
        options = asked.graph
        parts.append(lambda: _graph(load, model, rates, options))
    parts.append(lambda: _eval(load, model, rates))
    return tuple(part() for part in parts)


def _stage(
    name: str, rates: Rates, *, flops: int, seconds: float, disk: float, memory: float
) -> Stage:
    watts = rates.known("watts")
    joules = None if watts is None else watts * seconds
    return Stage(name, flops, seconds, round(disk), round(memory), joules)


def _prepare(load: Load, rates: Rates) -> Stage:
    size = load.text_bytes
    return _stage(
        "prepare",
        rates,
        flops=0,
        seconds=(rates.known("start-prepare") or 0.0) + size / rates.need("prepare"),
        disk=size * (PACKED + STORED),
        memory=PREPARE_MEMORY,
    )


def _train(load: Load, model: Model, rates: Rates, asked: Asked) -> Stage:
    work = _pairs(load, asked.examples)
    scores = asked.examples * asked.batch_size
    flops = model.arithmetic.training(work, scores)
    if model.static:
        seconds = asked.examples / rates.need("train-static")
    else:
        seconds = flops / rates.need("train-transformer")
    weights = 4 * model.parameters
    return _stage(
        "train",
        rates,
        flops=flops,
        seconds=_start(rates) + seconds,
        disk=weights * _COPIES_IN_TRAINING,
        memory=rates.need("base") + weights * _COPIES_IN_TRAINING,
    )


def _pairs(load: Load, examples: int) -> Work:
    """Pairs of a query and a passage like those of the set."""
    total = Work()
    for kind in ("query", "passage"):
        work = load.work(kind)
        share = examples / max(1, work.texts)
        total += Work(examples, round(share * work.tokens), round(share * work.squares))
    return total


def _encoding_seconds(load: Load, model: Model, rates: Rates) -> float:
    """Seconds of indexing all passages: reading, tokenising, encoding, writing."""
    if not model.static:
        return model.arithmetic.forward(load.work("passage")) / rates.need("transformer")
    seconds = 0.0
    for spaced, name in ((True, "static"), (False, "static-unspaced")):
        tokens = load.work("passage", spaced=spaced).tokens
        seconds += tokens / rates.need(name) if tokens else 0.0
    return seconds


def _index(load: Load, model: Model, rates: Rates, asked: Asked) -> Stage:
    dimension = model.arithmetic.dimension
    mean = load.passages and load.text_bytes / load.passages
    tokens = load.work("passage").tokens / max(1, load.passages)
    shard, chunk = min(load.largest, SHARD_ROWS), min(load.largest, CHUNK)
    loaded = rates.need("base") + 4 * model.parameters
    memory = shard * mean * _TEXT_COPIES + chunk * (tokens * _TOKEN_MEMORY + 8 * dimension)
    if asked.processes == 1:
        memory, starts = memory + loaded, 1
    else:  # workers load the model, too, when the first process has
        memory, starts = asked.processes * (memory + loaded) + loaded, 2
    return _stage(
        "index",
        rates,
        flops=model.arithmetic.forward(load.work("passage")),
        seconds=starts * _start(rates) + _encoding_seconds(load, model, rates),
        disk=load.passages * (dimension * _STORE_BYTES[asked.store] + _ID_BYTES),
        memory=memory + load.largest * _ID_MEMORY,
    )


def _graph(load: Load, model: Model, rates: Rates, options: GraphOptions) -> Stage:
    sizes = [each.passages.count for each in load.languages]
    of_one = node_bytes(model.arithmetic.dimension, options)
    return _stage(
        "graph",
        rates,
        flops=0,
        seconds=sum(map(growth, sizes)) / rates.need("graph"),
        disk=sum(sizes) * of_one,
        memory=rates.need("base") + max(sizes) * of_one,
    )


def _eval(load: Load, model: Model, rates: Rates) -> Stage:
    queries, dimension = load.queries, model.arithmetic.dimension
    products = 2 * dimension * load.products
    seconds = products / rates.need("search")
    for name, amount in (("open", load.passages), ("queries", queries)):
        known = rates.known(name)
        seconds += amount / known if known else 0.0
    pool = load.passages if set(load.settings) - {"mono"} else load.largest
    most = max(each.queries.count for each in load.languages)
    hits = min(load.depth, load.largest)
    memory = rates.need("base") + 4 * model.parameters + _SEARCH_MEMORY
    return _stage(
        "eval",
        rates,
        flops=model.arithmetic.forward(load.work("query")) + products,
        seconds=_start(rates) + seconds,
        disk=queries * hits * _HIT_BYTES,
        memory=memory + pool * _ID_MEMORY + most * hits * _HIT_MEMORY,
    )


def _start(rates: Rates) -> float:
    """Seconds until the libraries and the model are loaded."""
    return rates.known("start") or 0.0
