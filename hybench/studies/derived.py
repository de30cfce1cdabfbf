"""Arms of a study that are derived from other arms' runs, without training.

    [arms.shifted]
    derive = "shift"            # a method of `hybench derive`, and its options
    from = "mono"               # the arm whose run of the same point and seed is taken
    data = "ntrex"
    [arms.merged]
    derive = "merge"
    from = "mono"
    with = ["cross:0.5"]        # other arms, likewise
    how = "ties"
    base = "start"              # an arm of no steps, if it has one

They are made when the trainings are done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from hybench.concurrency.progress import ProgressCallback
from hybench.derived.options import DeriveOptions, run_and_weight
from hybench.errors import HybenchError, UsageError
from hybench.runs.derived import parents_of
from hybench.runs.run import DERIVED, Run
from hybench.studies.cells import Cell
from hybench.values.names import check_name
from hybench.values.typed import from_toml

DERIVE = "derive"
"""The field that makes an arm a derived one."""

_OPTIONS = {item.name for item in fields(DeriveOptions)} - {"method", "others"}


@dataclass(frozen=True)
class DerivedArm:
    """An arm that is derived.

    Attributes:
        arm: its name.
        start: the arm that it is made of.
        options: how; runs and the base are named by their arms.
    """

    arm: str
    start: str
    options: DeriveOptions

    @property
    def needs(self) -> tuple[str, ...]:
        """The arms that it is made of, the first first, and its base."""
        return _needed(self.start, self.options)


@dataclass(frozen=True)
class DerivedCell:
    """A derived run of a study.

    Attributes:
        name: of the run.
        arm: the arm's name.
        point: of the grid.
        seed: of the training that it begins with; None for one of no steps.
        start: name of that run.
        options: how it is made; runs are named as they are in the study's folder.
    """

    name: str
    arm: str
    point: tuple[tuple[str, Any], ...]
    seed: int | None
    start: str
    options: DeriveOptions

    @property
    def needs(self) -> tuple[str, ...]:
        """Names of the runs that it is made of, and of its base."""
        return _needed(self.start, self.options)

    def to_json(self) -> dict[str, Any]:
        """As JSON values, for a worker; see `making`."""
        given = {item.name: getattr(self.options, item.name) for item in fields(DeriveOptions)}
        options = {name: value for name, value in given.items() if value not in {None, ()}}
        return {"start": self.start, "options": options}


def _needed(start: str, options: DeriveOptions) -> tuple[str, ...]:
    """The names of what something is made of, the first first, and of its base."""
    others = [run_and_weight(other)[0] for other in options.others]
    return (start, *others, *([options.base] if options.base else []))


def read_derived(arm: str, values: Mapping[str, Any], where: str) -> DerivedArm:
    """A derived arm, as a study file gives it.

    Args:
        arm: its name.
        values: its table, with underscores in names.
        where: the table, for messages.

    Raises:
        UsageError: a field is unknown, missing or wrong.
    """
    known = {DERIVE, "from", "with", *_OPTIONS}
    strange = sorted(set(values) - known)
    if strange:
        raise UsageError(
            f"{where}: a derived arm has no field {strange[0]}.",
            f"Known: {' '.join(sorted(known))}.",
        )
    if not isinstance(values.get("from"), str):
        raise UsageError(f"{where} names no arm that it is made of.", 'Add from = "ARM".')
    given = {name: value for name, value in values.items() if name in _OPTIONS}
    given["method"] = values[DERIVE]
    if "with" in values:
        given["others"] = values["with"]
    return DerivedArm(arm, values["from"], from_toml(DeriveOptions, given, where))


def derived_cells(
    arms: Sequence[DerivedArm], cells: Sequence[Cell], where: str
) -> tuple[DerivedCell, ...]:
    """The derived runs of a study: one for each run of the arm that they are made of.

    Args:
        arms: the derived arms.
        cells: the trainings.
        where: the study file, for messages.

    Raises:
        UsageError: an arm is made of one that is no trained arm.
    """
    found: list[DerivedCell] = []
    for arm in arms:
        for need in arm.needs:
            if not any(cell.arm == need for cell in cells):
                raise UsageError(
                    f"{where}: [arms.{arm.arm}] is made of {need!r}, which is no arm that is "
                    "trained.",
                    f"Trained: {' '.join(dict.fromkeys(cell.arm for cell in cells))}.",
                )
        found += [_cell(arm, cell, cells, where) for cell in cells if cell.arm == arm.start]
    return tuple(found)


def _cell(arm: DerivedArm, start: Cell, cells: Sequence[Cell], where: str) -> DerivedCell:
    def beside(other: str) -> str:
        """The run of an arm at the same point, of the same seed or of no steps."""
        same = [cell for cell in cells if (cell.arm, cell.point) == (other, start.point)]
        for cell in same:
            if cell.config.seed == start.config.seed or not _trained(cell):
                return cell.name
        raise UsageError(
            f"{where}: [arms.{arm.arm}] needs a run of {other} beside {start.name}.",
            "Give both the same points and seeds.",
        )

    options = arm.options
    others = []
    for other in options.others:
        name, weight = run_and_weight(other)
        others.append(f"{beside(name)}:{weight!r}")
    given = {item.name: getattr(options, item.name) for item in fields(DeriveOptions)}
    given["others"] = tuple(others)
    if options.base is not None:
        given["base"] = beside(options.base)
    rest = start.name.removeprefix(start.arm)
    name = check_name(f"{arm.arm}{rest}", f"{where}: a run's name")
    seed = start.config.seed if _trained(start) else None
    return DerivedCell(name, arm.arm, start.point, seed, start.name, DeriveOptions(**given))


def _trained(cell: Cell) -> bool:
    return any(config.steps != 0 for config in cell.configs)


def is_derived(run: Run, start: str, options: DeriveOptions) -> bool:
    """Whether a run exists and was derived so from the models that are there now.

    Raises:
        UsageError: the run exists, and is of another kind or was made otherwise.
    """
    if not run.config_file.is_file():
        return False
    config = run.read_config()
    asked = options.to_toml()
    names = [start, *(run_and_weight(other)[0] for other in options.others)]
    same = config.get("kind") == DERIVED and all(config.get(k) == v for k, v in asked.items())
    if not same or [each.name for each in parents_of(config)] != names:
        raise UsageError(
            f"{run.path} was made with other options than the study's.",
            "Move it away, or give the study another name.",
        )
    if not run.model_files.is_file():
        return False
    from hybench.indexes.reader import recorded_model_sha256

    try:
        return all(
            recorded_model_sha256(Run(run.path.parent / each.name)) == each.digest
            for each in parents_of(config)
        )
    except HybenchError:
        return False


def making(values: Mapping[str, Any], where: str) -> tuple[str, DeriveOptions]:
    """What a run is made of, and how, of `DerivedCell.to_json`."""
    return str(values["start"]), from_toml(DeriveOptions, values["options"], where)


def derive_cell(
    name: str,
    start: str,
    options: DeriveOptions,
    folder: Path,
    data_dir: Path,
    device: str,
    progress: ProgressCallback,
) -> None:
    """Make a derived run of a study, unless it is made.

    Args:
        name: of the run.
        start: of the run that it is made of.
        options: how.
        folder: of the study's runs.
        data_dir: of the prepared sets.
        device: auto, cpu, cuda or cuda:N.
        progress: called during the work.

    Raises:
        HybenchError: as `hybench.derived.derive.derive` does.
    """
    from hybench.data.dataset import open_datasets
    from hybench.derived.derive import Given, derive
    from hybench.encoders.devices import resolve_device

    run = Run(folder / name)
    if is_derived(run, start, options):
        return
    parents = [(Run(folder / start), options.weight or 1.0)]
    for other in options.others:
        own, weight = run_and_weight(other)
        parents.append((Run(folder / own), weight))
    given = Given(
        tuple(parents),
        open_datasets([options.data], data_dir)[0] if options.data else None,
        None if options.base is None else Run(folder / options.base),
        data_dir,
    )
    with run.lock():
        derive(run, given, options, device=resolve_device(device), force=True, progress=progress)
