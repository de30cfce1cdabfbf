"""Measure published numbers again, with the models and sets that are at hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hybench.api.evaluating import Evaluated, evaluate
from hybench.concurrency.progress import ProgressCallback, ignore
from hybench.data.dataset import Dataset
from hybench.data.manifest import MANIFEST
from hybench.encoders.checkpoint import locate
from hybench.errors import UsageError
from hybench.evaluation.bm25.baseline import Bm25Options
from hybench.evaluation.scope import EvalOptions
from hybench.files.checksums import sha256_once
from hybench.runs.models import ModelOptions
from hybench.verification.known import Known, known_numbers
from hybench.wording.commands import DATA_DIR, RUNS_DIR, command

WEIGHTS = "model.safetensors"


class NotAtHand(Exception):  # noqa: N818 - an answer, no failure
    """Why a number cannot be measured here, in a sentence."""


@dataclass(frozen=True)
class Measured:
    """A number as it was measured here.

    Attributes:
        value: in the metric's own unit.
        exact: whether the model's weights are those that were published; True without a model.
        run: name of the run; empty for the size of a set.
    """

    value: float
    exact: bool = True
    run: str = ""


@dataclass
class Bench:
    """What is at hand.

    Attributes:
        models: directories or ids by the name of a model, with or without its owner.
        models_dir: folder of further models, each in a folder of its name; None for none.
        data_dir: folder of the sets.
        runs_dir: folder of the runs that are made.
        device: auto, cpu, mps, cuda or cuda:N.
        progress: called as the work goes on.
    """

    models: Mapping[str, str] = field(default_factory=dict)
    models_dir: Path | None = None
    data_dir: Path = DATA_DIR
    runs_dir: Path = RUNS_DIR
    device: str = "auto"
    progress: ProgressCallback = ignore

    def measure(self, known: Known) -> Measured:
        """Measure a number; what earlier runs have kept is not searched again.

        Raises:
            NotAtHand: the model or the set is not at hand.
            UsageError: the set or the model cannot be used.
            StateError: a run of the name that this one takes was made otherwise.
            DataError: a file is damaged.
        """
        ways: dict[str, Callable[[Known, Dataset], Measured]] = {
            "scores": self._score,
            "words": self._words,
            "counts": self._count,
        }
        return ways[known.kind](known, self._dataset(known))

    def model_of(self, known: Known) -> str:
        """What to load for a model: a directory, or an id with its commit.

        Raises:
            NotAtHand: it is not there.
        """
        last = known.model.rpartition("/")[2]
        named = self.models.get(known.model) or self.models.get(last)
        if named is not None:
            return named
        if self.models_dir is not None and (self.models_dir / last).is_dir():
            return str(self.models_dir / last)
        cached = f"{known.model}@{known.revision}"
        if known.revision and _is_cached(known.model, known.revision):
            return cached
        raise NotAtHand(
            f"the model is not at hand (--model {last}=FOLDER, or --model {last}={known.model} to "
            "fetch it)"
        )

    def _dataset(self, known: Known) -> Dataset:
        folder = self.data_dir / known.data
        if not (folder / MANIFEST).is_file():
            words = command("prepare", *known.prepare.split(), data_dir=self.data_dir)
            raise NotAtHand(f"{known.data} is not prepared ({words})")
        dataset = Dataset.open(folder)
        for language in (known.query_language, known.passage_language):
            if language not in dataset.table_languages("passages"):
                raise NotAtHand(f"{known.data} has no {language} here")
        return dataset

    def _count(self, known: Known, dataset: Dataset) -> Measured:
        counts = dataset.info.counts
        if known.metric == "queries":
            split = dataset.evaluation_split()
            return Measured(float(counts["splits"][split][known.query_language]))
        return Measured(float(counts["passages"][known.passage_language]))

    def _score(self, known: Known, dataset: Dataset) -> Measured:
        model = self.model_of(known)
        options = ModelOptions(_run_name(known), *known.use)
        found = evaluate(
            model,
            dataset,
            _options(known),
            model=options,
            device=self.device,
            data_dir=self.data_dir,
            runs_dir=self.runs_dir,
            progress=self.progress,
        )
        exact = bool(known.weights) and _weights_of(model) == known.weights
        published = bool(known.revision) and model == f"{known.model}@{known.revision}"
        return Measured(_mean(found, known), exact or published, found.run.name)

    def _words(self, known: Known, dataset: Dataset) -> Measured:
        found = evaluate(
            known.model,
            dataset,
            _options(known),
            bm25=Bm25Options(tokens="whitespace", name="bm25-whitespace"),
            data_dir=self.data_dir,
            runs_dir=self.runs_dir,
            progress=self.progress,
        )
        return Measured(_mean(found, known), run=found.run.name)


def _run_name(known: Known) -> str:
    """The name of the model's run; one for each of the ways in which the table uses it."""
    ways = list(dict.fromkeys(each.use for each in known_numbers() if each.model == known.model))
    name, number = known.model.rpartition("/")[2], ways.index(known.use) + 1
    return name if number == 1 else f"{name}-{number}"


def _options(known: Known) -> EvalOptions:
    return EvalOptions(settings=(known.setting,), metrics=(known.metric,))


def _mean(found: Evaluated, known: Known) -> float:
    """The mean over the queries of a language and search.

    Raises:
        UsageError: there are none.
    """
    values = found.to_frame().filter(
        setting=known.setting,
        query_lang=known.query_language,
        corpus_lang=known.passage_language,
        metric=known.metric,
    )
    if values.is_empty():
        raise UsageError(
            f"Run {found.run.name} has no {known.metric} on {known.where}.",
            "Evaluate it on all languages of the set.",
        )
    return float(values["value"].to_numpy().mean())


def _weights_of(model: str) -> str:
    """SHA-256 of the model's file of weights; empty if they are in several files."""
    file = locate(model).folder / WEIGHTS
    return sha256_once(file) if file.is_file() else ""


def _is_cached(model: str, revision: str) -> bool:
    from huggingface_hub import try_to_load_from_cache

    found = (try_to_load_from_cache(model, name, revision=revision) for name in (WEIGHTS,))
    return any(isinstance(each, str) for each in found)
