"""A short calibration: a miniature of the work on this machine, at two sizes.

Each stage is run on a few passages and on more of them. What the second run takes more is what
passages take; the rest, libraries and first calls among it, is not counted as theirs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from hybench.concurrency.progress import Progress, ProgressCallback, ignore
from hybench.config.train import TrainConfig
from hybench.data.dataset import Dataset
from hybench.data.preparation import prepare
from hybench.encoders.arithmetic import Arithmetic, Work, arithmetic
from hybench.encoders.encoder import Encoder
from hybench.evaluation.evaluate import evaluate
from hybench.evaluation.scope import EvalOptions
from hybench.indexes.approximate.graph import Graph, GraphOptions
from hybench.indexes.estimate import growth, timed
from hybench.indexes.exact.keys import Floats
from hybench.indexes.exact.search import Part, Pool
from hybench.indexes.model import load_model_as_it_is, write_model_run
from hybench.indexes.options import IndexOptions
from hybench.indexes.reader import open_index
from hybench.indexes.shard_encoding import CHUNK
from hybench.indexes.writer import build_index
from hybench.planning.load import Load
from hybench.planning.miniature import MOST, Miniature, miniature_texts, prepare_words
from hybench.planning.starting import memory_with_model, python_says
from hybench.runs.energy import EnergyMeter
from hybench.runs.models import ModelOptions
from hybench.runs.run import Run
from hybench.training.estimate import estimate

SECONDS = 10.0
"""About how long the larger encoding of a transformer takes."""

_LEAST = 256
_TASTE = 64
_SHARE = 4
"""How many times smaller the smaller size is."""
_SEVERAL = 4
"""How many times more passages several processes encode."""
_GRAPH = 2000
Clock = Callable[[], float]


@dataclass(frozen=True)
class Calibration:
    """What to calibrate.

    Attributes:
        load: of the set that is planned.
        dataset: it, prepared; None where it is not, and texts are invented.
        device: of the encoder, as `hybench.encoders.devices` gives it.
        precision: of encoding.
        processes: that encode.
        batch_size: of a training; 0 where none is planned.
        progress: called as the work goes on.
        clock: seconds.
    """

    load: Load
    dataset: Dataset | None
    device: str
    precision: str
    processes: int = 1
    batch_size: int = 0
    progress: ProgressCallback = ignore
    clock: Clock = time.perf_counter

    def rates(self, encoder: Encoder) -> dict[str, float]:
        """The rates of this machine by name, see `hybench.planning.rates.UNITS`.

        Raises:
            HybenchError: a stage fails.
        """
        with TemporaryDirectory() as folder:
            return _Calibrating(self, Path(folder), encoder).rates()


class _Calibrating:
    """A calibration at work in a folder."""

    def __init__(self, asked: Calibration, folder: Path, encoder: Encoder) -> None:
        self.asked, self.folder = asked, folder
        self.model = folder / "model"
        encoder.save(self.model)
        self.encoder, config = load_model_as_it_is(self.model, ModelOptions(), asked.device)
        self.encoder.use_precision(asked.precision)
        self.run = Run(folder / "run")
        write_model_run(self.run, self.encoder, config)
        self.done = 0

    @cached_property
    def arithmetic(self) -> Arithmetic:
        return arithmetic(self.encoder.model)

    def rates(self) -> dict[str, float]:
        found = self._started()
        for name, language in self._classes():
            self._tell(f"encode {language}")
            texts = self._texts(language)
            small = Miniature(self.folder, language, texts, self.asked.load.depth)
            sizes = (len(texts) // _SHARE, len(texts))
            # The first is only for first calls. Each is opened once: what was read before is known.
            sets = [small.prepared(size) for size in (sizes[0] - 1, *sizes)]
            seconds, found["watts"] = self._indexed(sets)
            found[name] = self._work(texts[sizes[0] :]) / seconds
            if language == self._largest:
                found |= self._prepared(small, sizes)
                found |= self._evaluated(sets, sizes)
                if self.asked.batch_size:
                    found |= self._trained(sets[-1])
        return {name: value for name, value in found.items() if value > 0}

    def _tell(self, what: str) -> None:
        self.asked.progress(Progress(f"calibrate: {what}", self.done, None, "stages"))
        self.done += 1

    def _timed(self, work: Callable[[], object]) -> float:
        begun = self.asked.clock()
        work()
        return self.asked.clock() - begun

    @cached_property
    def _largest(self) -> str:
        return max(self.asked.load.languages, key=lambda each: each.passages.count).language

    def _classes(self) -> Iterator[tuple[str, str]]:
        """Rates and languages: static embeddings have a rate for scripts without spaces, too."""
        if self.arithmetic.layers:
            yield "transformer", self._largest
            return
        for spaced, name in ((True, "static"), (False, "static-unspaced")):
            own = [each for each in self.asked.load.languages if each.spaced is spaced]
            if own:
                yield name, max(own, key=lambda each: each.passages.count).language

    def _work(self, texts: Sequence[str]) -> float:
        """Operations of a transformer, or tokens."""
        work = Work.of(self.encoder.tokenize(texts, "passage").lengths)
        return float(self.arithmetic.forward(work) if self.arithmetic.layers else work.tokens)

    def _language(self, language: str) -> str | None:
        """What the encoder is told of a text's language: nothing, if it does not ask."""
        return language if self.encoder.languages else None

    def _texts(self, language: str) -> list[str]:
        """Passages; with a transformer as many as it encodes in `SECONDS`."""
        # Several processes take seconds to start, and not the same ones each time.
        more = 1 if self.asked.processes == 1 else _SEVERAL
        texts = miniature_texts(self.asked.load, self.asked.dataset, language, more * MOST)
        if not self.arithmetic.layers:
            return texts
        taste = texts[:: max(1, len(texts) // _TASTE)][:_TASTE]
        encode = partial(self.encoder.encode, taste, "passage", None, self._language(language))
        pace = len(taste) / timed(encode, self.asked.clock)
        return texts[: max(_LEAST, int(more * SECONDS * pace))]

    def _indexed(self, sets: Sequence[Dataset]) -> tuple[float, float]:
        """Seconds that more passages take, and the watts of the work; 0 if they are not known."""

        def index(dataset: Dataset) -> None:
            rows = sum(dataset.info.counts["passages"].values())
            several = self.asked.processes > 1
            shard = max(1, rows // (2 * self.asked.processes)) if several else 2 * CHUNK
            options = IndexOptions(
                exact=True,
                force=True,
                shard_rows=shard,
                processes=self.asked.processes,
                device=self.asked.device,
            )
            build_index(self.run, dataset, self.encoder, options)

        _, less = (self._timed(partial(index, one)) for one in sets[:2])
        meter = EnergyMeter(self.asked.device, self.asked.clock)
        more = self._timed(partial(index, sets[2]))
        return _positive(more - less), (meter.take() or 0.0) / more

    def _prepared(self, small: Miniature, sizes: tuple[int, int]) -> dict[str, float]:
        """Bytes of text prepared a second, from MIRACL's files; and what a process adds."""
        self._tell("prepare")
        first, *sources = (small.files(size) for size in (sizes[0] - 1, *sizes))
        begun = self.asked.clock()
        python_says("-m", "hybench", *prepare_words(first, self.folder / "first"))
        alone = self.asked.clock() - begun
        less, more = (
            self._timed(partial(prepare, source, self.folder / f"prepared-{number}"))
            for number, source in enumerate(sources)
        )
        few, many = (
            sum(len(text.encode()) for text in part)
            for part in (small.texts[: sizes[0]], small.texts[sizes[0] :])
        )
        rate = many / _positive(more - less)
        return {"prepare": rate, "start-prepare": alone - few / rate}

    def _evaluated(self, sets: Sequence[Dataset], sizes: tuple[int, int]) -> dict[str, float]:
        """Rates of searching, of opening an index, and of what else a query takes."""
        self._tell("search")
        options = EvalOptions(device=self.asked.device, force=True)
        _, less, more = (
            self._timed(partial(evaluate, self.run, one, self.encoder, options)) for one in sets
        )
        many = sets[-1]
        language = many.table_languages("passages")[0]
        vectors = np.asarray(open_index(self.run, many, language).vectors[: sizes[1]])
        texts = many.queries(language)["text"].to_list()
        queries = self.encoder.encode(texts, "query", None, self._language(language))
        search = self._searched(vectors, queries)
        a_passage = (more - less) / (sizes[1] - sizes[0])
        opening = a_passage - 2 * vectors.shape[1] * len(queries) / search
        return {
            "search": search,
            "open": 1 / opening if opening > 0 else 0.0,
            "queries": len(queries) / _positive(less - a_passage * sizes[0]),
            "graph": self._graph(vectors),
        }

    def _searched(self, vectors: Floats, queries: Floats) -> float:
        """Operations of products a second, hits kept."""
        depth = self.asked.load.depth

        def search(rows: int) -> float:
            order = np.arange(rows, dtype=np.uint32)
            pool = Pool([Part("", vectors[:rows], order)], self.asked.device)
            return timed(partial(pool.search, queries, min(depth, rows)), self.asked.clock)

        rows = len(vectors)
        seconds = _positive(search(rows) - search(rows // _SHARE))
        return 2 * int(vectors.shape[1]) * len(queries) * (rows - rows // _SHARE) / seconds

    def _graph(self, vectors: Floats) -> float:
        sample = vectors[:_GRAPH]
        seconds = timed(partial(Graph.build, sample, GraphOptions()), self.asked.clock)
        return growth(len(sample)) / seconds

    def _trained(self, dataset: Dataset) -> dict[str, float]:
        """Pairs a second, and operations of a transformer, of a few steps."""
        self._tell("train")
        config = TrainConfig(
            data=(dataset.name,),
            encoder=str(self.model),
            alpha=1.0,
            batch_size=self.asked.batch_size,
            steps=100,
        )
        found = estimate(
            config, Run(self.folder / "training"), dataset.path.parent, self.asked.device
        )
        pairs = found.steps * found.step_pairs[1]
        if not self.arithmetic.layers:
            return {"train-static": pairs / found.seconds}
        table = dataset.pairs(dataset.table_languages("pairs")[0])
        work = Work()
        for kind in ("query", "passage"):
            work += Work.of(self.encoder.tokenize(table[kind].to_list(), kind).lengths)
        scores = table.height * found.step_pairs[1]
        flops = self.arithmetic.training(work, scores) / table.height * pairs
        return {"train-transformer": flops / found.seconds}

    def _started(self) -> dict[str, float]:
        """Seconds until a process has loaded the model, and its memory then, without weights."""
        self._tell("start")
        begun = self.asked.clock()
        memory = memory_with_model(self.model, self.asked.device)
        seconds = self.asked.clock() - begun
        weights = 4 * sum(weight.numel() for weight in self.encoder.model.parameters())
        return {"start": seconds, "base": float(max(1, memory - weights))}


def _positive(seconds: float) -> float:
    """A difference of two times, which noise must not turn around."""
    return max(seconds, 1e-6)
