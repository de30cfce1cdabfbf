"""Checks of a training config's fields about hard negatives and teachers' scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hybench.errors import UsageError
from hybench.values.checks import flag

OF_LISTS = ("hard_negatives", "negatives_per_query", "teacher_scores", "teacher_score_scale")
"""Fields that are None without lists beside the queries."""

PER_QUERY = 4
"""Negatives per query where their number is not given."""

SCORED_OBJECTIVES = ("margin-mse", "kl")
"""Objectives that lists of a teacher's scores can have."""

SCORE_SCALES = ("raw", "minmax", "standard")

_OF_TEACHERS = ("teacher", "more_teachers", "teacher_reads")


def check_lists(values: Mapping[str, Any]) -> None:
    """Refuse fields about lists that do not fit together, or the training's strategy.

    Args:
        values: the config's fields.

    Raises:
        UsageError: naming the flags, and what to do.
    """
    mined, scored = values["hard_negatives"], values["teacher_scores"]
    if values["negatives_per_query"] is not None and not (mined or scored):
        raise UsageError(
            "--negatives-per-query is given without negatives.",
            "Name them: --hard-negatives NAME, of hybench mine.",
        )
    if values["teacher_score_scale"] is not None and not scored:
        raise UsageError("--teacher-score-scale is given without --teacher-scores.", "Omit it.")
    if mined and scored:
        raise UsageError(
            "--hard-negatives and --teacher-scores are both given.",
            "Omit --hard-negatives: the lists that are scored are the negatives.",
        )
    if mined and values["strategy"] == "distill" and not values["contrastive_weight"]:
        raise UsageError(
            "--hard-negatives is given, but this distillation has no contrastive loss.",
            "Add --contrastive-weight, or use --strategy hybrid.",
        )
    if scored:
        _check_scored(values)


def _check_scored(values: Mapping[str, Any]) -> None:
    if values["strategy"] != "distill":
        raise UsageError(
            f"--teacher-scores is given, but --strategy {values['strategy']} has no teacher.",
            "Use --strategy distill --objective margin-mse or kl.",
        )
    if values["objective"] not in SCORED_OBJECTIVES:
        raise UsageError(
            f"--teacher-scores is given, and --objective {values['objective']} needs vectors.",
            f"Use --objective {' or '.join(SCORED_OBJECTIVES)}.",
        )
    for name in _OF_TEACHERS:
        if values[name]:
            raise UsageError(
                f"{flag(name)} and --teacher-scores are both given.",
                f"Omit {flag(name)}: the teachers' scores are read from the files.",
            )
