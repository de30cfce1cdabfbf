"""``hybench.index``: a set's passages as vectors of a run's model, and graphs over them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.api.holding import holding_with_encoder
from hybench.api.naming import (
    DataName,
    FolderName,
    RunName,
    the_dataset,
    the_folder,
    the_options,
    the_run,
)
from hybench.api.shown import Shown
from hybench.concurrency.progress import ProgressCallback, ignore
from hybench.data.dataset import Dataset
from hybench.encoders.devices import resolve_device
from hybench.encoders.precision import FP32
from hybench.importing.new_run import importing
from hybench.indexes.estimate import IndexEstimate, estimate_index
from hybench.indexes.handover.exporting import Export, export_vectors
from hybench.indexes.handover.folder import FOLDERS
from hybench.indexes.handover.taking import HandOver, Taken, take_vectors
from hybench.indexes.model import load_model_of
from hybench.indexes.options import IndexOptions
from hybench.indexes.writer import IndexReport, build_index
from hybench.runs.run import Run
from hybench.values.names import check_name
from hybench.wording.amounts import count, counted
from hybench.wording.commands import DATA_DIR, RUNS_DIR
from hybench.wording.text_table import Entry, Line, Sheet

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, repr=False)
class Indexed(Shown):
    """What indexing gave.

    Attributes:
        run: whose model.
        dataset: the set.
        reports: by language, sorted.
        taken: vectors that were made elsewhere, by kind and language.
    """

    run: Run
    dataset: Dataset
    reports: tuple[IndexReport, ...]
    taken: tuple[Taken, ...] = ()

    def to_frame(self) -> pl.DataFrame:
        """A row per language.

        language, passages, dimension (Int64), recall (Float64, of the graph at 100; null without),
        encoded (Int64: passages encoded now), unchanged (Boolean), seconds (Float64).
        """
        import polars as pl

        schema = {
            "language": pl.String, "passages": pl.Int64, "dimension": pl.Int64,
            "recall": pl.Float64, "encoded": pl.Int64, "unchanged": pl.Boolean,
            "seconds": pl.Float64,
        }  # fmt: skip
        rows = [
            (
                report.manifest.language,
                report.manifest.rows,
                report.manifest.dimension,
                report.manifest.recall,
                report.encoded,
                report.unchanged,
                report.seconds,
            )
            for report in self.reports
        ]
        return pl.DataFrame(rows, schema, orient="row")

    def sheets(self) -> tuple[Sheet, ...]:
        """One table, a line per language."""
        lines = tuple(map(_line, self.reports))
        header = ("lang", "passages", "dimension", "recall@100", "built")
        title = f"{self.run.name} · index of {self.dataset.name}"
        return (Sheet(title, header, 1, lines, notes=tuple(self._notes())),)

    def _notes(self) -> Iterator[str]:
        rounding = max((report.manifest.rounding for report in self.reports), default=0.0)
        if rounding:
            yield f"Stored in float16: no score differs by more than {rounding:.1e}."
        for each in self.taken:
            what = FOLDERS[each.kind]
            if each.kind == "query":
                yield f"{count(each.vectors)} vectors of {what} ({each.language})."
            if each.extra:
                yield (
                    f"Left out: {counted(each.extra, 'vectors')} of {what} ({each.language}) that "
                    f"{self.dataset.name} does not have."
                )


def _line(report: IndexReport) -> Line:
    manifest = report.manifest
    recall = "" if manifest.recall is None else f"{manifest.recall:.4f}"
    state = "up to date" if report.unchanged else f"{report.seconds:.1f} s"
    texts = (manifest.language, f"{manifest.rows:,}", str(manifest.dimension), recall, state)
    return Line(tuple(map(Entry, texts)))


def index(
    run: RunName,
    data: DataName,
    options: IndexOptions | None = None,
    *,
    vectors: HandOver | None = None,
    export: Export | None = None,
    device: str = "auto",
    precision: str = FP32,
    data_dir: FolderName = DATA_DIR,
    runs_dir: FolderName = RUNS_DIR,
    progress: ProgressCallback = ignore,
) -> Indexed:
    """Encode a set's passages with a run's model and index them; what is up to date is left alone.

    Args:
        run: whose model; with `vectors`, the name of a run that is made of them, or has others.
        data: the set.
        options: which languages, and whether and how graphs are built; None for the defaults.
        vectors: made elsewhere, of the set's passages and queries, to index instead of a model's.
        export: what to write of the vectors for other engines.
        device: where passages are encoded: auto, cpu, cuda or cuda:N.
        precision: that they are encoded in: fp32, bf16 or fp16.
        data_dir: folder of the sets.
        runs_dir: folder of the runs.
        progress: called as the work goes on.

    Raises:
        UsageError: there is no such run, set, language or device, or the run is of a kind without
            a model.
        StateError: the run has no model, or another process works on it.
        DataError: the model gives NaN or infinity, or a file is damaged.
    """
    options = the_options(options, IndexOptions)
    dataset = the_dataset(data, data_dir)
    taken: tuple[Taken, ...] = ()
    if vectors is None:
        opened = the_run(run, runs_dir)
    else:
        opened, taken = _taken(run, dataset, vectors, options, runs_dir, progress)
        languages = tuple(each.language for each in taken if each.kind == "passage")
        options = replace(options, languages=languages, force=False)
    options = replace(options, device=resolve_device(device))
    with holding_with_encoder(opened, dataset, device, precision) as encoder:
        reports = build_index(opened, dataset, encoder, options, progress)
        if export is not None:
            export_vectors(opened, dataset, encoder, export, options.chosen(dataset), progress)
    return Indexed(opened, dataset, tuple(reports), taken)


def _taken(
    run: RunName,
    dataset: Dataset,
    vectors: HandOver,
    options: IndexOptions,
    runs_dir: FolderName,
    progress: ProgressCallback,
) -> tuple[Run, tuple[Taken, ...]]:
    """The run of vectors that were made elsewhere, and what was taken of them."""
    if isinstance(run, str) and "/" not in run:
        opened = Run(the_folder(runs_dir) / check_name(run, "RUN"))
    else:
        opened = Run(the_folder(run)) if isinstance(run, str | Path) else the_run(run, runs_dir)
    with importing(opened):
        taken = take_vectors(
            opened,
            dataset,
            vectors,
            options.languages,
            store=options.store,
            shard_rows=options.shard_rows,
            force=options.force,
            progress=progress,
        )
    return opened, tuple(taken)


def plan_index(
    run: RunName,
    data: DataName,
    options: IndexOptions | None = None,
    *,
    device: str = "auto",
    precision: str = FP32,
    data_dir: FolderName = DATA_DIR,
    runs_dir: FolderName = RUNS_DIR,
    progress: ProgressCallback = ignore,
) -> IndexEstimate:
    """What `index` would take: passages, disk and time, from a sample of the passages.

    Arguments and errors are those of `index`.
    """
    options = the_options(options, IndexOptions)
    opened, dataset = the_run(run, runs_dir), the_dataset(data, data_dir)
    encoder = load_model_of(opened, device)
    encoder.use_precision(precision)
    return estimate_index(opened, dataset, encoder, options, progress)
