"""BM25 (Robertson & Zaragoza 2009, in Lucene's form) as a run without a model."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from hybench.concurrency.progress import Progress, ProgressCallback, ignore
from hybench.data.dataset import Dataset
from hybench.data.schema import passage_text_expression
from hybench.errors import StateError, UsageError
from hybench.evaluation.bm25.postings import build_postings, search_postings
from hybench.evaluation.bm25.tokens import tokeniser
from hybench.evaluation.contamination import Overlap
from hybench.evaluation.evaluate import Described, EvalReport, evaluate_retriever
from hybench.evaluation.results import results_key
from hybench.evaluation.scope import EvalOptions
from hybench.indexes.exact.keys import Orders, Rows, id_order
from hybench.indexes.exact.results import Hits, Ranked, Wanted
from hybench.runs.run import BM25, Run
from hybench.values.names import check_name
from hybench.values.typed import check_types
from hybench.version import __version__


@dataclass(frozen=True)
class Bm25Options:
    """BM25's parameters, and what to evaluate.

    Attributes:
        k1: how soon repeats of a term saturate; 0.9 as in Pyserini and MIRACL's baseline.
        b: how much long passages are penalised, from 0 to 1.
        tokens: ``auto`` (`auto_tokens`) or ``whitespace``.
        name: the run's name.
        evaluation: which queries, in which settings.
    """

    k1: float = 0.9
    b: float = 0.4
    tokens: str = "auto"
    name: str = BM25
    evaluation: EvalOptions = field(default_factory=EvalOptions)

    def __post_init__(self) -> None:
        """Check the values."""
        check_types(self)
        tokeniser(self.tokens)
        check_name(self.name, "--name")
        if not self.k1 >= 0:
            raise UsageError(f"--k1: {self.k1} is below 0.", "Values from 0.5 to 2 are common.")
        if not 0 <= self.b <= 1:
            raise UsageError(f"--b: {self.b} is not from 0 to 1.", "0.4 and 0.75 are common.")
        if self.evaluation.ann:
            raise UsageError("--ann: BM25 has no graph to search.", "Omit it.")

    @property
    def config(self) -> dict[str, Any]:
        """The contents of the run's config.toml: all that the scores depend on."""
        return {"kind": BM25, "k1": self.k1, "b": self.b, "tokens": self.tokens}


def evaluate_bm25(
    runs: Path,
    dataset: Dataset,
    options: Bm25Options | None = None,
    progress: ProgressCallback = ignore,
) -> tuple[Run, EvalReport]:
    """Evaluate BM25 on a set as the run ``bm25``; later calls add sets to the run.

    Only passages that share a token with the query are retrieved (score above 0); a query without
    such passages scores 0. In a pool of several languages, term statistics are those of the whole
    pool.

    Args:
        runs: the folder of all runs.
        dataset: the set.
        options: parameters, and what to evaluate; None for the defaults.
        progress: called during the work.

    Raises:
        UsageError: a split, setting or language is not in the set.
        StateError: a run of that name has other parameters or results that cover more, or its
            folder cannot be written.
    """
    options = options or Bm25Options()
    run = Run(runs / options.name)
    _, split = results_key(dataset, options.evaluation.split)
    _claim(run, options)
    retriever = Bm25Retriever(dataset, split, options, progress)
    report = evaluate_retriever(
        run, dataset, retriever, Described(BM25, {}, "", Overlap()), options.evaluation, progress
    )
    return run, report


def check_parameters(run: Run, options: Bm25Options) -> bool:
    """Whether the run exists already, made with these parameters.

    Raises:
        StateError: it was made with others, or not by BM25; or its folder holds something else.
    """
    if not run.exists():
        return False
    present = run.read_config()
    present.pop("hybench", None)
    if present != options.config:
        raise StateError(
            f"Run {run.name} was not made by BM25 with these parameters.",
            "Give this one another --name.",
        )
    return True


def _claim(run: Run, options: Bm25Options) -> None:
    """Write the run's config, or check that the existing one is the same."""
    if check_parameters(run, options):
        return
    run.write_config(options.config | {"hybench": __version__})


@dataclass(frozen=True)
class Bm25Retriever:
    """Retrieval by words; see `hybench.evaluation.retrieval.Retriever`."""

    dataset: Dataset
    split: str
    options: Bm25Options
    progress: ProgressCallback = ignore
    _queries: dict[str, list[list[str]]] = field(default_factory=dict)

    def queries(self, language: str) -> list[list[str]]:
        """The tokens of the split's queries in a language, read once."""
        if language not in self._queries:
            texts = self.dataset.queries(language, self.split)["text"]
            self._queries[language] = [*map(tokeniser(self.options.tokens), texts)]
        return self._queries[language]

    def pool(self, languages: tuple[str, ...]) -> Bm25Pool:
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
    """Passages indexed by their tokens."""

    def __init__(self, retriever: Bm25Retriever, texts: pl.DataFrame) -> None:
        self._retriever = retriever
        options = retriever.options
        self.passages = texts.select("passage_lang", "passage_id")
        carried = pl.concat_str(pl.col("passage_lang"), pl.lit("/"), pl.col("passage_id"))
        self._order: Orders = id_order(self.passages.select(carried).to_series())
        tell = partial(self._tell, texts.height)
        tokenise = tokeniser(options.tokens)
        self._postings = build_postings(texts["text"], tokenise, options.k1, options.b, tell)

    def asked_by(self, retriever: Bm25Retriever) -> Bm25Pool:
        """The same passages for the queries of another split."""
        other = copy(self)
        other._retriever = retriever
        return other

    def _tell(self, total: int, done: int) -> None:
        self._retriever.progress(Progress("index bm25", done, total, "passages"))

    def search(
        self, query_lang: str, queries: Rows, k: int, wanted: Wanted | None
    ) -> tuple[Hits, Ranked | None]:
        """See `SearchPool`."""
        asked = self._retriever.queries(query_lang)
        tokens = [asked[place] for place in queries]
        return search_postings(self._postings, self._order, tokens, k, wanted)
