"""``hybench.train``: a retriever from a config and prepared sets."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.api.naming import FolderName, the_folder, the_options
from hybench.api.shown import Shown
from hybench.api.starting import with_start
from hybench.concurrency.progress import ProgressCallback, ignore
from hybench.config.train import TrainConfig
from hybench.errors import HybenchError, UsageError
from hybench.runs.events import Event, read_events
from hybench.runs.named import open_run
from hybench.runs.run import BM25, Run
from hybench.values.names import check_name, folder_named
from hybench.values.typed import typed
from hybench.wording.amounts import number
from hybench.wording.commands import DATA_DIR, RUNS_DIR
from hybench.wording.text_table import NOT_RUN, Entry, Line, Sheet

if TYPE_CHECKING:
    import polars as pl

    from hybench.training.estimate import Estimate

_COLUMNS = ("step", "event", "loss", "lr", "grad_norm", "examples", "tokens", "seconds", "score")


@dataclass(frozen=True, repr=False)
class Trained(Shown):
    """A training that has ended, or was stopped.

    Attributes:
        run: the run; the other verbs take it.
        config: what it was told, complete.
        interrupted: whether it was stopped before its end, with a checkpoint.
        end: the event that ended it, which its table shows.
    """

    run: Run
    config: TrainConfig
    interrupted: bool = False
    end: Event | None = None

    def to_frame(self) -> pl.DataFrame:
        """The log's steps and validations in their order.

        step (Int64), event (``step`` or ``validation``), loss, lr, grad_norm (Float64), examples,
        tokens (Int64, so far), seconds (Float64, so far), score (Float64, of the dev queries);
        null where an event does not have it.

        Raises:
            UsageError: the run is not there any more.
        """
        import polars as pl

        whole = {"step", "examples", "tokens"}
        schema = {
            name: pl.Int64 if name in whole else pl.String if name == "event" else pl.Float64
            for name in _COLUMNS
        }
        events = read_events(Run.open(self.run.path).events_file).events
        kept = [event for event in events if event["event"] in {"step", "validation"}]
        rows = [tuple(event.get(name) for name in _COLUMNS) for event in kept]
        return pl.DataFrame(rows, schema, orient="row")

    def sheets(self) -> tuple[Sheet, ...]:
        """What the training came to, in one line."""
        done, texts = self.end, (NOT_RUN,) * 5
        if done is not None and done["event"] == "done":
            score = NOT_RUN if done["best_score"] is None else number(done["best_score"])
            texts = (
                f"{done['step']:,}",
                f"{done['examples']:,}",
                f"{done['seconds']:.1f}",
                NOT_RUN if done["best_step"] is None else f"{done['best_step']:,}",
                score,
            )
        header = ("run", "steps", "pairs", "seconds", "best step", "dev score")
        line = Line((Entry(self.run.name), *map(Entry, texts)))
        title = f"{self.run.name} · trained on {', '.join(self.config.data)}"
        return (Sheet(title, header, 1, (line,)),)


def train(
    config: TrainConfig | None = None,
    *,
    name: str | None = None,
    resume: bool = False,
    force: bool = False,
    device: str = "auto",
    processes: int = 1,
    data_dir: FolderName = DATA_DIR,
    runs_dir: FolderName = RUNS_DIR,
    on_event: Callable[[Event], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
    progress: ProgressCallback = ignore,
    lost: Callable[[HybenchError], object] = lambda _: None,
    report_to: Sequence[str] = (),
    unreported: Callable[[str], object] = lambda _: None,
) -> Trained:
    """Train a student: hybrid batches, or distillation.

    Args:
        config: what to train; None goes on with the run of that `name`.
        name: the run's name; None for its arm and seed (`default_name`).
        resume: go on from the run's newest checkpoint; `config` must be the run's own, or None.
        force: replace the run of that name.
        device: auto, cpu, cuda or cuda:N.
        processes: that share every batch, started on this machine.
        data_dir: folder of the prepared sets.
        runs_dir: folder of the runs.
        on_event: called with each event as it is logged: steps, validations, alarms.
        stop: asked after every step; True makes a checkpoint and ends.
        progress: called while texts are tokenised and a teacher encodes.
        lost: told, in a thread, where another process has ended and this one waits for it.
        report_to: experiment trackers that get the events, too: ``tensorboard``, ``trackio``,
            ``wandb``.
        unreported: told what went wrong with a tracker, which is left out from then on.

    Raises:
        UsageError: config, data and device do not fit together, there is nothing to resume, or a
            tracker is not installed.
        StateError: the run exists already, or another process works on it.
        TrainingError: the loss became NaN or infinite, or a process has ended.
    """
    from hybench.runs.tracking import check_sinks, tracked
    from hybench.training.distributed.launch import train_together
    from hybench.training.distributed.place import Place

    run, config = the_training(config, name, runs_dir, resume=resume)
    check_sinks(report_to)
    events = train_together(
        config,
        run,
        the_folder(data_dir),
        processes,
        device=device,
        resume=resume,
        force=force,
        stop=stop,
        progress=progress,
        lost=lost,
    )
    place = Place.from_environment()
    if place is None or place.rank == 0:
        events = tracked(events, run, config, report_to, unreported)
    event: Event | None = None
    for event in events:
        if on_event is not None:
            on_event(event)
    interrupted = event is not None and event["event"] == "interrupted"
    return Trained(run, config.resolved(), interrupted, event)


def plan_training(
    config: TrainConfig | None = None,
    *,
    name: str | None = None,
    resume: bool = False,
    force: bool = False,
    device: str = "auto",
    processes: int = 1,
    data_dir: FolderName = DATA_DIR,
    runs_dir: FolderName = RUNS_DIR,
    progress: ProgressCallback = ignore,
) -> Estimate:
    """What `train` would take, from a few real steps in one process; nothing is written.

    Arguments and errors are those of `train`.
    """
    from hybench.training.distributed.launch import check_processes, first_device
    from hybench.training.estimate import estimate

    run, config = the_training(config, name, runs_dir, resume=resume)
    check_processes(processes)
    return estimate(
        config,
        run,
        the_folder(data_dir),
        first_device(processes, device),
        resume=resume,
        force=force,
        progress=progress,
    )


def the_training(
    config: TrainConfig | None, name: str | None, runs_dir: FolderName, *, resume: bool
) -> tuple[Run, TrainConfig]:
    """The run that is to be made or gone on with, and its config.

    Raises:
        UsageError: there is neither a config nor a run to resume, or the config is not that run's.
    """
    root = the_folder(runs_dir)
    if name is not None:
        name = typed(name, str, "name")
    if config is not None:
        config = with_start(the_options(config, TrainConfig), root)
    if name is None and config is None:
        raise UsageError("There is nothing to train.", "Give a TrainConfig, or a name to resume.")
    named = name or default_name(config or TrainConfig())
    if not resume:
        if config is None:
            raise UsageError(f"There is no config for {named}.", "Give a TrainConfig, or resume.")
        return new_run(named, root), config
    run, own = config_to_resume(named, root)
    if config is not None:
        _check_same(run, own, config)
    return run, own


def config_to_resume(name: str, runs_dir: FolderName) -> tuple[Run, TrainConfig]:
    """A training that is there, and what it was told.

    Raises:
        UsageError: there is no such run, or it is not a training.
        DataError: its config is damaged.
    """
    from hybench.training.train import resume_config

    run = open_run(name, the_folder(runs_dir))
    return run, resume_config(run)


def new_run(name: str, runs_dir: Path) -> Run:
    """The run that a name means, there or not.

    Raises:
        UsageError: no run can have that name.
    """
    path = folder_named(name, runs_dir)
    if check_name(path.name, "--name") == BM25:
        raise UsageError(
            f"--name {BM25} is kept for the baseline (hybench eval {BM25}).", "Choose another."
        )
    return Run(path)


def default_name(config: TrainConfig) -> str:
    """A run's name where none is given: its arm and its seed."""
    if config.strategy == "distill":
        arm = f"distill-{config.objective}"
        if config.contrastive_weight:
            arm += "+hybrid"
    elif config.mixing == "example":
        arm = f"example-{config.alpha:g}"
    else:
        names = {1.0: "mono", 0.0: "cross", 0.5: "hybrid"}
        arm = names.get(config.alpha, f"hybrid-{config.alpha:g}")
    if config.hard_negatives:
        arm += "+negatives"
    for text in filter(None, (config.alpha_schedule, _drawn(config))):
        arm += "-" + re.sub(r"[^\w.=]+", "-", text)
    encoder = "" if config.encoder == TrainConfig.encoder else f"-{Path(config.encoder).name}"
    if config.init is not None:
        encoder += f"-from-{Path(config.init).name}"
    share = "" if config.share == 1 else f"-share{config.share:g}"
    return f"{arm}{encoder}{share}-s{config.seed}"


def _drawn(config: TrainConfig) -> str:
    """How languages are drawn, for a run's name."""
    return f"tau{config.language_temperature:g}" if config.language_temperature else ""


def _check_same(run: Run, own: TrainConfig, asked: TrainConfig) -> None:
    """Refuse to go on with another config than the run was begun with.

    Raises:
        UsageError: naming the first field that differs.
    """
    for item in fields(TrainConfig):
        ours, theirs = (getattr(each.asked, item.name) for each in (own, asked.resolved()))
        if ours != theirs:
            raise UsageError(
                f"--resume: run {run.name} was begun with {item.name} = {ours!r}, not {theirs!r}.",
                "Resume it without that flag, or train under another --name.",
            )
