"""``hybench train`` and ``hybench batches``; their options are the fields of `TrainConfig`."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import fields, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from hybench.cli.fields import parameters, with_parameters
from hybench.cli.layers import EXPLICIT, Source, source
from hybench.cli.options import DataDir, Device, DryRun, ReportTo, RunsDir, option, split_list
from hybench.cli.state import console
from hybench.cli.training import Job
from hybench.config.config_file import read_config
from hybench.config.train import TrainConfig
from hybench.encoders.kinds import (
    ENCODERS,
    STATIC_CHECKPOINT_DEFAULTS,
    TRANSFORMER_CHECKPOINT_DEFAULTS,
    Defaults,
)
from hybench.errors import DataError, UsageError
from hybench.objectives import OBJECTIVES
from hybench.registry import Registry
from hybench.values.weights import set_names
from hybench.wording.commands import DATA_DIR, RUNS_DIR, evaluating


class ConfigCommand(TyperCommand):
    """A command with an option per config field.

    Help from the registries is added when click asks for the options: it takes a scan of all
    installed packages.
    """

    def get_params(self, ctx: Any) -> list[Any]:
        """The command's parameters, as click asks for them."""
        for item in self.params:
            _complete(item)
        return super().get_params(ctx)


def _complete(shown: Any) -> None:
    """Add to an option's help what only the registries know."""
    if shown.name == "encoder":
        shown.help = f"{_each(ENCODERS)} Else a checkpoint's directory or hub id."
    elif shown.name == "objective":
        shown.metavar = f"<{'|'.join(OBJECTIVES)}>"
        shown.help = f"What the student matches (distill). {_each(OBJECTIVES)}"
    elif shown.name in _OF_ENCODERS:
        kinds = ENCODERS.loadable()
        defaults = {name: kind.defaults for name, kind in kinds.items()}
        defaults["checkpoints"] = TRANSFORMER_CHECKPOINT_DEFAULTS
        defaults["static checkpoints"] = STATIC_CHECKPOINT_DEFAULTS
        made = {f"{name} --init": kind.distilled for name, kind in kinds.items()}
        defaults |= {name: own for name, own in made.items() if own is not None}
        values = {name: getattr(own, shown.name) for name, own in defaults.items()}
        shown.show_default = ", ".join(
            f"{name} {'their own' if value is None else repr(value)}"
            for name, value in values.items()
        )


def _each(registry: Registry[Any]) -> str:
    """A description of each item, for a help."""
    return " ".join(f"{name}: {item.help}" for name, item in registry.loadable().items())


_OF_ENCODERS = frozenset(item.name for item in fields(Defaults))


