"""``hybench.plan``: what a set takes, by stage, before anything is run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.api.asked_model import run_or_model
from hybench.api.naming import DataName, FolderName, RunName, the_dataset, the_folder, the_options
from hybench.api.shown import Shown
from hybench.concurrency.processes import MOST_PROCESSES
from hybench.concurrency.progress import ProgressCallback, ignore
from hybench.data.dataset import Dataset
from hybench.data.manifest import MANIFEST
from hybench.encoders.kinds import ENCODERS
from hybench.encoders.precision import FP32, PRECISIONS
from hybench.errors import UsageError
from hybench.indexes.shards import STORES
from hybench.planning.known import miracl_languages
from hybench.values.checks import one_of, within
from hybench.values.languages import check_languages
from hybench.values.names import folder_named
from hybench.values.typed import check_types
from hybench.wording.amounts import duration
from hybench.wording.commands import DATA_DIR, RUNS_DIR
from hybench.wording.text_table import NOT_RUN, Entry, Line, Sheet

if TYPE_CHECKING:
    import polars as pl

    from hybench.encoders.encoder import Encoder
    from hybench.planning.load import Load
    from hybench.planning.plan import Plan
    from hybench.planning.stages import Stage

_DEVICE = re.compile(r"cpu|mps|cuda(:\d+)?")


@dataclass(frozen=True)
class PlanOptions:
    """What to plan, and with which rates.

    Attributes:
        languages: codes, None for all of the set's.
        device: auto, cpu, cuda or cuda:N, which need not be there; mps.
        precision: of encoding: fp32, bf16 or fp16.
        store: of vectors on disk: f32 or f16.
        exact: no graph is built.
        processes: that encode; the rates of several are a matter of a calibration with them.
        examples: pairs that a training shows; 0 for no training.
        batch_size: of it.
        calibrate: measure the rates on this machine, and keep them.
        rates: rates that are known, such as ``transformer=2e12``.
    """

    languages: tuple[str, ...] | None = None
    device: str = "auto"
    precision: str = FP32
    store: str = "f32"
    exact: bool = False
    processes: int = 1
    examples: int = 0
    batch_size: int = 128
    calibrate: bool = False
    rates: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the values."""
        check_types(self)
        one_of("--store", self.store, STORES)
        one_of("--precision", self.precision, PRECISIONS)
        within("--processes", self.processes, 1, MOST_PROCESSES)
        within("--examples", self.examples, 0, 10**12)
        within("--batch-size", self.batch_size, 1, 10**7)
        if self.device != "auto" and _DEVICE.fullmatch(self.device) is None:
            raise UsageError(
                f"--device is {self.device!r}.", "Choose auto, cpu, mps, cuda or cuda:N."
            )


@dataclass(frozen=True, repr=False)
class Planned(Shown):
    """A plan.

    Attributes:
        plan: the numbers.
    """

    plan: Plan

    def to_frame(self) -> pl.DataFrame:
        """A row per stage, and one for all.

        stage (String), flops (Int128), seconds (Float64), disk_bytes, memory_bytes (Int64), joules
        (Float64; null where the power is not known).
        """
        import polars as pl

        schema = {
            "stage": pl.String, "flops": pl.Int128, "seconds": pl.Float64, "disk_bytes": pl.Int64,
            "memory_bytes": pl.Int64, "joules": pl.Float64,
        }  # fmt: skip
        return pl.DataFrame(self.plan.to_json()["stages"], schema)

    def sheets(self) -> tuple[Sheet, ...]:
        """A line per stage; and the rates that these rest on."""
        plan = self.plan
        lines = [*map(_line, plan.stages), _line(plan.total, ruled=True)]
        header = ("stage", "time", "FLOP", "disk", "peak memory", "energy")
        rates = tuple(
            Line((Entry(rate.name), Entry(rate.origin), Entry(f"{rate.value:.4g}")))
            for rate in plan.rates
        )
        return (
            Sheet(plan.title, header, 1, tuple(lines), notes=tuple(plan.notes())),
            Sheet("Rates", ("rate", "measured", "value"), 2, rates),
        )


def _line(stage: Stage, *, ruled: bool = False) -> Line:
    texts = (
        stage.name,
        duration(stage.seconds),
        f"{stage.flops:.3g}" if stage.flops else NOT_RUN,
        f"{stage.disk / 1e9:,.2f} GB",
        f"{stage.memory / 1e9:,.2f} GB",
        NOT_RUN if stage.joules is None else f"{stage.joules / 3.6e6:,.3f} kWh",
    )
    return Line(tuple(map(Entry, texts)), ruled)


