"""``hybench.evaluate``: a run's scores on a set, in every setting that it allows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.api.evaluation_request import EvaluationRequest, Tell
from hybench.api.holding import changed_meanwhile
from hybench.api.naming import DataName, FolderName, RunName, the_folder
from hybench.api.shown import Shown
from hybench.concurrency.progress import ProgressCallback, ignore
from hybench.data.dataset import Dataset
from hybench.encoders.precision import FP32
from hybench.evaluation.bm25.baseline import Bm25Options
from hybench.evaluation.evaluate import EvalReport
from hybench.evaluation.kept_ranks import add_metrics
from hybench.evaluation.results import read_results
from hybench.evaluation.scope import EvalOptions
from hybench.runs.models import ModelOptions
from hybench.runs.run import Run
from hybench.wording.commands import DATA_DIR, RUNS_DIR
from hybench.wording.text_table import Sheet

if TYPE_CHECKING:
    import polars as pl

    from hybench.evaluation.estimate import EvalEstimate


@dataclass(frozen=True, repr=False)
class Evaluated(Shown):
    """The scores of a run on a set.

    Attributes:
        run: the run.
        report: the results' name, what they are, and their values.
        metrics: those that were asked for, which its tables show; empty for all.
    """

    run: Run
    report: EvalReport
    metrics: tuple[str, ...] = ()

    def to_frame(self) -> pl.DataFrame:
        """A row per query and metric.

        setting, query_lang, corpus_lang, query_id, source_id, metric (String), value (Float64, in
        the metric's own unit); ``source_id`` is the same for translations of one query.
        """
        return self.report.values

    def sheets(self) -> tuple[Sheet, ...]:
        """Scores by language, a table per setting, and the matrix of languages."""
        from hybench.comparison.score_sheets import evaluation_sheets
        from hybench.comparison.training_marks import model_of

        info, values = self.report.info, self.report.values
        model = model_of(self.run.name, [self.run], [info])
        return tuple(evaluation_sheets(self.run.name, values, info, self.metrics, model))

    def export_trec(self, dataset: Dataset, folder: FolderName) -> tuple[Path, ...]:
        """Write runs and judgements in TREC's formats, a file by search.

        Args:
            dataset: the set.
            folder: where to; it is made.

        Raises:
            DataError: an id has white space, or a table is damaged.
            StateError: the folder cannot be written.
        """
        from hybench.evaluation.trec_export import export_trec

        return export_trec(read_results(self.run, self.report.key), dataset, the_folder(folder))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What weakens the scores, a sentence each."""
        from hybench.comparison.result_notes import overlaps

        info, said = self.report.info, []
        if info.search == "ann":
            worst = min(info.recall.values(), default=0.0)
            said.append(f"approximate search: recall@100 against exact is {worst:.3f} at worst.")
        if info.shallow:
            said.append(
                f"RankDistance: relevant passages that are not among the {info.depth:,} hits count "
                f"as rank {info.missing_rank:,}, below the whole pool."
            )
        said += [
            f"{self.run.name} was {claim}, so these are not scores of unseen {what}: evaluate on a "
            "set or split that was held out, or train without them."
            for claim, what in overlaps(info)
        ]
        return tuple(said)

    @property
    def language_bias(self) -> dict[str, float]:
        """Measures of language bias over all languages; none without a multilingual pool."""
        return language_bias(self.run, self.report.key)


def language_bias(run: Run, key: str) -> dict[str, float]:
    """Measures of language bias by name (`hybench.metrics.bias`), over all languages.

    Args:
        run: the run.
        key: the results' name.

    Returns:
        None of them without a multilingual pool.

    Raises:
        StateError: there are no such results.
        DataError: they cannot be read.
    """
    import polars as pl

    from hybench.metrics.bias import bias_table

    results = read_results(run, key)
    if "multi" not in results.info.settings:
        return {}
    table = bias_table(results.values, results.relevant().collect())
    overall = table.filter(pl.col("query_lang") == "all").select("metric", "value")
    return dict(overall.iter_rows())


def evaluate(
    run: RunName,
    data: DataName,
    options: EvalOptions | None = None,
    *,
    bm25: Bm25Options | None = None,
    model: ModelOptions | None = None,
    device: str = "auto",
    precision: str = FP32,
    data_dir: FolderName = DATA_DIR,
    runs_dir: FolderName = RUNS_DIR,
    progress: ProgressCallback = ignore,
    tell: Tell = lambda _: None,
) -> Evaluated:
    """Score every judged query of a set's split; passages that are not indexed are indexed first.

    Metrics that are asked for are computed from the ranks that the run's results keep, where these
    suffice; nothing is searched then.

    Args:
        run: the run; ``bm25`` for the baseline; or a model as it is: a directory, or an id on the
            hub, of which a run is made.
        data: the set, ``SET@SPLIT`` for a split that is not its own.
        options: which queries, settings and metrics, and how they are searched; None for the
            defaults.
        bm25: parameters of the baseline, and the name of its run; None for the defaults.
        model: how a model is used, and the name of its run; None for its own ways.
        device: where texts are encoded and vectors are multiplied: auto, cpu, cuda or cuda:N.
        precision: that texts are encoded in: fp32, bf16 or fp16.
        data_dir: folder of the sets.
        runs_dir: folder of the runs.
        progress: called as the work goes on.
        tell: called with a sentence on whether metrics come from kept ranks, and with what a model
            as it is is and how its texts are treated.

    Raises:
        UsageError: there is no such run, set, split, setting, language, metric or device, or the
            run has no model.
        StateError: the run has no model yet or has results that cover more, its model has changed
            since the run was made of it, or another process works on it.
        DataError: a file is damaged, or the model gives NaN or infinity.
    """
    asked = EvaluationRequest.of(run, data, options, bm25, model, data_dir, runs_dir)
    if asked.kept(tell) is not None:
        with asked.run.lock():
            kept = asked.kept(lambda _: None)  # again: another process may have replaced them
            if kept is None:
                raise changed_meanwhile(f"The results of run {asked.run.name}")
            results = add_metrics(kept, asked.options.metrics)
            report = EvalReport(results.key, results.info, results.values)
    else:
        report = asked.search(device, precision, progress, tell)
    return Evaluated(asked.run, report, asked.options.metrics)


def plan_evaluation(
    run: RunName,
    data: DataName,
    options: EvalOptions | None = None,
    *,
    bm25: Bm25Options | None = None,
    model: ModelOptions | None = None,
    device: str = "auto",
    precision: str = FP32,
    data_dir: FolderName = DATA_DIR,
    runs_dir: FolderName = RUNS_DIR,
    progress: ProgressCallback = ignore,
    tell: Tell = lambda _: None,
) -> EvalEstimate | None:
    """What `evaluate` would take: searches, disk and time; None where kept ranks suffice.

    Arguments and errors are those of `evaluate`.
    """
    from hybench.evaluation.estimate import estimate_bm25, estimate_evaluation

    asked = EvaluationRequest.of(run, data, options, bm25, model, data_dir, runs_dir)
    if asked.kept(tell) is not None:
        return None
    if asked.bm25 is not None:
        return estimate_bm25(asked.run.path.parent, asked.dataset, asked.bm25, progress)
    encoder = asked.encoder(device, precision)
    on_device = asked.on(str(encoder.device))
    return estimate_evaluation(asked.run, asked.dataset, encoder, on_device, progress)
