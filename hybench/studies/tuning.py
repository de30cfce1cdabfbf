"""Tuning the arms of a study on dev, with equally many trials for each.

    [tune]
    method = "random"           # or "grid": every combination of the values
    trials = 8                  # of each arm at each point of the grid; of a grid all combinations
    seeds = [100]               # that a trial is trained with; without it, one that no cell has
    seed = 0                    # of random values
    examples = 20000            # or steps; without it, as many as the arm's
    [tune.values]
    temperature = [0.02, 0.05]  # one of these
    learning_rate = {low = 1e-4, high = 1e-2, log = true}
    [arms.hybrid.tune]          # of this arm, besides or instead
    alpha = {low = 0.2, high = 0.8}

A field that an arm sets itself is not tuned for it. Trial n has the same value of a field in every
arm. Those values are chosen whose trials have the best dev score, mean over seeds; nothing else is
evaluated before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from typing import Any

from hybench.errors import UsageError
from hybench.studies.axes import Axis, Range, drawn, read_axes, typed_value
from hybench.studies.cells import Cell, Point, ValuesOf, make_cells, no_values
from hybench.values.checks import within
from hybench.values.typed import from_toml, typed

TUNE = "tune"
VALUES = "values"
TRIAL = ".trial-"
"""Runs of trials lie among a study's runs, hidden."""

_MOST = 10_000


@dataclass(frozen=True)
class Options:
    """The table ``[tune]`` without its values."""

    method: str = "grid"
    trials: int = 0
    seeds: tuple[int, ...] = ()
    seed: int = 0
    examples: int = 0
    steps: int = 0


