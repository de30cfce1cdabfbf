"""What `hybench.evaluate` is asked for, with every name resolved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.api.asked_model import AskedModel, run_or_model
from hybench.api.holding import holding_with_model
from hybench.api.naming import (
    DataName,
    FolderName,
    RunName,
    the_dataset,
    the_folder,
    the_options,
)
from hybench.concurrency.progress import ProgressCallback
from hybench.data.dataset import Dataset
from hybench.data.manifest import MANIFEST
from hybench.errors import UsageError
from hybench.evaluation.bm25.baseline import Bm25Options, check_parameters, evaluate_bm25
from hybench.evaluation.evaluate import EvalReport
from hybench.evaluation.evaluate import evaluate as evaluate_model
from hybench.evaluation.kept_ranks import NotKept, cannot_search, kept_ranks
from hybench.evaluation.results import Results
from hybench.evaluation.scope import EvalOptions
from hybench.indexes.handover.stored import StoredVectors
from hybench.runs.models import ModelOptions
from hybench.runs.run import BM25, IMPORTED, MODEL, VECTORS, Run
from hybench.values.names import folder_named
from hybench.wording.amounts import listed

if TYPE_CHECKING:
    from hybench.encoders.encoder import Encoder

Tell = Callable[[str], object]


@dataclass(frozen=True)
class EvaluationRequest:
    """What is to be evaluated.

    Attributes:
        run: the run; that of BM25 or of a model may not be there yet.
        data: the set, opened or not.
        options: which queries, settings and metrics.
        bm25: parameters of the baseline; None for a run with a model.
        model: the model that the run is to be made of; None if the run exists.
        data_dir: folder of the sets.
    """

    run: Run
    data: DataName
    options: EvalOptions
    bm25: Bm25Options | None
    model: AskedModel | None
    data_dir: Path

    @classmethod
    def of(
        cls,
        run: RunName,
        data: DataName,
        options: EvalOptions | None,
        bm25: Bm25Options | None,
        model: ModelOptions | None,
        data_dir: FolderName,
        runs_dir: FolderName,
    ) -> EvaluationRequest:
        """Resolve the names.

        Raises:
            UsageError: there is no such run or model, or the split is named twice.
            StateError: there is a run of the model's name, of another model or with other options.
        """
        options = the_options(options, EvalOptions)
        sets = the_folder(data_dir)
        if isinstance(data, str):
            data, split = _set_and_split(data, options.split)
            options = replace(options, split=split)
        if options.data_root is None:
            options = replace(options, data_root=sets)
        if run != BM25:
            opened, asked = run_or_model(run, model, runs_dir)
            return cls(opened, data, options, None, asked, sets)
        words = replace(the_options(bm25, Bm25Options), evaluation=options)
        return cls(Run(the_folder(runs_dir) / words.name), data, options, words, None, sets)

    @property
    def dataset(self) -> Dataset:
        """The set, opened.

        Raises:
            UsageError: there is none.
        """
        return the_dataset(self.data, self.data_dir)

    def on(self, device: str) -> EvalOptions:
        """The options with the device that vectors are multiplied on."""
        return replace(self.options, device=device)

    @property
    def has_vectors(self) -> bool:
        """Whether the run has vectors that were made elsewhere, and no model."""
        return self.model is None and self.run.exists() and self.run.kind == VECTORS

    def encoder(self, device: str, precision: str) -> Encoder | StoredVectors:
        """The run's model, or its vectors; a missing set is reported before it is loaded."""
        from hybench.indexes.model import load_model_as_it_is, load_model_of

        dataset = self.dataset
        if self.has_vectors:
            return StoredVectors.of(self.run, dataset, device, precision)
        if self.model is not None:
            encoder, _ = load_model_as_it_is(self.model.model, self.model.options, device)
        else:
            encoder = load_model_of(self.run, device)
        encoder.use_precision(precision)
        return encoder

    def search(
        self, device: str, precision: str, progress: ProgressCallback, tell: Tell
    ) -> EvalReport:
        """Search every query, by words or with the run's model, while the run is held.

        What a model as it is is, and what becomes of its texts, is told first.
        """
        dataset = self.dataset
        dataset.evaluation_split(self.options.split)  # nothing is written where there is none
        if self.bm25 is not None:
            with self.run.lock():
                return evaluate_bm25(self.run.path.parent, dataset, self.bm25, progress)[1]
        if self.has_vectors:
            stored = StoredVectors.of(self.run, dataset, device, precision)
            with self.run.lock():
                options = self.on(stored.device)
                return evaluate_model(self.run, dataset, stored, options, progress)
        from hybench.encoders.description import describe

        with holding_with_model(self.run, device, precision, self.model) as encoder:
            if self.run.kind == MODEL:
                for what, text in describe(encoder).lines():
                    tell(f"{self.run.name}: {what}: {text}")
            options = self.on(str(encoder.device))
            return evaluate_model(self.run, dataset, encoder, options, progress)

    def kept(self, tell: Tell) -> Results | None:
        """The results whose ranks give the metrics asked for; None where it must search.

        Raises:
            UsageError: an imported run would have to be searched.
        """
        asked = self.options.metrics
        if not asked:
            return None
        if self.bm25 is not None:
            check_parameters(self.run, self.bm25)
        imported = self.run.config_file.is_file() and self.run.kind == IMPORTED
        unprepared = imported and isinstance(self.data, str) and not self._is_prepared(self.data)
        # Of a set that is not prepared here, the name in the imported run's results is enough.
        data = str(self.data) if unprepared else self.dataset
        try:
            kept = kept_ranks(self.run, data, self.options)
        except NotKept as why:
            if imported:
                raise cannot_search(self.run, asked, str(why)) from why
            tell(f"{listed(asked)}: searching, since {why}.")
            return None
        new = [name for name in asked if name not in kept.info.metrics]
        where = f"the results of {self.run.name} on {kept.key}"
        tell(
            f"{listed(new)}: from the ranks that {where} keep; nothing is searched."
            if new
            else f"{listed(asked)}: in {where} already; nothing is searched."
        )
        return kept

    def _is_prepared(self, data: str) -> bool:
        return (folder_named(data, self.data_dir) / MANIFEST).is_file()


def _set_and_split(data: str, split: str | None) -> tuple[str, str | None]:
    """A set and a split; results, and with them ``compare``, call it ``SET@SPLIT``.

    Raises:
        UsageError: ``--split`` says another.
    """
    folder, at, named = data.rpartition("@")
    if not at or "/" in named:
        return data, split
    if split not in {None, named}:
        raise UsageError(
            f"--data {data} is of the split {named}, and --split says {split}.", "Omit one."
        )
    return folder, named
