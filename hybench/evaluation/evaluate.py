"""The evaluation stage: every query of a split searched in every setting, and what came of it."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import polars as pl

import hybench
from hybench.data.schema import SETTINGS, Dataset
from hybench.errors import UsageError
from hybench.evaluation.ahead import ahead
from hybench.evaluation.bias import BIAS_DEPTH, missing_rank
from hybench.evaluation.contamination import trained_queries
from hybench.evaluation.dense import ExactSearcher, GraphRetriever, QueryVectors
from hybench.evaluation.outcome import Outcome, outcome
from hybench.evaluation.plan import Plan, plan_queries
from hybench.evaluation.replacing import check_replaces
from hybench.evaluation.results import (
    RANKINGS,
    RELEVANT,
    ResultsInfo,
    clear_results,
    replacing_table,
    results_key,
    write_results,
)
from hybench.evaluation.retrieval import Depths, Found, Retriever, Searcher, search_pools
from hybench.evaluation.settings import plan_searches
from hybench.index.build import IndexOptions, TextEncoder, build_index
from hybench.index.opened import model_sha256, open_index
from hybench.progress import Progress, ProgressCallback, ignore
from hybench.runs import Run

RANKING_DEPTH = 100
CROSS_RANKING_DEPTH = 10
"""Hits kept in the cross setting, where there is a ranking per pair of languages."""

MOST_RANKING_ROWS = 20_000_000
ANN_DEPTH = 1000
"""Hits that are found when a set asks for the whole ranking and the search is approximate."""


@dataclass(frozen=True)
class EvalOptions:
    """What to evaluate, and how.

    Attributes:
        split: the queries' split, None for the set's own.
        settings: of mono, cross, multi; None for all that the set has.
        languages: codes of the queries' languages, None for all.
        ann: search the usearch graphs instead of exactly; their recall is part of the results.
        ranking_depth: hits per query to write, at least 10 and at most the set's depth. None for
            that depth where it gives no more than 20 million rows, else 100.
        device: where exact products are computed: ``cpu``, ``cuda``.
        force: replace results that cover more than these will, or were searched for otherwise.
        data_root: folder of the sets that the run was trained on; None: that of the evaluated set.
    """

    split: str | None = None
    settings: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    ann: bool = False
    ranking_depth: int | None = None
    device: str = "cpu"
    force: bool = False
    data_root: Path | None = None

    def __post_init__(self) -> None:
        """Check the values."""
        if self.ranking_depth is not None and self.ranking_depth < BIAS_DEPTH:
            raise UsageError(
                f"--ranking-depth: {self.ranking_depth} is below {BIAS_DEPTH}.",
                "Language bias looks at that many hits: keep at least as many.",
            )


@dataclass(frozen=True)
class Scope:
    """What an evaluation covers.

    Attributes:
        key: the results' name.
        split: the queries' split.
        plan: which queries count in which search.
        depth: hits of a ranking that count, None for all of them.
        kept: hits per query to write, by setting.
        ann: whether graphs are searched.
    """

    key: str
    split: str
    plan: Plan
    depth: int | None
    kept: dict[str, int]
    ann: bool

    @classmethod
    def of(cls, dataset: Dataset, options: EvalOptions) -> Scope:
        """Find what the options ask for.

        Raises:
            UsageError: a split, setting or language is not in the set, or none of the queries asked
                for is judged.
        """
        key, split = results_key(dataset, options.split)
        searches = plan_searches(dataset, split, options.settings, options.languages)
        depth = dataset.info.depth
        if depth is None and options.ann:
            depth = ANN_DEPTH
        plan = plan_queries(dataset, split, searches)
        if not plan.total:
            raise UsageError(
                f"No query of {dataset.name} ({split}) that was asked for is judged.",
                "Choose other --settings, --languages or --split.",
            )
        kept = _ranking_depths(options.ranking_depth, depth, plan.total)
        return cls(key, split, plan, depth, kept, options.ann)

    @property
    def depths(self) -> Depths:
        """How deep to search."""
        if self.depth is None:
            return Depths(self.kept, ranks=True)
        return Depths(dict.fromkeys(self.kept, self.depth), ranks=False)

    @property
    def settings(self) -> tuple[str, ...]:
        """Of mono, cross, multi."""
        return tuple(dict.fromkeys(search.setting for search in self.plan.searches))

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the queries' languages."""
        return tuple(sorted({search.query_lang for search in self.plan.searches}))

    def check(self, run: Run, dataset: Dataset, search: str, model: str) -> None:
        """See that the results there may be replaced; `check_replaces` says when."""
        check_replaces(
            run, self.key, (dataset.info.fingerprint, model),
            search=search, settings=self.settings, languages=self.languages,
        )  # fmt: skip

    @property
    def indexing(self) -> IndexOptions:
        """How passages without an up-to-date index are indexed."""
        pools = {one for search in self.plan.searches for one in search.passage_langs}
        return IndexOptions(exact=not self.ann, languages=tuple(sorted(pools)))


@dataclass(frozen=True)
class EvalReport:
    """What an evaluation gave.

    Attributes:
        key: the results' name, to `read_results` with.
        info: what they are.
        values: setting, query_lang, corpus_lang, query_id, metric, value.
    """

    key: str
    info: ResultsInfo
    values: pl.DataFrame