@dataclass(frozen=True)
class Trial:
    """One setting of an arm's fields, tried at one point of the grid.

    Attributes:
        arm: the arm's name.
        point: of the grid.
        number: from 0.
        values: of the tuned fields.
        cells: its trainings, one for each seed.
    """

    arm: str
    point: Point
    number: int
    values: Mapping[str, float]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Tuning:
    """How the arms of a study are tuned.

    Attributes:
        method: ``grid`` or ``random``.
        trials: at each point of the grid, in their order.
        seeds: that each trial is trained with.
    """

    method: str
    trials: tuple[Trial, ...]
    seeds: tuple[int, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All trainings."""
        return tuple(cell for trial in self.trials for cell in trial.cells)

    @property
    def each(self) -> int:
        """Trials of each arm at each point."""
        return 1 + max((trial.number for trial in self.trials), default=-1)


@dataclass(frozen=True)
class Recipe:
    """What a study's cells are made of; arguments of `make_cells`.

    Attributes:
        common: config fields that all share.
        arms: fields that an arm changes, without those that are tuned for it.
        grid: values by config field.
        where: the file, for messages.
        tuned: axes that only an arm has, by arm.
    """

    common: Mapping[str, Any]
    arms: Mapping[str, Mapping[str, Any]]
    grid: Mapping[str, Sequence[Any]]
    where: str
    tuned: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def cells(self, values_of: ValuesOf, **grid: Sequence[Any]) -> tuple[Cell, ...]:
        """The cells with more fields, and with other values of some axes."""
        return make_cells(self.common, self.arms, {**self.grid, **grid}, self.where, values_of)


def read_tuning(table: Mapping[str, Any], recipe: Recipe) -> Tuning:
    """Read ``[tune]``, and make its trials.

    Raises:
        UsageError: a value is wrong, an arm has nothing to tune or another number of trials than
            the others, or is never validated.
    """
    where = f"{recipe.where}: [{TUNE}]"
    options = from_toml(
        Options, {name: value for name, value in table.items() if name != VALUES}, where
    )
    given = typed(table.get(VALUES, {}), dict, f"{where} {VALUES}")
    common = read_axes(given, f"{where} {VALUES}")
    _check_options(options, common, recipe, where)
    cells = recipe.cells(no_values)
    trained = dict.fromkeys(cell.arm for cell in cells if any(c.steps for c in cell.configs))
    values = {arm: _values(arm, common, recipe, options, where) for arm in trained}
    counts = {arm: len(of) for arm, of in values.items()}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{arm} {count}" for arm, count in counts.items())
        raise UsageError(
            f"{where}: the arms have different numbers of trials: {told}.",
            'Give arms values of their own ([arms.NAME.tune]), or use method = "random".',
        )
    seeds = options.seeds or (_unused_seed(recipe),)
    length = {name: n for name in ("examples", "steps") if (n := getattr(options, name))}
    trials: list[Trial] = []
    for number in range(max(counts.values(), default=0)):
        tried = {arm: {**of[number], **length} for arm, of in values.items()}
        made = recipe.cells(partial(_tried, tried), seed=list(seeds))
        by_place: dict[tuple[str, Point], list[Cell]] = {}
        for cell in made:
            if cell.arm in values:
                named = replace(cell, name=f"{TRIAL}{number}-{cell.name}")
                by_place.setdefault((cell.arm, cell.point), []).append(named)
        trials += [
            Trial(arm, point, number, values[arm][number], tuple(of))
            for (arm, point), of in by_place.items()
        ]
    _check_validated(trials, where)
    return Tuning(options.method, tuple(trials), seeds)


def _tried(values: Mapping[str, Mapping[str, Any]], arm: str, _point: Point) -> Mapping[str, Any]:
    return values.get(arm, {})


def _check_options(
    options: Options, common: Mapping[str, Axis], recipe: Recipe, where: str
) -> None:
    if options.method not in {"grid", "random"}:
        raise UsageError(f"{where}: method is {options.method!r}.", "Choose grid or random.")
    if options.examples and options.steps:
        raise UsageError(f"{where}: steps and examples are both given.", "Give one of them.")
    if options.method == "random":
        within(f"{where} trials", options.trials, 1, _MOST)
    elif options.trials:
        raise UsageError(
            f"{where}: trials is given, but a grid tries every combination.", "Omit it."
        )
    for place, names in (("[train]", recipe.common), ("[grid]", recipe.grid)):
        twice = [name for name in common if name in names]
        if twice:
            raise UsageError(f"{where}: {twice[0]} is also in {place}.", "Set it once.")


def _values(
    arm: str, common: Mapping[str, Axis], recipe: Recipe, options: Options, where: str
) -> list[dict[str, float]]:
    """The values of each trial of an arm.

    Raises:
        UsageError: there is nothing to tune, or a grid has a range.
    """
    own = recipe.arms[arm]
    axes = {name: axis for name, axis in common.items() if name not in own}
    axes |= read_axes(recipe.tuned.get(arm, {}), f"{recipe.where}: [arms.{arm}.{TUNE}]")
    if not axes:
        raise UsageError(
            f"{where}: arm {arm} sets all fields that are tuned.",
            f"Give it values of its own: [arms.{arm}.{TUNE}].",
        )
    if options.method == "random":
        return [
            {name: drawn(name, axis, options.seed, at) for name, axis in axes.items()}
            for at in range(options.trials)
        ]
    ranges = [name for name, axis in axes.items() if isinstance(axis, Range)]
    if ranges:
        raise UsageError(
            f"{where}: {ranges[0]} is a range, but the method is grid.",
            'List its values, or use method = "random".',
        )
    lists = [
        [typed_value(name, value) for value in axis]
        for name, axis in axes.items()
        if not isinstance(axis, Range)
    ]
    return [dict(zip(axes, each, strict=True)) for each in product(*lists)]


def _unused_seed(recipe: Recipe) -> int:
    """The first seed above those of the cells."""
    return 1 + max(map(int, recipe.grid.get("seed", [recipe.common.get("seed", 0)])))


def _check_validated(trials: Sequence[Trial], where: str) -> None:
    for trial in trials:
        if any(not cell.config.validate_every for cell in trial.cells):
            raise UsageError(
                f"{where}: arm {trial.arm} has validate_every = 0.",
                "Let it be validated: trials are compared by their dev scores.",
            )
