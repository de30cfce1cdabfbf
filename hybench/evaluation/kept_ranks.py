"""Adds metrics to existing results from their stored ranks, without a new search.

A metric depends only on the ranks of relevant passages (`hybench.metrics.relevant`), and results
store these down to `ResultsInfo.reach`. So a metric with a cut-off within that depth has the value
of a new search, to the bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from hybench.data.dataset import Dataset
from hybench.errors import DataError, HybenchError, StateError, UsageError
from hybench.evaluation.results import (
    RESULTS,
    Results,
    ResultsInfo,
    read_results,
    replacing_results,
    results_key,
    write_results,
)
from hybench.evaluation.scope import EvalOptions, metric_ends, search_depth
from hybench.evaluation.settings import choose_settings
from hybench.indexes.reader import model_sha256
from hybench.metrics.measure import parse_metric
from hybench.metrics.scoring import evaluate_ranks
from hybench.runs.models import model_folder
from hybench.runs.run import BM25, IMPORTED, Run
from hybench.wording.amounts import listed

_SEARCH = ["setting", "query_lang", "corpus_lang", "query_id"]

_WAYS = {True: "ann", False: "exact"}


class NotKept(Exception):  # noqa: N818 - an answer, no failure
    """Why metrics cannot be computed from stored results, as a clause."""


def with_earlier_metrics(run: Run, dataset: Dataset, options: EvalOptions) -> EvalOptions:
    """The options, extended by the metrics of the results that they will replace.

    Raises:
        UsageError: one of these is no longer known; with `EvalOptions.force` it is dropped.
    """
    key, _ = results_key(dataset, options.split)
    try:
        earlier = ResultsInfo.read(run.results_info(key)).metrics
    except (DataError, OSError):
        return options
    kept = []
    for name in earlier:
        try:
            kept.append(parse_metric(name).name)
        except UsageError as error:
            if not options.force:
                raise UsageError(
                    f"The results of {run.name} on {key} have {name}, which cannot be computed "
                    f"here: {error.what}",
                    "Install the package that adds it, or drop it with --force.",
                ) from error
    return replace(options, metrics=tuple(dict.fromkeys((*options.metrics, *kept))))


def kept_ranks(run: Run, data: Dataset | str, options: EvalOptions) -> Results:
    """The results whose stored ranks give the requested metrics.

    Args:
        run: the run.
        data: the set; for an imported run, possibly the name of one that is not prepared here.
        options: the request; `EvalOptions.metrics` is not empty.

    Raises:
        NotKept: there are none: results are missing, damaged, of another model or other texts,
            cover less than requested, or have ranks less deep than a cut-off.
        UsageError: a metric is unknown, or the set has no such split, setting or language.
        StateError: the model was changed after its training.
    """
    for name in options.metrics:
        parse_metric(name)
    key, split = (data, "") if isinstance(data, str) else results_key(data, options.split)
    if options.force:
        raise NotKept("--force asks for it")
    if options.ranking_depth is not None or options.whole:
        raise NotKept("rankings are requested")
    try:
        results = read_results(run, key)
        results.info.check_config(run)
        results.relevant()
    except (StateError, DataError) as error:
        raise NotKept(error.what.removesuffix(".")) from error
    if results.values.columns != list(RESULTS):
        raise NotKept(f"the results on {key} are from a build that stored less")
    _check_made_of(results, data, options)
    if isinstance(data, Dataset):
        _check_covers(results.info, data, split, options)
    _check_depth(results, data, options.metrics)
    return results


def _check_made_of(results: Results, data: Dataset | str, options: EvalOptions) -> None:
    run, info = results.run, results.info
    if isinstance(data, Dataset) and info.fingerprint != data.info.fingerprint:
        raise NotKept(f"the results on {results.key} are of another version of the set")
    kind = run.kind
    search = kind if kind in {BM25, IMPORTED} else _WAYS[options.ann]
    if info.search != search:
        raise NotKept(f"the results on {results.key} were found by another search: {info.search}")
    # If the model was deleted, its results remain valid.
    if info.model_sha256 and model_folder(run).is_dir() and info.model_sha256 != model_sha256(run):
        raise NotKept(f"the results on {results.key} are of another model")


def _check_covers(info: ResultsInfo, dataset: Dataset, split: str, options: EvalOptions) -> None:
    if info.search != IMPORTED and info.depth != search_depth(dataset, options):
        raise NotKept(f"rankings of {dataset.name} have another depth now")
    if info.search == IMPORTED and options.settings is options.languages is None:
        return
    every = dataset.info.counts.get("splits", {}).get(split, {})
    lacking = set(options.languages or every) - set(info.query_languages)
    lacking |= set(choose_settings(dataset, options.settings)) - set(info.settings)
    if lacking:
        raise NotKept(f"the results on {dataset.name} are without {listed(sorted(lacking))}")


def _check_depth(results: Results, data: Dataset | str, metrics: Sequence[str]) -> None:
    info = results.info
    reach = info.reach
    if info.search == IMPORTED:  # imported files were stored down to the set's depth
        depth = None if isinstance(data, str) else data.info.depth
        reach = float("inf") if depth is None else max(depth, info.searched or 0)
    for name in metrics:
        cutoff = parse_metric(name).cutoff or 0
        if name not in info.metrics and cutoff > reach:
            raise NotKept(
                f"{name} needs more than the {reach:,.0f} hits whose ranks the results on "
                f"{results.key} keep"
            )


def add_metrics(results: Results, metrics: Sequence[str]) -> Results:
    """Add metrics to results from their stored ranks; existing values stay.

    The caller holds the run's lock. The results on disk are the old or the new ones, even after a
    kill.

    Args:
        results: of `kept_ranks`.
        metrics: names for `hybench.metrics.measure.parse_metric`.

    Raises:
        StateError: the run's folder cannot be written.
        DataError: the results have changed since.
    """
    run, key = results.run, results.key
    with replacing_results(run, key):
        results = read_results(run, key)
        info = results.info
        new = [name for name in dict.fromkeys(metrics) if name not in info.metrics]
        if not new:
            return results
        # What is stored as a measure of language bias in one pool is asked for in all settings.
        others = results.values.filter(~pl.col("metric").is_in(new))
        values = pl.concat([others, kept_values(results, new)])
        values = values.sort("setting", "query_lang", "corpus_lang", maintain_order=True)
        info = replace(info, metrics=(*info.metrics, *new))
        info = write_results(run, key, values, info)
        return Results(run, key, info, values)


def kept_values(results: Results, metrics: Sequence[str]) -> pl.DataFrame:
    """Rows of the table of results: values of metrics for every query, from the stored ranks.

    Raises:
        DataError: the ranks are missing or damaged.
    """
    info = results.info
    queries = results.values.filter(pl.col("metric") == info.metrics[0])
    judged = queries.select(*_SEARCH, "source_id").join(
        results.relevant().select(*_SEARCH, "relevance", "rank").collect(),
        on=_SEARCH, how="left", maintain_order="left_right",
    )  # fmt: skip
    ends = metric_ends(metrics, (), info.depth) if info.searched else {}
    values = evaluate_ranks(judged, metrics, by=(*_SEARCH, "source_id"), ends=ends)
    return values.select(*RESULTS)


def cannot_search(run: Run, metrics: Sequence[str], reason: str) -> HybenchError:
    """The error for an imported run that would have to be searched."""
    return UsageError(
        f"{listed(metrics)} of {run.name}: {reason}, and an imported run cannot be searched.",
        f"Import its rankings again, with --metrics {','.join(metrics)} --force.",
    )
