"""Study files, and their grids of trainings.

A file with every field:

    name = "arms"
    keep_checkpoints = false    # what finished cells keep, see `hybench.studies.keeping`
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
    [tune]                      # trials for each arm, see `hybench.studies.tuning`
    values.temperature = [0.02, 0.05]
    [arms.shifted]              # an arm without training, see `hybench.studies.derived`
    derive = "shift"
    from = "mono"
    data = "ntrex"
    [[hypothesis]]              # a claim to test, see `Hypothesis`
    arms = ["mono", "distill"]
    setting = "mono"
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hybench.comparison.hypotheses import Hypothesis
from hybench.data.schema import Setting
from hybench.encoders.precision import FP32, Precision
from hybench.errors import DataError, UsageError
from hybench.files.documents import read_toml
from hybench.studies.cells import Cell, no_values
from hybench.studies.derived import DERIVE, DerivedCell, derived_cells, read_derived
from hybench.studies.tuned import Tuned
from hybench.studies.tuning import TUNE, Recipe, Tuning, read_tuning
from hybench.values.names import check_name, spelled
from hybench.values.typed import from_toml, typed
from hybench.values.weights import set_names

BM25 = "bm25"

HYPOTHESIS = "hypothesis"
CHECKPOINTS, VECTORS, MODELS = "checkpoints", "vectors", "models"
"""What finished cells may keep."""

_KEEPS = {CHECKPOINTS: False, VECTORS: True, MODELS: True}
"""Whether they do, where the file does not say."""

_TABLES = ("train", "arms", "grid", "eval", TUNE)


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
        keep: what finished cells keep, of `CHECKPOINTS`, `VECTORS` and `MODELS`.
        hypotheses: the claims to test.
        derived: the runs that are made of the cells', without training.
        recipe: what the cells are made of, where that was a file.
        tuning: how its arms are tuned; None if they are not.
        tuned: what was chosen by now.
    """

    name: str
    cells: tuple[Cell, ...]
    data: tuple[str, ...]
    settings: tuple[str, ...] | None = None
    precision: str = FP32
    bm25: bool = False
    hypotheses: tuple[Hypothesis, ...] = ()
    keep: tuple[str, ...] = (VECTORS, MODELS)
    derived: tuple[DerivedCell, ...] = ()
    recipe: Recipe | None = None
    tuning: Tuning | None = None
    tuned: tuple[Tuned, ...] = ()

    @property
    def trials(self) -> tuple[Cell, ...]:
        """The trainings that tune its arms."""
        return () if self.tuning is None else self.tuning.cells

    @property
    def arms(self) -> tuple[str, ...]:
        """Names of the arms."""
        trained = [cell.arm for cell in self.cells]
        return tuple(dict.fromkeys([*trained, *(cell.arm for cell in self.derived)]))


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
    keeps = {f"keep_{what}": default for what, default in _KEEPS.items()}
    unknown = sorted(set(values) - {"name", *keeps, HYPOTHESIS, *_TABLES})
    if unknown:
        listed = ", ".join(f"[{table}]" for table in _TABLES)
        known = f"It may have: name, {', '.join(keeps)}, {listed}, [[{HYPOTHESIS}]]."
        raise UsageError(f"{file}: unknown {', '.join(unknown)}.", known)
    name = typed(values.get("name", file.stem), str, f"{file}: name")
    tables = {table: _table(values, table, file) for table in _TABLES}
    arms = {arm: _table(tables["arms"], arm, file) for arm in tables["arms"]}
    arms = {arm: _fields(own, f"{file}: [arms.{arm}]") for arm, own in arms.items()}
    made = [
        read_derived(arm, own, f"{file}: [arms.{arm}]")
        for arm, own in arms.items()
        if DERIVE in own
    ]
    names = list(arms)
    arms = {arm: own for arm, own in arms.items() if DERIVE not in own}
    for table in ("train", "grid"):
        tables[table] = _fields(tables[table], f"{file}: [{table}]")
    tuned = {arm: _table(own, TUNE, file) for arm, own in arms.items()}
    bare = {arm: {key: own[key] for key in own if key != TUNE} for arm, own in arms.items()}
    recipe = Recipe(tables["train"], bare or {"train": {}}, tables["grid"], str(file), tuned)
    cells = recipe.cells(no_values)
    evaluated = from_toml(_Evaluated, tables["eval"], f"{file} [eval]")
    return Study(
        name=check_name(name, f"{file}: name"),
        cells=cells,
        data=evaluated.data or set_names(cells[0].config.data),
        settings=evaluated.settings or None,
        precision=evaluated.precision,
        bm25=evaluated.bm25,
        hypotheses=_hypotheses(values, names, file),
        keep=tuple(
            key.removeprefix("keep_")
            for key, default in keeps.items()
            if typed(values.get(key, default), bool, f"{file}: {key}")
        ),
        derived=derived_cells(made, cells, str(file)),
        recipe=recipe,
        tuning=read_tuning(tables[TUNE], recipe) if TUNE in values else None,
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
