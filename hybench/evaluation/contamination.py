"""Counts the evaluated queries that a model was trained on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from hybench.config.train import TrainConfig
from hybench.data.dataset import Dataset, open_datasets
from hybench.data.folding import folded
from hybench.errors import HybenchError
from hybench.evaluation.plan import Plan
from hybench.runs.events import training_fingerprints
from hybench.runs.run import Run


def trained_queries(
    run: Run, dataset: Dataset, plan: Plan, data_root: Path
) -> dict[str, int] | None:
    """Count the planned queries with the text of a training query, by language.

    Texts are compared as `folded` has them, with the training pairs of all languages; ids are
    not, since a set may number the same questions otherwise. Translations of a training query are
    other texts. Memory grows with the planned queries, not with the pairs.

    Args:
        run: the run.
        dataset: the evaluated set.
        plan: the evaluated queries.
        data_root: folder of the prepared sets, where the training sets are found by name.

    Returns:
        Queries, each counted once, by language; languages with none omitted. None if the training
        data are unknown: the run is not a training run, or its data are missing, damaged or
        changed.
    """
    try:
        trained = _Trained.of(run, data_root)
        if trained is None:
            return None
        asked = _texts(dataset, plan)
        known = asked.lazy().select("text").unique()
        found = [asked.select("text").clear()]
        for pairs in trained.pairs():
            texts = pairs.select(folded(pl.col("query")).alias("text"))
            same = texts.join(known, on="text", how="semi").unique()
            found.append(same.collect(engine="streaming"))
    except HybenchError:
        return None
    counts = asked.join(pl.concat(found), on="text", how="semi").group_by("query_lang").len()
    return dict(counts.sort("query_lang").iter_rows())


def _texts(dataset: Dataset, plan: Plan) -> pl.DataFrame:
    """query_lang, text (folded) of the queries that count."""
    return pl.concat(
        dataset.queries(str(language))
        .join(queries, on="query_id", how="semi")
        .select(query_lang=pl.lit(language, dtype=pl.String), text=folded(pl.col("text")))
        for (language,), queries in plan.counted.group_by("query_lang", maintain_order=True)
    )


@dataclass(frozen=True)
class _Trained:
    """The training data of a run.

    Attributes:
        config: its config.
        datasets: its sets, unchanged since.
    """

    config: TrainConfig
    datasets: tuple[Dataset, ...]

    @classmethod
    def of(cls, run: Run, data_root: Path) -> _Trained | None:
        """Open a run's training sets; None if it has none, or they have changed.

        Raises:
            HybenchError: the config or a set cannot be read.
        """
        if run.read_config().get("kind") != "train":
            return None
        config = run.train_config()
        datasets = open_datasets(config.data, data_root)
        begun = training_fingerprints(run.events_file)
        if any(begun.get(each.name) != each.info.fingerprint for each in datasets):
            return None
        return cls(config, tuple(datasets))

    def pairs(self) -> Iterator[pl.LazyFrame]:
        """The training pairs, by set and language."""
        from hybench.training.corpus import trained_rows

        for dataset in self.datasets:
            for language, rows in trained_rows(dataset, self.config).items():
                frame = dataset.scan("pairs", language)
                if rows is not None:
                    kept = pl.Series("row", rows, dtype=pl.UInt32).to_frame().lazy()
                    frame = frame.with_row_index("row").join(kept, on="row", how="semi")
                yield frame
