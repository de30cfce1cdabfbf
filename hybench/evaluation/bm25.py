"""BM25 (Robertson & Zaragoza 2009, in Lucene's form) as a run like any other, without a model."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

import hybench
from hybench.config import read_toml
from hybench.data.schema import Dataset, passage_text_expression
from hybench.data.source import check_name
from hybench.errors import StateError, UsageError
from hybench.evaluation.evaluate import Described, EvalOptions, EvalReport, evaluate_retriever
from hybench.evaluation.results import results_key
from hybench.evaluation.retrieval import SearchPool
from hybench.evaluation.tokens import tokeniser
from hybench.index.keys import NO_HIT, Floats, Keys, Orders, Rows, hit_keys, id_order
from hybench.index.search import Hits, Ranked, Wanted, decode_keys
from hybench.progress import Progress, ProgressCallback, ignore
from hybench.runs import Run
from hybench.storage import replacing_file

KIND = "bm25"


@dataclass(frozen=True)
class Bm25Options:
    """BM25's parameters, and what to evaluate.

    Attributes:
        k1: how soon repeats of a term stop to count; 0.9 as in Pyserini and MIRACL's baseline.
        b: how much long passages are held back, from 0 to 1.
        tokens: ``auto`` (`auto_tokens`) or ``whitespace``.
        name: the run's name.
        evaluation: which queries, in which settings.
    """

    k1: float = 0.9
    b: float = 0.4
    tokens: str = "auto"
    name: str = "bm25"
    evaluation: EvalOptions = field(default_factory=EvalOptions)

    def __post_init__(self) -> None:
        """Check the values."""
        tokeniser(self.tokens)
        check_name(self.name, "--name")
        if not self.k1 >= 0:
            raise UsageError(f"--k1: {self.k1} is below 0.", "Values from 0.5 to 2 are common.")
        if not 0 <= self.b <= 1:
            raise UsageError(f"--b: {self.b} is not from 0 to 1.", "0.4 and 0.75 are common.")
        if self.evaluation.ann:
            raise UsageError("--ann: BM25 has no graph to search.", "Leave it away.")

    @property
    def config(self) -> dict[str, Any]:
        """What the run's config.toml holds: all that the scores depend on."""
        return {"kind": KIND, "k1": self.k1, "b": self.b, "tokens": self.tokens}


def evaluate_bm25(
    runs: Path,
    dataset: Dataset,
    options: Bm25Options | None = None,
    progress: ProgressCallback = ignore,
) -> tuple[Run, EvalReport]:
    """Evaluate BM25 on a set, as the run ``bm25``; later calls add sets to it.

    Only passages that share a token with the query are retrieved (score above 0); a query without
    any scores 0. In a pool of several languages, term statistics are those of the whole pool.

    Args:
        runs: the folder of all runs.
        dataset: the set.
        options: parameters and what to evaluate; None for the defaults.
        progress: called as the work goes on.

    Raises:
        UsageError: a split, setting or language is not in the set.
        StateError: a run of that name has other parameters, or its folder cannot be written.
    """
    options = options or Bm25Options()
    run = Run(runs / options.name)
    _, split = results_key(dataset, options.evaluation.split)
    _claim(run, options)
    retriever = Bm25Retriever(dataset, split, options, progress)
    report = evaluate_retriever(
        run, dataset, retriever, Described(KIND, {}, ""), options.evaluation, progress
    )
    return run, report


def _claim(run: Run, options: Bm25Options) -> None:
    """Write the run's config, or check that the one there is the same."""
    import tomli_w

    if run.config_file.is_file():
        present = read_toml(run.config_file)
        present.pop("hybench", None)
        if present != options.config:
            raise StateError(
                f"Run {run.name} was not made by BM25 with these parameters.",
                "Give this one another --name.",
            )
        return
    with replacing_file(run.config_file) as temporary:
        config = options.config | {"hybench": hybench.__version__}
        temporary.write_text(tomli_w.dumps(config), encoding="utf-8")


