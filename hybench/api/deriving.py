"""``hybench.derive``: a run made of others without training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hybench.api.naming import (
    FolderName,
    RunName,
    the_dataset,
    the_folder,
    the_options,
    the_run,
)
from hybench.api.shown import Shown
from hybench.api.training import new_run
from hybench.concurrency.progress import ProgressCallback, ignore
from hybench.derived.options import DeriveOptions, run_and_weight
from hybench.errors import UsageError
from hybench.runs.run import Run
from hybench.values.typed import typed
from hybench.wording.commands import DATA_DIR, RUNS_DIR
from hybench.wording.text_table import Entry, Line, Sheet

if TYPE_CHECKING:
    import polars as pl

    from hybench.derived.derive import DeriveReport


@dataclass(frozen=True, repr=False)
class Derived(Shown):
    """A derived run.

    Attributes:
        run: the run; the other verbs take it.
        parents: what it was made of, each with its weight.
        options: how.
        report: the texts by language, how far they moved, and the cost.
    """

    run: Run
    parents: tuple[tuple[Run, float], ...]
    options: DeriveOptions
    report: DeriveReport

    def to_frame(self) -> pl.DataFrame:
        """A row per language of a method's statistics, or per run of a merge.

        language (String), texts (Int64) and moved (Float64, the mean distance that vectors of
        length 1 moved); or run (String) and weight (Float64).
        """
        import polars as pl

        if self.options.merges:
            rows: list[tuple[object, ...]] = [(run.name, weight) for run, weight in self.parents]
            return pl.DataFrame(rows, {"run": pl.String, "weight": pl.Float64}, orient="row")
        counts, moved = self.report.counts, self.report.moved
        rows = [(language, counts[language], moved[language]) for language in sorted(counts)]
        schema = {"language": pl.String, "texts": pl.Int64, "moved": pl.Float64}
        return pl.DataFrame(rows, schema, orient="row")

    def sheets(self) -> tuple[Sheet, ...]:
        """One table: a line per language, or per run of a merge."""
        options, seconds = self.options, self.report.cost.seconds
        if options.merges:
            title = f"{self.run.name} · merged ({options.how_to_merge}), {seconds:.1f} s"
            lines = [Line((Entry(run.name), Entry(f"{by:g}"))) for run, by in self.parents]
            return (Sheet(title, ("run", "weight"), 1, tuple(lines)),)
        title = (
            f"{self.run.name} · {options.method} of {self.parents[0][0].name} by {options.data}, "
            f"{seconds:.1f} s"
        )
        lines = [
            Line(
                (Entry(language), Entry(f"{count:,}"), Entry(f"{self.report.moved[language]:.3f}"))
            )
            for language, count in sorted(self.report.counts.items())
        ]
        return (Sheet(title, ("lang", "texts", "moved"), 1, tuple(lines)),)


def derive(
    name: str,
    start: RunName,
    options: DeriveOptions,
    *,
    device: str = "auto",
    force: bool = False,
    data_dir: FolderName = DATA_DIR,
    runs_dir: FolderName = RUNS_DIR,
    progress: ProgressCallback = ignore,
) -> Derived:
    """Make a run of another, or of several, by a closed formula: no training.

    Args:
        name: of the new run.
        start: the run that it is made of; in a merge, the first.
        options: the method and its options.
        device: where texts are encoded: auto, cpu, mps, cuda or cuda:N.
        force: replace the run of that name.
        data_dir: folder of the sets.
        runs_dir: folder of the runs.
        progress: called as the work goes on.

    Raises:
        UsageError: there is no such run or set, or they and the method do not fit together.
        StateError: the run exists, a run it is made of has no model, or another process works on
            it.
        DataError: a model gives NaN or infinity, or a file is damaged.
    """
    from hybench.derived.derive import Given
    from hybench.derived.derive import derive as make
    from hybench.encoders.devices import resolve_device

    options = the_options(options, DeriveOptions)
    root, sets = the_folder(runs_dir), the_folder(data_dir)
    run = new_run(typed(name, str, "name"), root)
    others = [run_and_weight(text) for text in options.others]
    parents = [
        (the_run(start, root), options.weight or 1.0),
        *((the_run(other, root), weight) for other, weight in others),
    ]
    if any(run.path.absolute() == parent.path.absolute() for parent, _ in parents):
        raise UsageError(f"Run {run.name} cannot be derived from itself.", "Choose another name.")
    given = Given(
        tuple(parents),
        None if options.data is None else the_dataset(options.data, sets),
        None if options.base is None else the_run(options.base, root),
        sets,
    )
    with run.lock():
        report = make(
            run, given, options, device=resolve_device(device), force=force, progress=progress
        )
    return Derived(run, tuple(parents), options, report)
