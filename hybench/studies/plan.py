"""Study files, and their grids of trainings.

A file with every field:

    name = "arms"
    keep_checkpoints = false    # those of finished cells are deleted
    [train]                     # fields of a training's config, the same in all cells
    data = ["atlas"]
    [arms.mono]                 # an arm: what it changes
    alpha = 1.0
    [arms.distill]
    strategy = "distill"
    [arms.base]                 # no steps: what the others begin with, one run without seeds
    steps = 0
    [grid]                      # every combination is trained for every arm
    seed = [0, 1, 2]
    share = [0.01, 0.1, 1.0]
    [eval]
    data = ["atlas", "miracl-yo@dev"]
    bm25 = true
    [[arms.joint.stages]]       # an arm of several stages, see `hybench.studies.stages`
    strategy = "distill"
    [[arms.joint.stages]]
    alpha = 0.5
    [[hypothesis]]              # a claim to test, see `Hypothesis`
    arms = ["mono", "distill"]
    setting = "mono"
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import product
from pathlib import Path
from typing import Any

from hybench.comparison.hypotheses import Hypothesis
from hybench.config.train import TrainConfig
from hybench.data.schema import Setting
from hybench.encoders.precision import FP32, Precision
from hybench.errors import DataError, UsageError
from hybench.files.documents import read_toml
from hybench.studies.stages import stage_configs, stage_fields
from hybench.values.names import check_name, spelled
from hybench.values.typed import from_toml, given_fields, typed
from hybench.values.weights import set_names

BM25 = "bm25"

HYPOTHESIS = "hypothesis"
KEEP = "keep_checkpoints"

_TABLES = ("train", "arms", "grid", "eval")
_SHORT = {"alpha": "a", "data": ""}
"""Short names of the grid's fields in run names."""


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
    point: tuple[tuple[str, Any], ...]
    config: TrainConfig
    before: tuple[TrainConfig, ...] = ()

    @property
    def configs(self) -> tuple[TrainConfig, ...]:
        """The configs of all stages."""
        return (*self.before, self.config)


@dataclass(frozen=True)
class Study:
    """A grid of trainings, and the sets to evaluate them on.

    Attributes:
        name: of the study and its folder of runs.
        cells: the trainings; seeds change last and arms first, so that an unfinished study has
            whole seeds.
        data: the sets to evaluate every cell on, ``@split`` if not the set's own.
        settings: of mono, cross and multi; None for all that a set has.
        precision: that texts are encoded in for that: fp32, bf16 or fp16.
        bm25: whether BM25 is evaluated, too.
        keep_checkpoints: whether finished cells keep the checkpoints of their training.
        hypotheses: the claims to test.
    """

    name: str
    cells: tuple[Cell, ...]
    data: tuple[str, ...]
    settings: tuple[str, ...] | None = None
    precision: str = FP32
    bm25: bool = False
    hypotheses: tuple[Hypothesis, ...] = ()
    keep_checkpoints: bool = False

    @property
    def arms(self) -> tuple[str, ...]:
        """Names of the arms."""
        return tuple(dict.fromkeys(cell.arm for cell in self.cells))


@dataclass(frozen=True)
class _Evaluated:
    """The table ``[eval]``."""

    data: tuple[str, ...] = ()
    settings: tuple[Setting, ...] = ()
    precision: Precision = FP32
    bm25: bool = False


def read_study(file: Path) -> Study:
    """Read a study file.

    Raises:
        UsageError: there is no such file, it is not TOML, or an entry is unknown, missing or wrong.
    """
    try:
        values = read_toml(file)
    except DataError as error:  # an error in a user's file is a usage error
        raise UsageError(error.what, error.do) from error
    unknown = sorted(set(values) - {"name", KEEP, HYPOTHESIS, *_TABLES})
    if unknown:
        listed = ", ".join(f"[{table}]" for table in _TABLES)
        known = f"It may have: name, {KEEP}, {listed}, [[{HYPOTHESIS}]]."
        raise UsageError(f"{file}: unknown {', '.join(unknown)}.", known)
    name = typed(values.get("name", file.stem), str, f"{file}: name")
    tables = {table: _table(values, table, file) for table in _TABLES}
    arms = {arm: _table(tables["arms"], arm, file) for arm in tables["arms"]}
    arms = {arm: _fields(own, f"{file}: [arms.{arm}]") for arm, own in arms.items()}
    for table in ("train", "grid"):
        tables[table] = _fields(tables[table], f"{file}: [{table}]")
    cells = make_cells(tables["train"], arms or {"train": {}}, tables["grid"], str(file))
    evaluated = from_toml(_Evaluated, tables["eval"], f"{file} [eval]")
    return Study(
        name=check_name(name, f"{file}: name"),
        cells=cells,
        data=evaluated.data or set_names(cells[0].config.data),
        settings=evaluated.settings or None,
        precision=evaluated.precision,
        bm25=evaluated.bm25,
        hypotheses=_hypotheses(values, list(arms), file),
        keep_checkpoints=typed(values.get(KEEP, False), bool, f"{file}: {KEEP}"),
    )


def _hypotheses(
    values: Mapping[str, Any], arms: Sequence[str], file: Path
) -> tuple[Hypothesis, ...]:
    given = values.get(HYPOTHESIS, [])
    if not isinstance(given, list):
        raise UsageError(f"{file}: {HYPOTHESIS} is {given!r}.", "Write it as [[hypothesis]].")
    found = []
    for at, value in enumerate(given, start=1):
        where = f"{file}: hypothesis {at}"
        hypothesis = Hypothesis.read(value, where)
        strange = [arm for arm in hypothesis.arms if arm not in arms]
        if strange:
            raise UsageError(f"{where}: there is no arm {strange[0]}.", f"Known: {' '.join(arms)}.")
        if hypothesis in found:
            raise UsageError(f"{where} is given twice.", "Give each name once.")
        found.append(hypothesis)
    return tuple(found)


def _table(values: Mapping[str, Any], name: str, file: Path) -> dict[str, Any]:
    table: dict[str, Any] = typed(values.get(name, {}), dict, f"{file}: {name}")
    return table


def _fields(table: Mapping[str, Any], where: str) -> dict[str, Any]:
    """A table with the names of a config's fields: dashes become underscores."""
    written = spelled(table, "_", lambda key: f"{where} {key}")
    return {name: table[key] for name, key in written.items()}


def make_cells(
    common: Mapping[str, Any],
    arms: Mapping[str, Mapping[str, Any]],
    grid: Mapping[str, Sequence[Any]],
    where: str,
) -> tuple[Cell, ...]:
    """All trainings of a grid.

    Args:
        common: config fields that all share.
        arms: fields that an arm changes, by its name.
        grid: values by config field; without ``seed`` there is one, 0.
        where: the file, for messages.

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
                given = {**common, **own, **point, "seed": seed}
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


def _check_length(given: Mapping[str, Any], where: str) -> None:
    if "steps" in given and "examples" in given:
        raise UsageError(
            f"{where}: steps and examples are both given.",
            "Give one of them: the steps follow from the examples.",
        )


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
        twice = [arm for arm, own in arms.items() if name in own]
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
