"""The inputs of a training, with all checks of the request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hybench.concurrency.progress import ProgressCallback, ignore
from hybench.config.train import TrainConfig
from hybench.data.dataset import Dataset, open_datasets
from hybench.data.weighted import open_training_sets
from hybench.encoders.devices import resolve_device
from hybench.encoders.encoder import Encoder
from hybench.encoders.loading import load_encoder
from hybench.errors import StateError, UsageError
from hybench.objectives import OBJECTIVES
from hybench.runs.events import first_event, training_fingerprints
from hybench.runs.run import CACHE, Run
from hybench.training.alphas import check_decides
from hybench.training.batches import batch_sampler
from hybench.training.corpus import PairTexts, read_pair_texts
from hybench.training.distributed.group import ALONE, ProcessGroup
from hybench.training.exposure import steps_to_show
from hybench.training.lists.reading import ReadLists, check_same_lists, read_lists
from hybench.training.student import make_student
from hybench.training.validation import ValidationSet, validation_set


@dataclass(frozen=True)
class Materials:
    """The inputs of a training, before it starts.

    Attributes:
        config: the requested config; its steps are those that its `examples` take.
        datasets: the training sets.
        device: where it trains: cpu, cuda or cuda:N.
        texts: their pairs.
        student: the untrained encoder.
        held_out: validation sets, of the process that validates.
        teachers: the teachers that the config names, by name.
        lists: the lists beside queries that it names; None if it names none.
    """

    config: TrainConfig
    datasets: Sequence[Dataset]
    device: str
    texts: PairTexts
    student: Encoder
    held_out: Sequence[ValidationSet]
    teachers: Mapping[str, Encoder]
    lists: ReadLists | None


def materials(
    config: TrainConfig,
    run: Run,
    data_root: Path,
    *,
    device: str = "auto",
    resume: bool = False,
    force: bool = False,
    group: ProcessGroup = ALONE,
    scratch: Path | None = None,
    progress: ProgressCallback = ignore,
) -> Materials:
    """Load the inputs of a training, and check the request completely.

    Only a vocabulary and tokens are written, to the cache next to the run; with `scratch`, only a
    vocabulary, to it.

    Args:
        config: a resolved config.
        run: as for `hybench.training.train.train`.
        data_root: likewise.
        device: likewise.
        resume: likewise.
        force: likewise.
        group: likewise.
        scratch: a folder for temporary files; None for the cache.
        progress: receives progress reports where the encoder is made from another model.

    Raises:
        UsageError: config, data and device do not fit together, or there is nothing to resume.
        StateError: the run already exists, or the data has changed since it was started.
    """
    OBJECTIVES[config.objective]  # an encoder of another package may not load
    datasets = open_training_sets(config.data, data_root)
    if group.leads:
        check_new_or_resumed(config, run, datasets, resume, force)
    where = resolve_device(device)
    texts = read_pair_texts(datasets, config)
    lists = read_lists(config, datasets, data_root, texts)
    texts = texts if lists is None else lists.texts
    if resume and group.leads:
        check_same_lists(lists, run.events_file)
    config = _with_steps(config, texts)
    cache = run.path.parent / CACHE
    with group.leader_first():  # it learns the vocabulary
        student = make_student(config, datasets, cache, where, scratch, progress)
    if resume and group.leads:
        _check_same_start(run, student)
    held_out = []
    if group.leads:
        kept = cache if scratch is None else None
        held_out = _validation_sets(config, datasets, data_root, student, kept)
        check_decides(config, held_out)
    teachers = {name: load_encoder(name, where, config.teacher_options) for name in config.teachers}
    return Materials(config, datasets, where, texts, student, held_out, teachers, lists)


def _with_steps(config: TrainConfig, texts: PairTexts) -> TrainConfig:
    """The config with the steps that its examples take; unchanged if it has no examples.

    Raises:
        UsageError: the texts have no pairs for its kinds of batches.
    """
    sampler = batch_sampler(config, texts)
    if config.examples is None:
        return config
    return replace(config, steps=steps_to_show(sampler, config.examples, config.accumulation))


def check_new_or_resumed(
    config: TrainConfig, run: Run, datasets: Sequence[Dataset], resume: bool, force: bool
) -> None:
    """Check that a training has its own folder, or resumes with the same config and data.

    Raises:
        UsageError: there is nothing to resume, or its config is another.
        StateError: the folder exists and may not be replaced, or the data has changed.
    """
    if not resume:
        if run.exists() and not force:
            raise StateError(
                f"Run {run.name} already exists ({run.path}).",
                "Continue with --resume, choose another --name, or replace it with --force.",
            )
        return
    if not run.config_file.is_file():
        raise UsageError(f"There is no run {run.name} to resume.", "Train without --resume.")
    if run.train_config().asked != config.asked:
        raise UsageError(
            f"Run {run.name} was started with another config.",
            f"Resume with the values of {run.config_file}, or train under another --name.",
        )
    _check_same_data(run, datasets)


def _check_same_data(run: Run, datasets: Sequence[Dataset]) -> None:
    """Check that the sets are those that the run started on: others would give other batches."""
    begun = training_fingerprints(run.events_file)
    for dataset in datasets:
        if begun.get(dataset.name, dataset.info.fingerprint) != dataset.info.fingerprint:
            raise StateError(
                f"Data set {dataset.name} has changed since run {run.name} was started.",
                "Prepare it as it was, or train on the new one under another --name.",
            )


def _check_same_start(run: Run, student: Encoder) -> None:
    """Check that the encoder is the one that the run started from.

    Raises:
        StateError: its files have changed since.
    """
    checkpoint = student.origins.checkpoint
    begun = first_event(run.events_file, "encoder").get("digest")
    if checkpoint is not None and begun not in {None, checkpoint.digest}:
        raise StateError(
            f"{checkpoint.name} has changed since run {run.name} was started from it.",
            "Restore it, or train on the new one under another --name.",
        )


def _validation_sets(
    config: TrainConfig,
    datasets: Sequence[Dataset],
    root: Path,
    encoder: Encoder,
    cache: Path | None,
) -> list[ValidationSet]:
    """Sets whose dev split chooses the checkpoint.

    Without ``--validation``: those training sets that have both dev and test queries. A set that is
    reported on dev, such as MIRACL, is only used if it is named.
    """
    if config.validate_every == 0:
        return []
    if config.validation:
        [named] = open_datasets([config.validation], root)
        if "dev" not in named.splits:
            raise UsageError(
                f"--validation {named.name} has no dev split.",
                f"Its splits: {' '.join(named.splits) or 'none'}.",
            )
        chosen = [named]
    else:
        chosen = [item for item in datasets if {"dev", "test"} <= set(item.splits)]
    return [validation_set(item, encoder, config.languages, cache=cache) for item in chosen]
