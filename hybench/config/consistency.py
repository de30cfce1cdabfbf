"""Checks of a training config's fields against each other, without data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hybench.config.alpha import alpha_schedule
from hybench.config.lists import check_lists
from hybench.encoders.kinds import ENCODERS, Shape
from hybench.encoders.named import is_checkpoint
from hybench.errors import UsageError
from hybench.objectives import OBJECTIVES
from hybench.values.checks import flag

_OF_NAMED_TEACHER = (
    "teacher_query_prefix",
    "teacher_passage_prefix",
    "teacher_pooling",
    "teacher_length",
)
OF_DISTILLATION = (
    "more_teachers",
    "teacher_reads",
    "teacher_temperature",
    "distillation_scale",
    "distillation_weight",
)
"""Fields that are None without a teacher."""
_OF_SOFTMAX = ("teacher_temperature", "distillation_scale")
_OF_CHECKPOINTS = ("pooling", "layers", "lora", "attention")


def check_together(values: Mapping[str, Any], shape: Callable[[], Shape], reads: str) -> None:
    """Refuse fields that do not fit together.

    Args:
        values: the config's fields.
        shape: gives the shape of an encoder that is made here.
        reads: the language that every training pair must exist in; empty for none.

    Raises:
        UsageError: naming the flags, and what to do.
    """
    _check_encoder(values, shape)
    _check_alpha(values)
    if values["layer_decay"] is not None and values["optimizer"] == "lazy-adamw":
        raise UsageError(
            "--layer-decay is given with --optimizer lazy-adamw.",
            "Use --optimizer adamw: the deferred updates have one rate for all tables.",
        )
    if values["share"] < 1 and not values["scarce"]:
        raise UsageError(
            f"--share is {values['share']:g}, but no language is scarce.",
            "Name the scarce languages: --scarce yo,sw.",
        )
    if values["strategy"] == "distill" and values["pivot"] not in {"", reads}:
        raise UsageError(
            f"--pivot is {values['pivot']}, but a teacher reads {reads}.",
            "Omit it, or train with --strategy hybrid.",
        )
    _check_teachers(values)
    check_lists(values)


def _check_teachers(values: Mapping[str, Any]) -> None:
    given = [name for name in OF_DISTILLATION if values[name] is not None]
    if values["teacher"]:
        given.insert(0, "teacher")
    if values["strategy"] == "hybrid" and given:
        raise UsageError(
            f"{flag(given[0])} is given, but --strategy hybrid has no teacher.",
            "Use --strategy distill; --contrastive-weight adds the hybrid batches' loss to it.",
        )
    for name in (*_OF_NAMED_TEACHER, "more_teachers"):
        if values[name] is not None and not values["teacher"]:
            raise UsageError(
                f"{flag(name)} is given without --teacher.",
                "Name the teacher, or omit it: an English teacher is used as it was trained.",
            )
        if values[name] is not None and values["more_teachers"] and name != "more_teachers":
            raise UsageError(
                f"{flag(name)} is given with --more-teachers.",
                "Omit it: each of several teachers is used in its own way.",
            )
    if values["teacher_reads"] == "own" and not values["teacher"]:
        raise UsageError(
            "--teacher-reads own is given without --teacher.",
            "Name a multilingual teacher: the one that is trained first reads English.",
        )
    for name in _OF_SOFTMAX:
        if values[name] is not None and not OBJECTIVES[values["objective"]].softmax:
            raise UsageError(
                f"{flag(name)} is given, but --objective {values['objective']} has no softmax.",
                "Omit it, or use --objective kl.",
            )


def _check_alpha(values: Mapping[str, Any]) -> None:
    if alpha_schedule(values["alpha_schedule"]).kind != "dev":
        return
    if not values["validate_every"]:
        raise UsageError(
            "--alpha-schedule dev is given, but --validate-every 0 never validates.",
            "Give the steps between validations, or another schedule.",
        )
    if values["examples"] is not None:
        raise UsageError(
            "--alpha-schedule dev and --examples are both given.",
            "Give --steps: how many steps show that many examples is not known before dev decides.",
        )


def _check_encoder(values: Mapping[str, Any], shape: Callable[[], Shape]) -> None:
    encoder = values["encoder"]
    if values["freeze"] not in {None, "embeddings"} and not str(values["freeze"]).isdecimal():
        raise UsageError(
            f"--freeze is {values['freeze']!r}.", "Give embeddings, or a number of layers."
        )
    if values["freeze"] is not None and values["lora"] is not None:
        raise UsageError(
            "--freeze and --lora are both given.", "Omit --freeze: LoRA freezes all weights."
        )
    if is_checkpoint(encoder):
        return
    ENCODERS[encoder].check(shape())
    for name in _OF_CHECKPOINTS:
        if values[name] is not None:
            raise UsageError(
                f"{flag(name)} is given, and --encoder {encoder} is no checkpoint.",
                "Omit it, or name a checkpoint.",
            )
