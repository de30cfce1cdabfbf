"""The cost of indexing: passages, bytes, and time extrapolated from a sample."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from hybench.concurrency.progress import Progress, ProgressCallback, ignore
from hybench.data.dataset import Dataset
from hybench.data.schema import passage_text_expression
from hybench.indexes.approximate.graph import Graph, GraphOptions, node_bytes
from hybench.indexes.encoding import TextEncoder, encode_checked
from hybench.indexes.exact.keys import Floats
from hybench.indexes.manifest import IndexManifest
from hybench.indexes.options import IndexOptions
from hybench.indexes.reader import LanguageIndex, current_manifest, model_sha256
from hybench.indexes.writer import RECALL_K
from hybench.runs.run import Run

SAMPLE = 2000
"""Passages that are encoded to estimate the time of all."""

Clock = Callable[[], float]

_LOOKUPS = 100


@dataclass(frozen=True)
class IndexEstimate:
    """The result of `estimate_index`.

    Attributes:
        passages: to encode.
        languages: codes of those that they are in.
        current: passages whose vectors are up to date.
        vectors: to build graphs over.
        disk_bytes: of the vectors and graphs to write; ids are small in comparison.
        seconds: of encoding, of building graphs and of measuring their recall.
        sample: float32 [m, d], vectors of some of the passages.
    """

    passages: int
    languages: tuple[str, ...]
    current: int
    vectors: int
    disk_bytes: int
    seconds: float
    sample: Floats = field(repr=False, compare=False)


def estimate_index(
    run: Run,
    dataset: Dataset,
    encoder: TextEncoder,
    options: IndexOptions | None = None,
    progress: ProgressCallback = ignore,
    clock: Clock = time.perf_counter,
) -> IndexEstimate:
    """Estimate what `build_index` would take with these arguments; nothing is written.

    Raises:
        UsageError: a language is not in the set.
        StateError: the run has no model, or an index that is up to date is damaged.
        DataError: the encoder returned vectors with NaN or infinity.
    """
    options = options or IndexOptions()
    languages = options.chosen(dataset)
    digest = model_sha256(run) if run.config_file.is_file() else ""  # it may be made later
    counts = dataset.info.counts["passages"]
    there: dict[str, IndexManifest] = {}
    for language in () if options.force else languages:
        if manifest := current_manifest(run, dataset, language, digest, encoder.precision):
            there[language] = manifest
    fresh = tuple(language for language in languages if language not in there)
    if fresh:
        sample, seconds = time_encoding(encoder, dataset, fresh, progress, clock)
    else:
        sample, seconds = _known_vectors(run, dataset, there), 0.0
    graphs = {
        language: int(counts[language])
        for language in languages
        if not options.exact and not (language in there and options.satisfied(there[language]))
    }
    if graphs:
        lookups = _recall_queries(dataset, graphs, options.sample)
        seconds += _graph_seconds(sample, options.graph, graphs.values(), lookups, clock)
    passages = sum(counts[language] for language in fresh)
    return IndexEstimate(
        passages=passages,
        languages=fresh,
        current=sum(counts[language] for language in there),
        vectors=sum(graphs.values()),
        disk_bytes=passages * encoder.dimension * 4
        + sum(graphs.values()) * node_bytes(encoder.dimension, options.graph),
        seconds=seconds,
        sample=sample,
    )


def time_encoding(
    encoder: TextEncoder,
    dataset: Dataset,
    languages: Sequence[str],
    progress: ProgressCallback = ignore,
    clock: Clock = time.perf_counter,
) -> tuple[Floats, float]:
    """Encode a sample of the passages of some languages, at least one.

    Returns:
        Its vectors, float32 [m, d], and the seconds that all passages of these languages take.

    Raises:
        DataError: the encoder returned vectors with NaN or infinity.
    """
    texts = sample_texts(dataset, languages, SAMPLE)
    passages = sum(dataset.info.counts["passages"][language] for language in languages)

    def tell(done: int) -> None:
        progress(Progress("encode a sample", done, len(texts), "passages"))

    tell(0)
    begun = clock()
    # Where the language matters, texts of all take as long as texts of one.
    vectors = encode_checked(encoder, texts, "passage", languages[0], tell)
    return vectors, (clock() - begun) * passages / max(1, len(texts))


def sample_texts(dataset: Dataset, languages: Iterable[str], size: int) -> list[str]:
    """About `size` passages, title and text together, the same share of each language's."""
    counts = {language: dataset.info.counts["passages"][language] for language in languages}
    share = min(1.0, size / max(1, sum(counts.values())))
    texts: list[str] = []
    for language, count in counts.items():
        rows = dataset.scan("passages", language).head(math.ceil(share * count))
        texts += rows.select(passage_text_expression()).collect().to_series().to_list()
    return texts


def timed(work: Callable[[], object], clock: Clock) -> float:
    """Seconds that `work` takes when everything it loads has been loaded."""
    work()
    begun = clock()
    work()
    return clock() - begun


def _known_vectors(run: Run, dataset: Dataset, there: dict[str, IndexManifest]) -> Floats:
    """The first vectors of the largest language."""
    language = max(there, key=lambda one: there[one].rows)
    index = LanguageIndex(run.index(dataset.name, language), there[language])
    return np.asarray(index.vectors[:SAMPLE])


def _recall_queries(dataset: Dataset, sizes: Mapping[str, int], most: int) -> int:
    """Number of queries, or of passages if there are none, that recall is measured on."""
    queries = dataset.info.counts.get("queries", {})
    return sum(min(most, queries.get(language) or size) for language, size in sizes.items())


def _graph_seconds(
    sample: Floats, options: GraphOptions, sizes: Iterable[int], total: int, clock: Clock
) -> float:
    """Seconds to build and search graphs of these sizes, extrapolated from one of the sample."""
    seconds = timed(partial(Graph.build, sample, options), clock)
    seconds *= sum(map(growth, sizes)) / growth(len(sample))
    graph, queries = Graph.build(sample, options), sample[:_LOOKUPS]
    order = np.arange(len(sample), dtype=np.uint32)
    lookups = timed(partial(graph.search, queries, RECALL_K, sample, order), clock)
    return seconds + lookups / len(queries) * total


def growth(size: int) -> float:
    """Growth of the building time: each vector's neighbours are searched among those before it."""
    return size * math.log(size + 1)
