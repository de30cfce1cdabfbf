"""What of a cell is done: whether it is trained, and evaluated on what a study asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hybench.config.train import TrainConfig
from hybench.data.dataset import Dataset, open_datasets
from hybench.derived.options import DeriveOptions
from hybench.encoders.precision import FP32
from hybench.errors import DataError, StateError, UsageError
from hybench.evaluation.results import ResultsInfo, results_key
from hybench.runs.events import read_events
from hybench.runs.run import Run
from hybench.studies.plan import BM25
from hybench.studies.stages import as_asked


@dataclass(frozen=True)
class Evaluation:
    """One data set that cells are evaluated on.

    Attributes:
        dataset: the set.
        split: of its queries; None for its own.
        settings: in which settings.
        precision: that texts are encoded in.
    """

    dataset: Dataset
    split: str | None
    settings: tuple[str, ...]
    precision: str = FP32

    @property
    def key(self) -> str:
        """Name of the results."""
        return results_key(self.dataset, self.split)[0]


def evaluations(
    data: Sequence[str],
    settings: Sequence[str] | None,
    data_dir: Path,
    precision: str = FP32,
) -> tuple[Evaluation, ...]:
    """Data sets to evaluate on, opened.

    Args:
        data: names below `data_dir`, or folders; ``@split`` if not the set's own.
        settings: those to evaluate, if a set has them; None for all.
        data_dir: folder of the prepared sets.
        precision: that texts are encoded in.

    Raises:
        UsageError: one does not exist, or has no such split or none of the settings.
    """
    found = []
    for each in data:
        name, _, split = each.partition("@")
        [dataset] = open_datasets([name], data_dir)
        dataset.evaluation_split(split or None)
        kept = [one for one in dataset.info.settings if settings is None or one in settings]
        if not kept:
            raise UsageError(
                f"Data set {dataset.name} has none of the settings {' '.join(settings or ())}.",
                f"It has: {' '.join(dataset.info.settings)}.",
            )
        found.append(Evaluation(dataset, split or None, tuple(kept), precision))
    return tuple(found)


def lacking(evaluation: Evaluation, options: DeriveOptions, data_dir: Path) -> tuple[str, ...]:
    """Languages of a set that a derived model does not take; a study does not evaluate it there.

    Args:
        evaluation: of the set.
        options: how the model is derived.
        data_dir: folder of the prepared sets.

    Raises:
        UsageError: the set of the statistics does not exist.
    """
    if not options.by_language or options.data is None:
        return ()
    [statistics] = open_datasets([options.data], data_dir)
    known = options.languages or statistics.table_languages("pairs")
    split = evaluation.dataset.evaluation_split(evaluation.split)
    asked = evaluation.dataset.info.counts.get("splits", {}).get(split, {})
    return tuple(sorted({*evaluation.dataset.table_languages("passages"), *asked} - {*known}))


def is_trained(run: Run, config: TrainConfig) -> bool:
    """Whether the run exists and its training with this config is finished.

    Raises:
        StateError: the run exists and has another config.
    """
    if not run.config_file.is_file():
        return False
    if as_asked(run.train_config().resolved()) != as_asked(config):
        raise StateError(
            f"{run.path} was trained with other options than the study's.",
            "Move it away, or give the study another name.",
        )
    events = read_events(run.events_file).events
    return bool(events) and events[-1]["event"] == "done" and run.model_files.is_file()


def is_evaluated(run: Run, evaluation: Evaluation) -> bool:
    """Whether the run has complete, up-to-date results of exact search on the set."""
    file = run.results_info(evaluation.key)
    if not file.is_file():
        return False
    try:
        info = ResultsInfo.read(file)
    except DataError:
        return False
    if run.model.is_dir():
        from hybench.indexes.reader import model_sha256

        if info.model_sha256 != model_sha256(run):
            return False
    same = info.fingerprint == evaluation.dataset.info.fingerprint
    split = evaluation.dataset.evaluation_split(evaluation.split)
    asked = evaluation.dataset.info.counts.get("splits", {}).get(split, {})
    whole = set(evaluation.settings) <= set(info.settings) and set(asked) <= {*info.query_languages}
    same_search = info.search == BM25 or (
        info.search != "ann" and info.precision == evaluation.precision
    )
    return same and whole and same_search
