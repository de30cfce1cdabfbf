"""How α changes in a training: by its config, or by what the dev scores say."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from hybench.config.train import TrainConfig
from hybench.errors import UsageError
from hybench.sampling.alphas import Alphas
from hybench.training.validation import Scores, ValidationSet

LEAST, MOST = 0.1, 0.9
"""Of what dev scores decide: neither kind of batches dies out."""


def alphas_of(config: TrainConfig) -> Alphas:
    """α by batch, of a resolved config.

    A linear schedule goes over the config's steps; where these follow from its examples, over the
    steps that full batches would take.
    """
    steps = config.steps
    if config.examples is not None:
        steps = math.ceil(config.examples / (config.batch_size * config.accumulation))
    return Alphas(config.alpha, config.schedule_of_alpha, steps, config.accumulation)


def check_decides(config: TrainConfig, held_out: Sequence[ValidationSet]) -> None:
    """Check that validations can decide α, where the config wants them to.

    Raises:
        UsageError: no validation set is scored within and across languages.
    """
    decides = config.schedule_of_alpha.kind == "dev"
    if decides and not any({"mono", "multi"} <= {*each.settings} for each in held_out):
        raise UsageError(
            "--alpha-schedule dev needs dev queries of a set with the settings mono and multi.",
            "Name such a set with --validation, or give another schedule.",
        )


def decided(scores: Sequence[Scores]) -> float:
    """The α of the next span, from the dev scores of a validation.

    ``α = (1 - m) / ((1 - m) + (1 - x))``, within .1 and .9: m is the mean nDCG@10 within languages
    (mono), x in the pool of all languages (multi), over the sets that have both. The kind of
    batches whose setting is further from the best possible score gets as much more of the span.

    Args:
        scores: of each validation set.
    """
    both = [each for each in scores if {"mono", "multi"} <= each.keys()]
    lacks = {
        setting: 1 - float(np.mean([np.nanmean(list(each[setting].values())) for each in both]))
        for setting in ("mono", "multi")
    }
    total = sum(lacks.values())
    share = lacks["mono"] / total if total > 0 else 0.5
    return min(MOST, max(LEAST, share))
