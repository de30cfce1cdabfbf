"""The evaluation stage: search every query of a split in every setting, and write the results."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass, field, replace

import polars as pl

from hybench.concurrency.prefetch import prefetched
from hybench.concurrency.progress import Progress, ProgressCallback, ignore
from hybench.data.dataset import Dataset
from hybench.encoders.languages import check_told
from hybench.encoders.precision import FP32
from hybench.evaluation.contamination import Overlap, training_overlap
from hybench.evaluation.dense import ExactSearcher, GraphRetriever, QueryVectors
from hybench.evaluation.fertility import cut_shares
from hybench.evaluation.kept_ranks import with_earlier_metrics
from hybench.evaluation.results import (
    RANKINGS,
    RELEVANT,
    ResultsInfo,
    replacing_results,
    replacing_table,
    write_results,
)
from hybench.evaluation.retrieval import Retrieved, Retriever, Searcher, search_pools
from hybench.evaluation.scope import EvalOptions, Scope
from hybench.evaluation.table_rows import TableRows, table_rows
from hybench.indexes.encoding import TextEncoder
from hybench.indexes.reader import model_sha256, open_index
from hybench.indexes.search_crew import search_crew
from hybench.indexes.writer import build_index
from hybench.metrics.bias import missing_rank
from hybench.origins.tracing import benchmark_of_set
from hybench.runs.cost import Cost
from hybench.runs.run import Run
from hybench.version import __version__


@dataclass(frozen=True)
class EvalReport:
    """The result of an evaluation.

    Attributes:
        key: the results' name, for `read_results`.
        info: their manifest.
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
        progress: called during the work.

    Raises:
        UsageError: a split, setting or language is not in the set, the model does not take a
            language's texts, or a metric is unknown.
        StateError: the run has no model, its folder cannot be written, or it has results that cover
            more.
        DataError: the model gives vectors with NaN or infinity.
    """
    options = with_earlier_metrics(run, dataset, options or EvalOptions())
    scope = Scope.of(dataset, options)
    check_told(encoder.languages, scope.languages)
    digest = model_sha256(run)
    if not options.force:
        scope.check(run, dataset, "ann" if options.ann else "exact", digest)
    indexing = replace(
        scope.indexing,
        processes=options.processes,
        device=options.device,
        engine=options.engine,
        address=options.address,
        exchange=options.exchange,
        memory=options.memory,
    )
    reports = build_index(run, dataset, encoder, indexing, progress)
    languages = [report.manifest.language for report in reports]
    indexes = {one: open_index(run, dataset, one, digest) for one in languages}
    root = options.data_root or dataset.path.parent
    trained = training_overlap(run, dataset, scope.plan, root, progress)
    queries = QueryVectors(dataset, scope.split, encoder, progress)
    cut = cut_shares(run, dataset, encoder, [*languages, *scope.languages])
    if options.ann:
        recall = {one: index.manifest.recall or 0.0 for one, index in indexes.items()}
        searcher = search_pools(GraphRetriever(queries, indexes))
        described = Described("ann", recall, digest, trained, cut)
        return _evaluate(run, dataset, scope, searcher, described, progress, queries)
    described = Described("exact", {}, digest, trained, cut)
    with search_crew(run, indexing) as crew:
        searcher = ExactSearcher(queries, indexes, options.device, options.memory, crew)
        return _evaluate(run, dataset, scope, searcher, described, progress, queries)


@dataclass(frozen=True)
class Described:
    """What results record of the retriever: see `ResultsInfo`."""

    search: str
    recall: dict[str, float]
    model_sha256: str
    overlap: Overlap | None
    cut: dict[str, float] = field(default_factory=dict)


def evaluate_retriever(
    run: Run,
    dataset: Dataset,
    retriever: Retriever,
    described: Described,
    options: EvalOptions,
    progress: ProgressCallback = ignore,
) -> EvalReport:
    """Evaluate any retriever, pool by pool, and write the results into `run`.

    A query counts in a setting if it has a judged passage in the pool.

    Raises:
        UsageError: a split, setting or language is not in the set, or none of the requested queries
            is judged.
        StateError: the run's folder cannot be written, or it has results that cover more.
    """
    scope = Scope.of(dataset, with_earlier_metrics(run, dataset, options))
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
    queries: QueryVectors | None = None,
) -> EvalReport:
    began = time.perf_counter()
    key, plan, overlap = scope.key, scope.plan, described.overlap
    sizes = dataset.info.counts["passages"]
    missing = missing_rank(dataset.info.depth, sum(sizes.values()))
    with replacing_results(run, key):
        table = _searched(run, scope, searcher, missing, progress)
        seconds = round(time.perf_counter() - began, 3)
        encoding = {} if queries is None else {"queries": queries.cost}
        searching = seconds - sum(each.seconds for each in encoding.values())
        info = ResultsInfo(
            dataset=dataset.name,
            fingerprint=dataset.info.fingerprint,
            benchmark=benchmark_of_set(dataset.info),
            split=scope.split,
            settings=scope.settings,
            query_languages=scope.languages,
            metrics=scope.metrics,
            depth=scope.depth,
            searched=scope.searched,
            ranking_depth=scope.kept["multi"],
            missing_rank=missing if "multi" in scope.settings else None,
            search=described.search,
            recall=described.recall,
            model_sha256=described.model_sha256,
            precision=FP32 if queries is None else queries.encoder.precision,
            pools={
                search.corpus_lang: sum(sizes[language] for language in search.passage_langs)
                for search in map(plan.searches.__getitem__, plan.used)
            },
            queries=plan.total,
            distinct_queries=plan.by_language,
            trained_queries=None if overlap is None else overlap.queries,
            overlap=overlap,
            cut=described.cut,
            seconds=seconds,
            costs={**encoding, "search": Cost(max(0.0, round(searching, 3)))},
            version=__version__,
        )
        return EvalReport(key, write_results(run, key, table, info), table)


def _searched(
    run: Run, scope: Scope, searcher: Searcher, missing: int, progress: ProgressCallback
) -> pl.DataFrame:
    """Search, write the tables of hits and of relevant passages; the table of results."""
    key, plan = scope.key, scope.plan
    values: list[pl.DataFrame] = []
    done = 0
    with (
        replacing_table(run.rankings(key), RANKINGS) as rankings,
        replacing_table(run.relevant(key), RELEVANT) as relevant,
    ):

        def keep(found: Retrieved) -> TableRows:
            rows = table_rows(
                plan, found, scope.metrics, scope.kept, missing,
                ends=scope.ends, whole=scope.whole,
            )  # fmt: skip
            rankings.write(rows.rankings)
            relevant.write(rows.relevant)
            return rows

        # Rows are written while the next queries are searched; it is closed before the tables.
        with closing(prefetched(keep, searcher(plan, scope.depths), threads=1)) as outcomes:
            for rows in outcomes:
                values.append(rows.values)
                done += rows.queries
                progress(Progress("search", done, plan.total, "queries", str(rows.search)))
    return pl.concat(values).sort("setting", "query_lang", "corpus_lang", maintain_order=True)