@dataclass(frozen=True)
class Bm25Retriever:
    """Retrieves by words; see `hybench.evaluation.retrieval.Retriever`."""

    dataset: Dataset
    split: str
    options: Bm25Options
    progress: ProgressCallback = ignore

    def pool(self, languages: tuple[str, ...]) -> SearchPool:
        """Index the passages of these languages."""
        frames = [
            self.dataset.passages(language).select(
                pl.lit(language).alias("passage_lang"),
                "passage_id",
                passage_text_expression().alias("text"),
            )
            for language in languages
        ]
        return Bm25Pool(self, pl.concat(frames))


class Bm25Pool:
    """Passages indexed by bm25s."""

    def __init__(self, retriever: Bm25Retriever, texts: pl.DataFrame) -> None:
        self._retriever = retriever
        self._tokenise = tokeniser(retriever.options.tokens)
        self.passages = texts.select("passage_lang", "passage_id")
        carried = pl.concat_str(pl.col("passage_lang"), pl.lit("/"), pl.col("passage_id"))
        self._order: Orders = id_order(self.passages.select(carried).to_series())
        self._vocabulary: dict[str, int] = {}
        self._index = self._build(texts["text"])

    def _build(self, texts: pl.Series) -> Any:
        from bm25s import BM25

        words, progress = self._vocabulary, self._retriever.progress
        ids: list[list[int]] = []
        for place, text in enumerate(texts):
            if place % 10_000 == 0:
                progress(Progress("index bm25", place, len(texts), "passages"))
            ids.append([words.setdefault(token, len(words)) for token in self._tokenise(text)])
        progress(Progress("index bm25", len(texts), len(texts), "passages"))
        if not words:
            return None
        options = self._retriever.options
        index = BM25(k1=options.k1, b=options.b, method="lucene", backend="numpy")
        index.index((ids, dict(words)), show_progress=False)
        return index

    def _scores(self, query: str) -> npt.NDArray[np.float32] | None:
        """Scores of all passages, float32 [n]; None where no token is known."""
        words = self._vocabulary
        tokens = [words[token] for token in self._tokenise(query) if token in words]
        if not tokens:
            return None
        return np.asarray(self._index.get_scores_from_ids(tokens), np.float32)

    def search(
        self, query_lang: str, queries: Rows, k: int, wanted: Wanted | None
    ) -> tuple[Hits, Ranked | None]:
        """See `SearchPool`."""
        texts = self._retriever.dataset.queries(query_lang, self._retriever.split)["text"]
        k = min(k, self.passages.height)
        best = np.full((len(queries), k), NO_HIT)
        size = 0 if wanted is None else len(wanted.rows)
        ranked = Ranked(np.zeros(size, np.int64), np.full(size, np.nan, np.float32))
        for place, query in enumerate(texts.gather(queries)):
            scores = self._scores(query)
            if scores is None:
                continue
            keys = self._keys(scores)
            top = np.partition(keys, -k)[-k:] if len(keys) > k else keys
            best[place, : len(top)] = top
            if wanted is not None:
                self._rank(keys, scores, place, wanted, ranked)
        hits = decode_keys(best, self._order)
        return hits, None if wanted is None else ranked

    def _keys(self, scores: Floats) -> Keys:
        positive = np.nonzero(scores > 0)[0]
        return hit_keys(scores[positive], self._order[positive])

    def _rank(self, keys: Keys, scores: Floats, place: int, wanted: Wanted, ranked: Ranked) -> None:
        """Fill in the ranks of one query's wanted rows that were retrieved."""
        for member in np.nonzero(wanted.queries == place)[0]:
            row = wanted.rows[member]
            if scores[row] > 0:
                key = hit_keys(scores[row : row + 1], self._order[row : row + 1])
                ranked.ranks[member] = 1 + np.count_nonzero(keys > key)
                ranked.scores[member] = scores[row]