def with_config_options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command one option per config field; it takes them as ``**given``."""
    return with_parameters(function, parameters(TrainConfig))


def _given(
    context: typer.Context, values: dict[str, Any], layers: Collection[Source]
) -> dict[str, Any]:
    """The config fields set by one of these layers, lists as tuples."""
    given = {
        name: (split_list(value) or ()) if isinstance(value, list) else value
        for name, value in values.items()
        if source(context, name) in layers
    }
    return _one_length(context, given)


def _one_length(context: typer.Context, given: dict[str, Any]) -> dict[str, Any]:
    """The given fields with either steps or examples; those of this call take precedence.

    Raises:
        UsageError: both are given.
    """
    lengths = [name for name in ("steps", "examples") if name in given]
    if len(lengths) > 1:
        lengths = [name for name in lengths if source(context, name) in EXPLICIT]
        if len(lengths) != 1:
            raise UsageError(
                "--steps and --examples are both given.",
                "Omit one: the steps follow from the examples.",
            )
    kept = {name: given[name] for name in given if name not in {"steps", "examples"} - {*lengths}}
    return kept | ({"examples": None} if lengths == ["steps"] else {})


def _config(context: typer.Context, values: dict[str, Any], file: Path | None) -> TrainConfig:
    try:
        base = TrainConfig() if file is None else read_config(file)
    except DataError as error:  # a wrong value in a flag's file is a usage error
        raise UsageError(f"--config: {error.what}", error.do) from error
    # A config that is named for this call takes precedence over the project's settings.
    named = source(context, "config_file") in EXPLICIT
    layers = EXPLICIT if named else (*EXPLICIT, "file")
    config = replace(base, **_given(context, values, layers))
    flags = _given(context, values, EXPLICIT[:1])
    for name in ("objective", "contrastive_weight"):  # whose values without it are defaults
        if name in flags and config.strategy != "distill":
            raise UsageError(
                f"--{name.replace('_', '-')} is given, but --strategy {config.strategy} has no "
                "teacher.",
                "Omit it, or add --strategy distill.",
            )
    return config


ConfigFile = Annotated[
    Path | None, option("--config", help="A config.toml to start from; flags override it.")
]


@with_config_options
def train(
    context: typer.Context,
    *,
    name: Annotated[
        str | None, option(help="The run's name; by default its arm and its seed.")
    ] = None,
    config_file: ConfigFile = None,
    resume: Annotated[
        bool, option("--resume", help="Resume from the run's last checkpoint.")
    ] = False,
    force: Annotated[bool, option("--force", help="Replace the run of that name.")] = False,
    dry_run: DryRun = False,
    device: Device = "auto",
    processes: Annotated[
        int, option(help="Processes that share every batch; on GPUs, each has its own.")
    ] = 1,
    report_to: ReportTo = None,
    data_dir: DataDir = DATA_DIR,
    runs_dir: RunsDir = RUNS_DIR,
    **given: Any,
) -> None:
    """Train a retriever: hybrid batches, or distillation.

    With torchrun (torchrun --nproc-per-node 4 -m hybench train ...), also on several machines.
    """
    if resume:
        name, config = _resumed(context, name, runs_dir, given, config_file)
    else:
        config = _config(context, given, config_file)
    job = Job(config, name, resume, force, device, processes, data_dir, runs_dir)
    if dry_run:
        job.show_plan()
        console.talk("Next: the same command without --dry-run")
        return
    run = job.train(tuple(report_to or ()))
    console.talk(f"Next: {evaluating(run.path, set_names(config.data)[0], data_dir)}")


def _resumed(
    context: typer.Context,
    name: str | None,
    runs_dir: Path,
    given: dict[str, Any],
    config_file: Path | None,
) -> tuple[str, TrainConfig]:
    """The run to resume, and the requested config: flags may repeat the run's, not change it.

    The nearest hybench.toml is used only to find the run, whose config was fixed at its start.
    """
    from hybench.api.training import config_to_resume, default_name
    from hybench.runs.status import ELSEWHERE, RunWatch

    if name is None:
        name = default_name(_config(context, given, config_file))
    run, own = config_to_resume(name, runs_dir)
    if RunWatch(run).look().state == ELSEWHERE:
        console.warn(
            f"{run.name} may be training on another machine: its log has an event of the last "
            "minute, and no process here works on it."
        )
    if source(context, "config_file") in EXPLICIT:
        return name, _config(context, given, config_file)
    return name, replace(own, **_given(context, given, EXPLICIT))


@with_config_options
def batches(
    context: typer.Context,
    *,
    first: Annotated[int, option(help="First batch to show, from 0.")] = 0,
    count: Annotated[int, option(help="Number of batches to show.")] = 1,
    show: Annotated[int, option(help="Examples of each batch to print.")] = 8,
    summary: Annotated[
        bool, option("--summary", help="Count kinds and languages instead of examples.")
    ] = False,
    config_file: ConfigFile = None,
    data_dir: DataDir = DATA_DIR,
    **given: Any,
) -> None:
    """Show the batches of a training with these options."""
    from hybench.cli.batches import show_batches

    show_batches(_config(context, given, config_file), data_dir, first, count, show, summary)
    console.talk("Next: hybench train, with the same options")
