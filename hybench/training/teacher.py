"""The English teacher that a distillation trains first: its config, its run and its cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hybench.config.choices import TEACHER_LANGUAGE
from hybench.config.consistency import OF_DISTILLATION
from hybench.config.lists import OF_LISTS
from hybench.config.train import TrainConfig
from hybench.data.weighted import open_training_sets
from hybench.files.documents import sha256_json
from hybench.runs.events import read_events
from hybench.runs.run import Run

_COST = ("step", "examples", "tokens", "seconds", "memory_mb", "flops", "joules", "power")


@dataclass(frozen=True)
class EnglishTeacher:
    """The teacher of a distillation without ``--teacher``, trained first or already trained.

    Attributes:
        config: of its training, resolved.
        run: the run of its training; distillations with the same config and data share it.
    """

    config: TrainConfig
    run: Run

    @classmethod
    def of(cls, config: TrainConfig, folder: Path, data_root: Path) -> EnglishTeacher:
        """The teacher of a distillation, trained or not.

        Args:
            config: of the distillation, resolved, without a teacher.
            folder: of the distillation's run.
            data_root: folder of the prepared sets.

        Raises:
            UsageError: a data set does not exist.
        """
        own = english_teacher_config(config)
        sets = open_training_sets(config.data, data_root)
        fingerprints = [item.info.fingerprint for item in sets]
        digest = sha256_json([own.to_toml(), fingerprints])[:16]
        return cls(own, Run(folder / ".teachers" / digest))

    @property
    def is_saved(self) -> bool:
        """Whether its training is complete."""
        return (self.run.model / "modules.json").is_file()

    def cost(self) -> dict[str, object] | None:
        """The cost of its training, from its last event; None if it was stopped."""
        events = read_events(self.run.events_file).events
        done = [event for event in events if event["event"] == "done"]
        return {name: done[-1].get(name) for name in _COST} if done else None


def english_teacher_config(config: TrainConfig) -> TrainConfig:
    """The config of the English teacher that a distillation without ``--teacher`` trains first.

    The same encoder, data, steps (or examples) and batch as the student's, only on the English
    pairs.
    """
    none: dict[str, Any] = dict.fromkeys((*OF_DISTILLATION, *OF_LISTS))
    return replace(
        config.asked,
        strategy="hybrid",
        alpha=1.0,
        alpha_schedule=None,
        mixing="batch",
        objective=TrainConfig.objective,
        contrastive_weight=0.0,
        **none,
        languages=(TEACHER_LANGUAGE,),
        language_temperature=None,
        pivot="",
        scarce=(TEACHER_LANGUAGE,) if TEACHER_LANGUAGE in config.scarce else (),
        share=config.share if TEACHER_LANGUAGE in config.scarce else 1.0,
        first_batch=None,
        checkpoint_every=0,
        keep_checkpoints=1,
    )


def teacher_to_train(config: TrainConfig, folder: Path, data_root: Path) -> EnglishTeacher | None:
    """The English teacher that a training trains first; None if there is none to train.

    Args:
        config: a resolved config.
        folder: of the training's run.
        data_root: folder of the prepared sets.

    Raises:
        UsageError: a data set does not exist.
    """
    if not config.has_teacher or config.teacher:
        return None
    teacher = EnglishTeacher.of(config, folder, data_root)
    return None if teacher.is_saved else teacher
