"""The cells of a study: every arm, at every point of the grid, for every seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import product
from typing import Any

from hybench.config.train import TrainConfig
from hybench.errors import UsageError
from hybench.studies.stages import stage_configs, stage_fields
from hybench.values.names import check_name
from hybench.values.typed import given_fields

Point = tuple[tuple[str, Any], ...]
"""The grid's fields but the seed, and their values."""

ValuesOf = Callable[[str, Point], Mapping[str, Any]]
"""More fields of an arm at a point."""

_SHORT = {"alpha": "a", "data": ""}
"""Short names of the grid's fields in run names."""


def no_values(_arm: str, _point: Point) -> Mapping[str, Any]:
    """No more fields."""
    return {}


@dataclass(frozen=True)
class Cell:
    """One training of a study.

    Attributes:
        name: of its run.
        arm: the arm's name.
        point: the grid's fields but the seed, and their values here.
        config: the resolved config, of the last stage.
        before: those of the stages before it.
    """

    name: str
    arm: str
    point: Point
    config: TrainConfig
    before: tuple[TrainConfig, ...] = ()

    @property
    def configs(self) -> tuple[TrainConfig, ...]:
        """The configs of all stages."""
        return (*self.before, self.config)


def make_cells(
    common: Mapping[str, Any],
    arms: Mapping[str, Mapping[str, Any]],
    grid: Mapping[str, Sequence[Any]],
    where: str,
    values_of: ValuesOf = no_values,
) -> tuple[Cell, ...]:
    """All trainings of a grid.

    Args:
        common: config fields that all share.
        arms: fields that an arm changes, by its name.
        grid: values by config field; without ``seed`` there is one, 0.
        where: the file, for messages.
        values_of: more fields of an arm at a point of the grid.

    Raises:
        UsageError: a field is unknown, wrong, or set in two places; two cells are the same.
    """
    apart = {arm: stage_fields(own, f"{where} [arms.{arm}]") for arm, own in arms.items()}
    arms = {arm: own for arm, (own, _) in apart.items()}
    stages = {arm: of for arm, (_, of) in apart.items()}
    _check_grid(common, arms, grid, where)
    _check_stages(stages, grid, where)
    seeds = grid.get("seed", [common.get("seed", 0)])
    axes = [name for name in grid if name != "seed"]
    cells = []
    for seed in seeds:
        for values in product(*(grid[name] for name in axes)):
            point = dict(zip(axes, values, strict=True))
            for arm, own in arms.items():
                more = values_of(arm, tuple(point.items()))
                given = _with(more, {**common, **own, **point, "seed": seed})
                if _stays(own):
                    given["steps"] = 0  # whatever the others' are
                trained = given.get("steps") != 0
                if not trained:
                    if seed != seeds[0]:  # every seed leaves the model as it is
                        continue
                    given.pop("examples", None)
                _check_length(given, f"{where} [arms.{arm}]")
                configs = stage_configs(given, stages[arm], f"{where} [arms.{arm}]")
                told = _cell_name(arm, point, seed if trained else None)
                name = check_name(told, f"{where}: a run's name")
                cells.append(Cell(name, arm, tuple(point.items()), configs[-1], configs[:-1]))
    repeated = [name for name, count in Counter(cell.name for cell in cells).items() if count > 1]
    if repeated:
        raise UsageError(f"{where}: two cells are called {repeated[0]}.", "Give each value once.")
    return tuple(cells)


def _with(more: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Fields with others in their place; steps replace examples, and examples steps."""
    replaced = {"steps", "examples"} if {"steps", "examples"} & more.keys() else set()
    return {**{name: given[name] for name in given if name not in replaced}, **more}


def _check_length(given: Mapping[str, Any], where: str) -> None:
    if "steps" in given and "examples" in given:
        raise UsageError(
            f"{where}: steps and examples are both given.",
            "Give one of them: the steps follow from the examples.",
        )


def _stays(arm: Mapping[str, Any]) -> bool:
    """Whether an arm is the model that the others begin with."""
    return arm.get("steps") == 0


def _check_grid(
    common: Mapping[str, Any],
    arms: Mapping[str, Mapping[str, Any]],
    grid: Mapping[str, Sequence[Any]],
    where: str,
) -> None:
    known = [item.name for item in fields(TrainConfig)]
    given_fields(TrainConfig, common, f"{where} [train]")
    for arm, own in arms.items():
        given_fields(TrainConfig, own, f"{where} [arms.{arm}]")
    for name, values in grid.items():
        if name not in known:
            raise UsageError(
                f"{where}: [grid] has no field {name}.", f"Known: {' '.join(sorted(known))}."
            )
        if not isinstance(values, list) or not values:
            raise UsageError(f"{where}: [grid] {name} is {values!r}.", "It must be a list.")
        twice = [
            arm
            for arm, own in arms.items()
            if name in own and not (name == "steps" and _stays(own))
        ]
        if twice or name in common:
            place = f"[arms.{twice[0]}]" if twice else "[train]"
            raise UsageError(f"{where}: {name} is in [grid] and in {place}.", "Set it once.")


def _check_stages(
    stages: Mapping[str, Sequence[Mapping[str, Any]]], grid: Mapping[str, Any], where: str
) -> None:
    for arm, of in stages.items():
        twice = [name for stage in of for name in stage if name in {*grid, "seed"}]
        if twice:
            place = f"a stage of [arms.{arm}]"
            raise UsageError(f"{where}: {twice[0]} is in [grid] and in {place}.", "Set it once.")


def _cell_name(arm: str, point: Mapping[str, Any], seed: int | None) -> str:
    parts = [arm]
    for name, value in point.items():
        shown = "+".join(map(str, value)) if isinstance(value, list) else f"{value}"
        shown = f"{value:g}" if isinstance(value, float) else shown
        parts.append(f"{_SHORT.get(name, name.replace('_', ''))}{shown.replace('/', '_')}")
    return "-".join(parts if seed is None else [*parts, f"s{seed}"])
