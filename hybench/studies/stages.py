"""Arms that are trained in stages, each from the one before: distil, then joint, and the like.

    [[arms.joint.stages]]
    strategy = "distill"
    part = 0.6                  # of the arm's examples or steps; without it, all alike
    [[arms.joint.stages]]
    alpha = 0.5                 # part = 0.4 is what is left

A stage changes fields of its arm. Together the stages have the arm's examples or steps, unless each
says how many of its own. Their batches go on where those of the stage before ended.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hybench.config.train import TrainConfig
from hybench.errors import UsageError
from hybench.files.documents import sha256_json
from hybench.runs.run import Run
from hybench.values.typed import given_fields, typed

STAGES = "stages"

STAGE_RUN = ".stage-"
"""Runs of earlier stages lie among a study's runs, hidden; those of equal arms are one."""

_LENGTHS = ("examples", "steps")
_PART = "part"
_NEAR = 1e-6


def stage_fields(own: Mapping[str, Any], where: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """An arm's own fields, and those of its stages; none if it has no stages.

    Raises:
        UsageError: a stage is no table, or has an unknown or wrong field.
    """
    stages = own.get(STAGES, [])
    if not isinstance(stages, list) or not all(isinstance(each, dict) for each in stages):
        name = where.rstrip("]").rpartition("[")[2]
        raise UsageError(f"{where}: stages is {stages!r}.", f"Write each as [[{name}.stages]].")
    found = []
    for at, stage in enumerate(stages, start=1):
        place = f"{where} stage {at}"
        part = {_PART: typed(stage[_PART], float, f"{place}: part")} if _PART in stage else {}
        rest = {name: value for name, value in stage.items() if name != _PART}
        found.append({**given_fields(TrainConfig, rest, place), **part})
    return {name: value for name, value in own.items() if name != STAGES}, found


def stage_configs(
    given: Mapping[str, Any], stages: Sequence[Mapping[str, Any]], where: str
) -> tuple[TrainConfig, ...]:
    """The resolved configs of an arm's stages, or its only one.

    Args:
        given: the fields of the arm.
        stages: fields of its stages.
        where: the arm, for messages.

    Raises:
        UsageError: a field is wrong, or the parts are not those of a whole.
    """
    if not stages:
        return (TrainConfig.from_toml(given, where).resolved(),)
    configs: list[TrainConfig] = []
    batches = 0
    for at, (stage, length) in enumerate(zip(stages, _lengths(given, stages, where), strict=True)):
        fields = {name: value for name, value in given.items() if name not in _LENGTHS}
        fields |= {name: value for name, value in stage.items() if name != _PART} | length
        if batches:
            fields.setdefault("first_batch", batches)
        config = TrainConfig.from_toml(fields, f"{where} stage {at + 1}").resolved()
        configs.append(config)
        steps = config.steps
        if config.examples is not None:
            steps = math.ceil(config.examples / (config.batch_size * config.accumulation))
        batches += steps * config.accumulation
    return tuple(configs)


def _lengths(
    given: Mapping[str, Any], stages: Sequence[Mapping[str, Any]], where: str
) -> list[dict[str, int]]:
    """The examples or steps of each stage.

    Raises:
        UsageError: only some stages have a part or a length of their own, or parts do not add up.
    """
    own = [[name for name in _LENGTHS if name in stage] for stage in stages]
    parts = [stage.get(_PART) for stage in stages]
    if all(own) and not any(parts):
        return [{} for _ in stages]
    if any(own):
        raise UsageError(
            f"{where}: only some stages have examples or steps of their own, and no part.",
            "Give all of them examples or steps, or none: they share those of the arm.",
        )
    known = [part for part in parts if part is not None]
    if known and (len(known) < len(parts) or abs(sum(known) - 1) > _NEAR or min(known) <= 0):
        raise UsageError(
            f"{where}: the parts of its stages are {', '.join(map(str, parts))}.",
            "Give each stage a part above 0, together 1, or omit them all.",
        )
    name = "examples" if given.get("examples") is not None else "steps"
    total = given.get(name, TrainConfig.steps)
    shares = known or [1 / len(stages)] * len(stages)
    ends = [round(total * min(1.0, sum(shares[: at + 1]))) for at in range(len(shares))]
    counts = [end - begin for begin, end in zip([0, *ends], ends, strict=False)]
    if min(counts) < 1:
        raise UsageError(
            f"{where}: {total} {name} are too few for its stages.", f"Give it more {name}."
        )
    return [{name: count} for count in counts]


@dataclass(frozen=True)
class Stage:
    """A training of a cell.

    Attributes:
        run: where it is; of the last stage, the cell's own.
        config: with the run before as its start.
    """

    run: Run
    config: TrainConfig


def chain(folder: Path, name: str, configs: Sequence[TrainConfig]) -> tuple[Stage, ...]:
    """The trainings of a cell, in their order.

    Args:
        folder: of the study's runs.
        name: of the cell's run.
        configs: of its stages.
    """
    found: list[Stage] = []
    for at, config in enumerate(configs, start=1):
        run = Run(folder / name)
        if at < len(configs):
            told = [each.asked.to_toml() for each in configs[:at]]
            run = Run(folder / f"{STAGE_RUN}{sha256_json(told)[:16]}")
        begun = replace(config, init=str(found[-1].run.path)) if found else config
        found.append(Stage(run, begun))
    return tuple(found)


def as_asked(config: TrainConfig) -> TrainConfig:
    """What a study asked for: equal wherever its folder lies."""
    asked = config.asked
    start = Path(asked.init or "")
    return replace(asked, init=start.name) if start.name.startswith(STAGE_RUN) else asked