def evaluate(
    run: Run,
    dataset: Dataset,
    encoder: TextEncoder,
    options: EvalOptions | None = None,
    progress: ProgressCallback = ignore,
) -> EvalReport:
    """Evaluate a run's model on a set; passages without an up-to-date index are indexed first.

    Args:
        run: the run.
        dataset: the set.
        encoder: the run's model, loaded.
        options: what to evaluate and how; None for the defaults.
        progress: called as the work goes on.

    Raises:
        UsageError: a split, setting or language is not in the set.
        StateError: the run has no model, its folder cannot be written, or it has results that cover
            more.
        DataError: the model gives vectors with NaN or infinity.
    """
    options = options or EvalOptions()
    scope = Scope.of(dataset, options)
    digest = model_sha256(run)
    if not options.force:
        scope.check(run, dataset, "ann" if options.ann else "exact", digest)
    reports = build_index(run, dataset, encoder, scope.indexing, progress)
    languages = [report.manifest.language for report in reports]
    indexes = {one: open_index(run, dataset, one, digest) for one in languages}
    root = options.data_root or dataset.path.parent
    trained = trained_queries(run, dataset, scope.plan, root)
    queries = QueryVectors(dataset, scope.split, encoder, progress)
    if options.ann:
        recall = {one: index.manifest.recall or 0.0 for one, index in indexes.items()}
        searcher = search_pools(GraphRetriever(queries, indexes))
        described = Described("ann", recall, digest, trained)
    else:
        searcher = ExactSearcher(queries, indexes, options.device)
        described = Described("exact", {}, digest, trained)
    return _evaluate(run, dataset, scope, searcher, described, progress)


@dataclass(frozen=True)
class Described:
    """What results say of the way that retrieved: see `ResultsInfo`."""

    search: str
    recall: dict[str, float]
    model_sha256: str
    trained_queries: dict[str, int] | None


def evaluate_retriever(
    run: Run,
    dataset: Dataset,
    retriever: Retriever,
    described: Described,
    options: EvalOptions,
    progress: ProgressCallback = ignore,
) -> EvalReport:
    """Evaluate any way to retrieve, pool by pool, and write what came of it into `run`.

    A query counts in a setting if it has a judged passage in the pool.

    Raises:
        UsageError: a split, setting or language is not in the set, or none of the queries asked
            for is judged.
        StateError: the run's folder cannot be written, or it has results that cover more.
    """
    scope = Scope.of(dataset, options)
    if not options.force:
        scope.check(run, dataset, described.search, described.model_sha256)
    return _evaluate(run, dataset, scope, search_pools(retriever), described, progress)


def _evaluate(
    run: Run,
    dataset: Dataset,
    scope: Scope,
    searcher: Searcher,
    described: Described,
    progress: ProgressCallback,
) -> EvalReport:
    began = time.perf_counter()
    key, plan = scope.key, scope.plan
    sizes = dataset.info.counts["passages"]
    missing = missing_rank(dataset.info.depth, sum(sizes.values()))
    values: list[pl.DataFrame] = []
    done = 0
    with (
        replacing_table(run.rankings(key), RANKINGS) as rankings,
        replacing_table(run.relevant(key), RELEVANT) as relevant,
    ):

        def keep(found: Found) -> Outcome:
            rows = outcome(plan, found, dataset.info.metrics, scope.kept, missing)
            rankings.write(rows.rankings)
            relevant.write(rows.relevant)
            return rows

        # Written while the next queries are searched; closed before the tables are.
        with closing(ahead(keep, searcher(plan, scope.depths), threads=1)) as outcomes:
            for rows in outcomes:
                values.append(rows.values)
                done += rows.queries
                progress(Progress("search", done, plan.total, "queries", str(rows.search)))
        clear_results(run, key)
    info = ResultsInfo(
        dataset=dataset.name,
        fingerprint=dataset.info.fingerprint,
        split=scope.split,
        settings=scope.settings,
        query_languages=scope.languages,
        metrics=dataset.info.metrics,
        depth=scope.depth,
        ranking_depth=scope.kept["multi"],
        missing_rank=missing if "multi" in scope.settings else None,
        search=described.search,
        recall=described.recall,
        model_sha256=described.model_sha256,
        pools={
            search.corpus_lang: sum(sizes[language] for language in search.passage_langs)
            for search in map(plan.searches.__getitem__, plan.used)
        },
        queries=plan.total,
        distinct_queries=plan.by_language,
        trained_queries=described.trained_queries,
        seconds=round(time.perf_counter() - began, 3),
        version=hybench.__version__,
    )
    table = pl.concat(values).sort("setting", "query_lang", "corpus_lang", maintain_order=True)
    return EvalReport(key, write_results(run, key, table, info), table)


def _ranking_depths(asked: int | None, depth: int | None, queries: int) -> dict[str, int]:
    """Hits to keep per query, by setting."""
    if asked is not None:
        return dict.fromkeys(SETTINGS, asked if depth is None else min(asked, depth))
    if depth is not None and depth * queries <= MOST_RANKING_ROWS:
        return dict.fromkeys(SETTINGS, depth)
    whole = RANKING_DEPTH if depth is None else min(RANKING_DEPTH, depth)
    return {"mono": whole, "cross": min(CROSS_RANKING_DEPTH, whole), "multi": whole}
