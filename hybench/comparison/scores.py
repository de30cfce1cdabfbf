"""Reads result files into scores that can be paired: one value per run, language and query."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from hybench.data.schema import SETTINGS
from hybench.errors import DataError, StateError
from hybench.evaluation.results import ResultsInfo
from hybench.files.atomic import MANIFEST
from hybench.files.documents import read_json
from hybench.files.tables import scan_table
from hybench.runs.run import Run
from hybench.wording.commands import eval_command

KEYS = ("setting", "query_lang", "corpus_lang", "query_id", "metric")
"""Columns that name one value of a results file."""

SOURCE = "source_id"
"""The column that is the same for translations of one query."""


def read_info(run: Run, key: str) -> ResultsInfo | None:
    """The manifest of the results `key`; None if the run has none.

    Raises:
        DataError: evaluation did not write it in this form.
    """
    path = run.results_info(key)
    return ResultsInfo.read(path) if path.is_file() else None


def check_comparable(infos: Sequence[tuple[str, ResultsInfo]]) -> None:
    """Refuse results on different texts.

    Args:
        infos: names of runs and their manifests, at least one.

    Raises:
        StateError: the data sets' fingerprints differ.
    """
    (first, reference), *others = infos
    for name, info in others:
        if info.fingerprint != reference.fingerprint:
            raise StateError(
                f"{first} and {name} were evaluated on different versions of {info.dataset}.",
                "Evaluate the older one again, on the set as it is now: "
                f"{eval_command(info.dataset)}.",
            )


def check_model(run: Run, key: str, info: ResultsInfo) -> None:
    """Refuse results that do not belong to the run's config or to the model of its index.

    Raises:
        DataError: the config was changed since they were made.
        StateError: the data set has an index in the run, and the results do not belong to it.
    """
    manifests = run.index(info.dataset, "any").parent.glob(f"[!.]*/{MANIFEST}")
    models = {read_json(path).get("model_sha256") for path in manifests}
    if models and info.model_sha256 and info.model_sha256 not in models:
        raise StateError(
            f"The results of run {run.name} on {key} are of another model than its index.",
            f"Evaluate it again: {eval_command(key, run.path)}.",
        )
    info.check_config(run)


def read_results(run: Run, key: str, metrics: Collection[str] | None = None) -> pl.DataFrame:
    """Per-query values of one run.

    Args:
        run: a run with results of `key`.
        key: data set, with ``@split`` if not its own.
        metrics: keep only these; None keeps all.

    Returns:
        Columns setting, query_lang, corpus_lang, query_id, source_id, metric (strings) and value
        (f64). source_id is null in results from before hybench recorded sources.

    Raises:
        DataError: the file is missing, unreadable, or names a value twice.
    """
    path = run.results(key)
    again = f"Evaluate again: {eval_command(key, run.path)}."
    info = ResultsInfo.read(run.results_info(key))
    try:
        lazy = scan_table(info.checked(path))
        named = SOURCE in lazy.collect_schema()
        source = pl.col(SOURCE) if named else pl.lit(None, dtype=pl.String).alias(SOURCE)
        lazy = lazy.select(*KEYS, source, pl.col("value").cast(pl.Float64))
        if metrics is not None:
            lazy = lazy.filter(pl.col("metric").is_in(list(metrics)))
        frame = lazy.collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"{path} cannot be read: {error}.", again) from error
    if frame.select(pl.struct(KEYS).n_unique()).item() != frame.height:
        raise DataError(f"{path} holds two values for one query.", again)
    return frame


def load_scores(results: Sequence[pl.DataFrame | None], setting: str, metric: str) -> pl.DataFrame:
    """Scores of one setting and metric of all runs in one long frame, unpaired.

    Args:
        results: one frame of `read_results` per run, None if a run has none.
        setting: mono, cross or multi.
        metric: its name.

    Returns:
        Columns run (u32, position in `results`), language (the query's), corpus_lang, query_id,
        source_id, value (f64, null and NaN kept). A query's source is taken from any run that has
        it; if none has, queries of one id count as translations.
    """
    wanted = (pl.col("setting") == setting) & (pl.col("metric") == metric)
    frames = [
        frame.filter(wanted).select(
            pl.lit(at, dtype=pl.UInt32).alias("run"),
            pl.col("query_lang").alias("language"),
            "corpus_lang",
            "query_id",
            SOURCE,
            "value",
        )
        for at, frame in enumerate(results)
        if frame is not None
    ]
    scores = pl.concat(frames)
    if scores[SOURCE].has_nulls():
        known = pl.col(SOURCE).max().over("language", "query_id")
        scores = scores.with_columns(pl.coalesce(known, "query_id").alias(SOURCE))
    return scores


def available(results: Sequence[pl.DataFrame | None]) -> list[tuple[str, str]]:
    """The (setting, metric) pairs that any run has: settings in their usual order, then metrics."""
    frames = [frame for frame in results if frame is not None]
    rows = pl.concat([frame.select("setting", "metric").unique() for frame in frames]).unique()
    known = rows.filter(pl.col("setting").is_in(SETTINGS))
    return sorted(known.iter_rows(), key=lambda row: (SETTINGS.index(row[0]), row[1]))
