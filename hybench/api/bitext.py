"""``hybench.mine_bitext``: how well a model finds translations, by margin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hybench.api.naming import DataName, FolderName, RunName, the_dataset, the_options, the_run
from hybench.api.shown import Shown
from hybench.concurrency.progress import ProgressCallback, ignore
from hybench.evaluation.bitext import BitextOptions, BitextRow
from hybench.evaluation.bitext import mine_bitext as mine
from hybench.indexes.model import load_model_of
from hybench.runs.run import Run
from hybench.wording.commands import DATA_DIR, RUNS_DIR
from hybench.wording.text_table import Entry, Line, Sheet

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, repr=False)
class Bitext(Shown):
    """Translations that a model found.

    Attributes:
        run: the run.
        data: name of the set.
        split: the split that was mined.
        threshold_split: the one that the thresholds are from.
        rows: by pair of languages.
    """

    run: Run
    data: str
    split: str
    threshold_split: str
    rows: tuple[BitextRow, ...]

    @property
    def f1(self) -> float:
        """The mean F1 over pairs of languages."""
        return sum(row.score.f1 for row in self.rows) / len(self.rows)

    def to_frame(self) -> pl.DataFrame:
        """A row per pair of languages.

        language, other (String), translations (Int64), threshold, precision, recall, f1 (Float64).
        """
        import polars as pl

        schema = {
            "language": pl.String, "other": pl.String, "translations": pl.Int64,
            "threshold": pl.Float64, "precision": pl.Float64, "recall": pl.Float64,
            "f1": pl.Float64,
        }  # fmt: skip
        rows = [
            (
                *row.languages,
                row.translations,
                row.score.threshold,
                row.score.precision,
                row.score.recall,
                row.score.f1,
            )
            for row in self.rows
        ]
        return pl.DataFrame(rows, schema, orient="row")

    def sheets(self) -> tuple[Sheet, ...]:
        """One table: a line per pair of languages, and their mean."""
        shown = [
            (
                "–".join(row.languages),
                f"{row.translations:,}",
                f"{row.score.threshold:.3f}",
                *(f"{100 * each:.1f}" for each in (row.score.precision, row.score.recall)),
                f"{100 * row.score.f1:.1f}",
            )
            for row in self.rows
        ]
        lines = [Line(tuple(map(Entry, texts))) for texts in shown]
        mean = ("AVG", "", "", "", "", f"{100 * self.f1:.1f}")
        lines.append(Line(tuple(map(Entry, mean)), ruled=True))
        title = (
            f"{self.run.name} · translations in {self.data} ({self.split}) by ratio margin ×100, "
            f"thresholds from {self.threshold_split}"
        )
        header = ("languages", "n", "threshold", "precision", "recall", "F1")
        return (Sheet(title, header, 1, tuple(lines)),)


def mine_bitext(
    run: RunName,
    data: DataName,
    options: BitextOptions | None = None,
    *,
    device: str = "auto",
    data_dir: FolderName = DATA_DIR,
    runs_dir: FolderName = RUNS_DIR,
    progress: ProgressCallback = ignore,
) -> Bitext:
    """Pair the queries of every two languages by margin; nothing is written.

    Args:
        run: whose model.
        data: a set whose queries are parallel, with two splits.
        options: what is mined; None for the defaults.
        device: where texts are encoded.
        data_dir: folder of the sets.
        runs_dir: folder of the runs.
        progress: called as the work goes on.

    Raises:
        UsageError: there is no such run, set, split or language, or it is not parallel.
        StateError: the run has no model.
        DataError: a table is damaged, or the model gives NaN or infinity.
    """
    options = the_options(options, BitextOptions)
    opened, dataset = the_run(run, runs_dir), the_dataset(data, data_dir)
    split = dataset.evaluation_split(options.split)
    rows = mine(dataset, load_model_of(opened, device), options, progress)
    return Bitext(opened, dataset.name, split, options.threshold_split, tuple(rows))
