"""One cell of a study: does the training, indexing and evaluation that are not done yet."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from hybench.concurrency.progress import Progress, ProgressCallback
from hybench.config.train import TrainConfig
from hybench.errors import DivergedError
from hybench.files.locks import holding
from hybench.runs.run import CACHE, Run
from hybench.studies.done import Evaluation, is_evaluated, is_trained
from hybench.studies.keeping import drop, drop_unkept
from hybench.studies.plan import BM25, CHECKPOINTS, MODELS, VECTORS
from hybench.studies.stages import Stage, chain
from hybench.wording.amounts import number

_MOST_KEPT = 1_000_000
"""Passages of a set whose tokens a study keeps, for all cells with the same tokenizer: some 500 MB.
"""


@dataclass(frozen=True)
class Place:
    """The folders of a study, and who else hears of its trainings.

    Attributes:
        folder: of its runs.
        data_dir: of the prepared data sets.
        report_to: experiment trackers, by the names of `hybench.sinks`.
    """

    folder: Path
    data_dir: Path
    report_to: tuple[str, ...] = ()

    def run(self, name: str) -> Run:
        """The run of a cell, which may not exist yet."""
        return Run(self.folder / name)


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
    keep: Collection[str] = (VECTORS, MODELS),
    make: Callable[[], None] | None = None,
) -> None:
    """Do the remaining work of a cell.

    Args:
        name: of its run.
        configs: what to train, stage after stage; empty for BM25 and for what is made otherwise.
        place: folders of the study.
        evaluated: what to evaluate on.
        device: auto, cpu, cuda or cuda:N.
        stop: called after every step and between evaluations.
        progress: called during the work.
        seconds: receives the time of each kind of work, also when it fails.
        keep: what is kept when all is done, see `hybench.studies.keeping`.
        make: makes the run's model, or leaves it if it is made, where nothing is trained.

    Raises:
        Interrupted: `stop` returned true.
        HybenchError: as training and evaluation do.
    """
    run = place.run(name)
    stages = chain(place.folder, name, configs)
    if not (stages and is_trained(run, stages[-1].config)):
        for stage in stages:
            _train_stage(stage, stage.run == run, place, device, stop, progress, seconds, keep)
    if make is not None:
        with _timing(seconds, "derive"):
            make()
    has_model = bool(stages) or make is not None
    left = [each for each in evaluated if not is_evaluated(run, each)]
    if left:
        with run.lock():
            _evaluate(run, has_model, place, left, device, stop, progress, seconds)
    drop_unkept(run, keep)


def try_out(
    name: str,
    configs: Sequence[TrainConfig],
    place: Place,
    evaluated: tuple[Evaluation, ...],
    device: str,
    stop: Callable[[], bool],
    progress: ProgressCallback,
    seconds: dict[str, float],
    *,
    keep: Collection[str] = (),
) -> None:
    """Do the work of a trial, of which only the dev score is kept; one that diverges has ended.

    Arguments and errors are those of `work_on`.
    """
    with suppress(DivergedError):
        work_on(name, configs, place, evaluated, device, stop, progress, seconds, keep=keep)
    drop_unkept(place.run(name), keep)


def _train_stage(
    stage: Stage,
    last: bool,
    place: Place,
    device: str,
    stop: Callable[[], bool],
    progress: ProgressCallback,
    seconds: dict[str, float],
    keep: Collection[str],
) -> None:
    """Train a stage, unless it is trained; of cells that share one, one trains and others wait."""
    lock = stage.run.path.with_suffix(".lock")
    with nullcontext() if last else holding(lock, "a stage", wait=True):
        if is_trained(stage.run, stage.config):
            return
        with _timing(seconds, "train"):
            _train(stage.run, stage.config, place, device, stop, progress)
        if not last and CHECKPOINTS not in keep:
            drop(stage.run.checkpoints)


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
    from hybench.runs.tracking import tracked
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
    events = tracked(events, run, config, place.report_to, _complain)
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


def _complain(what: str) -> None:
    """Say in the cell's log that a tracker has failed."""
    sys.stderr.write(what + "\n")


def _evaluate(
    run: Run,
    has_model: bool,
    place: Place,
    evaluated: Sequence[Evaluation],
    device: str,
    stop: Callable[[], bool],
    progress: ProgressCallback,
    seconds: dict[str, float],
) -> None:
    """Evaluate a cell, its model loaded once."""
    from hybench.encoders.devices import resolve_device
    from hybench.encoders.loading import load_encoder
    from hybench.evaluation.bm25.baseline import Bm25Options, evaluate_bm25
    from hybench.evaluation.evaluate import evaluate
    from hybench.evaluation.scope import EvalOptions

    where = resolve_device(device) if has_model else "cpu"
    encoder = None
    for evaluation in evaluated:
        if stop():
            raise Interrupted
        options = EvalOptions(
            evaluation.split,
            evaluation.settings,
            device=where,
            force=True,  # a study's results follow its file
            data_root=place.data_dir,
        )
        with _timing(seconds, f"eval {evaluation.key}"):
            if not has_model:
                bm25 = Bm25Options(name=BM25, evaluation=options)
                evaluate_bm25(place.folder, evaluation.dataset, bm25, progress)
                continue
            encoder = encoder or load_encoder(run.model, where)
            encoder.use_precision(evaluation.precision)
            passages = sum(evaluation.dataset.info.counts["passages"].values())
            encoder.token_cache = place.folder / CACHE if passages <= _MOST_KEPT else None
            evaluate(run, evaluation.dataset, encoder, options, progress)