def plan(
    data: DataName,
    encoder: RunName = "static",
    options: PlanOptions | None = None,
    *,
    data_dir: FolderName = DATA_DIR,
    runs_dir: FolderName = RUNS_DIR,
    progress: ProgressCallback = ignore,
) -> Planned:
    """Forecast what a set takes from its files to its scores: time, disk, memory, energy.

    Args:
        data: a prepared set; or one of MIRACL by its name, ``miracl-en``, or ``miracl`` for all 18
            languages, whose numbers are shipped.
        encoder: a run; a model as it is, a directory or an id on the hub; or an encoder from
            scratch, by its name.
        options: what to plan, and with which rates; None for the defaults.
        data_dir: folder of the sets.
        runs_dir: folder of the runs.
        progress: called as a calibration goes on.

    Raises:
        UsageError: there is no such set, encoder, language or device; or a rate is needed that
            nobody has measured.
        StateError: the run has no model.
        DataError: a table or the model is damaged.
    """
    from hybench.encoders.identity import encoder_digest
    from hybench.indexes.approximate.graph import GraphOptions
    from hybench.planning.load import load_of_miracl, load_of_set
    from hybench.planning.machine import on_device, this_machine
    from hybench.planning.plan import make_plan, model_of
    from hybench.planning.rates import keep_calibration, rates_for
    from hybench.planning.stages import Asked

    options = the_options(options, PlanOptions)
    dataset, languages = _texts_of(data, options, the_folder(data_dir))
    here = _device_here(options)
    model = _the_encoder(encoder, dataset, languages, the_folder(runs_dir))
    if dataset is not None:
        load = load_of_set(dataset, model, languages)
    else:
        load = load_of_miracl(str(data), languages, model)
    machine = this_machine(here or "cpu", options.precision)
    if here is None:
        machine = on_device(machine, options.device)
    digest = encoder_digest(model)
    key = f"{digest} {options.processes}"
    if options.calibrate:
        measured = _calibrated(load, dataset, model, here, options, progress)
        keep_calibration(machine, key, measured)
    rates = rates_for(machine, key, options.rates)
    asked = Asked(
        options.store,
        None if options.exact else GraphOptions(),
        options.examples,
        options.batch_size,
        options.processes,
    )
    return Planned(make_plan(load, model_of(_called(encoder), model), rates, asked))


def _texts_of(
    data: DataName, options: PlanOptions, root: Path
) -> tuple[Dataset | None, tuple[str, ...]]:
    """The set, if it is prepared, and the languages to plan."""
    known = None
    if isinstance(data, str) and not (folder_named(data, root) / MANIFEST).is_file():
        known = miracl_languages(data)
    if known is not None:
        return None, _chosen(options, known)
    dataset = the_dataset(data, root)
    there = dataset.table_languages("passages")
    if not there:
        raise UsageError(
            f"Data set {dataset.name} has no passages.",
            "Plan a set that can be searched; hybench train --dry-run plans a training.",
        )
    return dataset, _chosen(options, there)


def _chosen(options: PlanOptions, known: tuple[str, ...]) -> tuple[str, ...]:
    if options.languages is None:
        return known
    return check_languages(options.languages, known, "--languages")


def _device_here(options: PlanOptions) -> str | None:
    """The device, if this machine has it.

    Raises:
        UsageError: it has not, and is to be calibrated.
    """
    from hybench.encoders.devices import resolve_device

    try:
        return resolve_device(options.device)
    except UsageError:
        if options.calibrate:
            raise
        return None


def _the_encoder(
    named: RunName, dataset: Dataset | None, languages: tuple[str, ...], runs_dir: Path
) -> Encoder:
    """The encoder, on the CPU."""
    from hybench.encoders.loading import load_encoder
    from hybench.indexes.model import load_model_of
    from hybench.planning.from_scratch import encoder_from_scratch

    if isinstance(named, str) and named in ENCODERS:
        return encoder_from_scratch(named, dataset, languages)
    run, asked = run_or_model(named, None, runs_dir)
    return load_model_of(run, "cpu") if asked is None else load_encoder(asked.model, "cpu")


def _calibrated(
    load: Load,
    dataset: Dataset | None,
    encoder: Encoder,
    device: str | None,
    options: PlanOptions,
    progress: ProgressCallback,
) -> dict[str, float]:
    from hybench.planning.calibration import Calibration

    asked = Calibration(
        load,
        dataset,
        device or "cpu",
        options.precision,
        options.processes,
        options.batch_size if options.examples else 0,
        progress,
    )
    return asked.rates(encoder)


def _called(encoder: RunName) -> str:
    """The encoder's name for the title."""
    if isinstance(encoder, str | Path):
        return str(encoder)
    return getattr(getattr(encoder, "run", encoder), "name", "the model")
