"""One cell of a study: does the training, indexing and evaluation that are not done yet."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from hybench.concurrency.progress import Progress, ProgressCallback
from hybench.config.train import TrainConfig
from hybench.data.dataset import Dataset, open_datasets
from hybench.encoders.precision import FP32
from hybench.errors import DataError, StateError, UsageError
from hybench.evaluation.results import ResultsInfo, results_key
from hybench.files.atomic import remove_folder
from hybench.files.locks import holding
from hybench.runs.events import read_events
from hybench.runs.run import Run
from hybench.studies.plan import BM25
from hybench.studies.stages import Stage, as_asked, chain
from hybench.wording.amounts import number


@dataclass(frozen=True)
class Place:
    """The folders of a study.

    Attributes:
        folder: of its runs.
        data_dir: of the prepared data sets.
    """

    folder: Path
    data_dir: Path

    def run(self, name: str) -> Run:
        """The run of a cell, which may not exist yet."""
        return Run(self.folder / name)


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


class Interrupted(Exception):  # noqa: N818 - no error
    """Raised when the caller stopped the work before its end; a checkpoint was written."""


def work_on(
    name: str,
    configs: Sequence[TrainConfig],
    place: Place,
    evaluated: tuple[Evaluation, ...],
    device: str,
    stop: Callable[[], bool],
    progress: ProgressCallback,
    seconds: dict[str, float],
    *,
    keep: bool = False,
) -> None:
    """Do the remaining work of a cell.

    Args:
        name: of its run.
        configs: what to train, stage after stage; empty for BM25.
        place: folders of the study.
        evaluated: what to evaluate on.
        device: auto, cpu, cuda or cuda:N.
        stop: called after every step and between evaluations.
        progress: called during the work.
        seconds: receives the time of each kind of work, also when it fails.
        keep: whether checkpoints are kept when all is done.

    Raises:
        Interrupted: `stop` returned true.
        HybenchError: as training and evaluation do.
    """
    run = place.run(name)
    stages = chain(place.folder, name, configs)
    if not (stages and is_trained(run, stages[-1].config)):
        for stage in stages:
            _train_stage(stage, stage.run == run, place, device, stop, progress, seconds, keep)
    config = stages[-1].config if stages else None
    for evaluation in evaluated:
        if stop():
            raise Interrupted
        if not is_evaluated(run, evaluation):
            with _timing(seconds, f"eval {evaluation.key}"):
                _evaluate(run, config, place, evaluation, device, progress)
    if not keep:
        _drop_checkpoints(run)


def _train_stage(
    stage: Stage,
    last: bool,
    place: Place,
    device: str,
    stop: Callable[[], bool],
    progress: ProgressCallback,
    seconds: dict[str, float],
    keep: bool,
) -> None:
    """Train a stage, unless it is trained; of cells that share one, one trains and others wait."""
    lock = stage.run.path.with_suffix(".lock")
    with nullcontext() if last else holding(lock, "a stage", wait=True):
        if is_trained(stage.run, stage.config):
            return
        with _timing(seconds, "train"):
            _train(stage.run, stage.config, place, device, stop, progress)
        if not (last or keep):
            _drop_checkpoints(stage.run)


def _drop_checkpoints(run: Run) -> None:
    """Delete the checkpoints of a finished training; its model stays."""
    if run.checkpoints.is_dir() and not run.checkpoints.is_symlink():
        remove_folder(run.checkpoints)


@contextmanager
def _timing(seconds: dict[str, float], stage: str) -> Iterator[None]:
    began = time.monotonic()
    try:
        yield
    finally:
        spent = seconds.get(stage, 0.0) + time.monotonic() - began
        seconds[stage] = round(spent, 3)


def _train(
    run: Run,
    config: TrainConfig,
    place: Place,
    device: str,
    stop: Callable[[], bool],
    progress: ProgressCallback,
) -> None:
    from hybench.training.train import train

    resume = run.config_file.is_file()
    events = train(
        run.train_config() if resume else config,
        run,
        place.data_dir,
        device=device,
        resume=resume,
        stop=stop,
        progress=progress,
    )
    last, steps = "", config.steps
    for event in events:
        last, of = event["event"], event.get("of", event)
        if of["event"] == "start":
            steps = of["steps"]
        elif of["event"] == "step":
            what = "teacher" if last == "teacher_training" else "train"
            progress(Progress(what, of["step"], steps, "steps", f"loss {number(of['loss'])}"))
    if last == "interrupted":
        raise Interrupted


def _evaluate(
    run: Run,
    config: TrainConfig | None,
    place: Place,
    evaluation: Evaluation,
    device: str,
    progress: ProgressCallback,
) -> None:
    from hybench.encoders.devices import resolve_device
    from hybench.encoders.loading import load_encoder
    from hybench.evaluation.evaluate import evaluate
    from hybench.evaluation.scope import EvalOptions

    where = "cpu" if config is None else resolve_device(device)
    options = EvalOptions(
        evaluation.split,
        evaluation.settings,
        device=where,
        force=True,  # a study's results follow its file
        data_root=place.data_dir,
    )
    with run.lock():
        if config is None:
            from hybench.evaluation.bm25.baseline import Bm25Options, evaluate_bm25

            bm25 = Bm25Options(name=BM25, evaluation=options)
            evaluate_bm25(place.folder, evaluation.dataset, bm25, progress)
        else:
            encoder = load_encoder(run.model, where)
            encoder.use_precision(evaluation.precision)
            evaluate(run, evaluation.dataset, encoder, options, progress)
