"""The stage: a run that is made of others by a closed formula."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from hybench.concurrency.progress import ProgressCallback, ignore
from hybench.data.dataset import Dataset
from hybench.derived import MERGES, METHODS, Affine, Maps
from hybench.derived.costs import cost_events
from hybench.derived.options import SAMPLE, TEXTS, DeriveOptions
from hybench.derived.routes import check_mappable, with_maps
from hybench.derived.start import common_start
from hybench.derived.statistics import Statistics, encode_texts
from hybench.derived.weights import check_alike, merge_into
from hybench.encoders.encoder import Encoder
from hybench.encoders.lora import fold_adapter
from hybench.errors import StateError
from hybench.files.documents import write_json
from hybench.indexes.model import load_model_of
from hybench.indexes.reader import model_sha256
from hybench.origins.model import Origin, TrainedSet, united
from hybench.origins.tracing import benchmark_of_set, origin_of
from hybench.runs.cost import NOTHING, Cost
from hybench.runs.derived import Parent, start_config
from hybench.runs.environment import describe_environment
from hybench.runs.events import EventLog, first_event
from hybench.runs.metering import Meter
from hybench.runs.run import DERIVED, Run


@dataclass(frozen=True)
class Given:
    """What a run is derived from, opened.

    Attributes:
        parents: the runs, the first first, each with its weight.
        dataset: of the statistics; None for a merge.
        base: the run that all parents began with, if it was named.
        data_root: folder of the prepared sets.
    """

    parents: tuple[tuple[Run, float], ...]
    dataset: Dataset | None = None
    base: Run | None = None
    data_root: Path = Path("data")

    @property
    def runs(self) -> tuple[Run, ...]:
        """The parents."""
        return tuple(run for run, _ in self.parents)


@dataclass(frozen=True)
class DeriveReport:
    """What was made.

    Attributes:
        counts: texts of the statistics by language; empty for a merge.
        moved: by language, the mean distance that a text's vector moved, of length 1 before and
            after; empty for a merge.
        cost: of deriving, without the parents'.
    """

    counts: Mapping[str, int]
    moved: Mapping[str, float]
    cost: Cost


def derive(
    run: Run,
    given: Given,
    options: DeriveOptions,
    *,
    device: str = "cpu",
    force: bool = False,
    progress: ProgressCallback = ignore,
) -> DeriveReport:
    """Make a run of kind derived; equal parents, texts and options give equal weights.

    Args:
        run: the run, which its caller holds.
        given: what it is made of.
        options: how.
        device: where texts are encoded.
        force: replace the run.
        progress: called as the work goes on.

    Raises:
        UsageError: parents, method and set do not fit together.
        StateError: the run exists, or a parent has no model.
        DataError: a model gives NaN or infinity, or a file is damaged.
    """
    if run.exists() and not force:
        raise StateError(f"Run {run.name} exists.", "Choose another name, or add --force.")
    parents = _parents(given)
    made = (
        _merged(given, options, device, progress)
        if options.merges
        else _mapped(given, options, device, progress)
    )
    if run.config_file.is_file():
        run.clear()
    write_json(run.environment_file, describe_environment(str(made.encoder.device)))
    log = EventLog(run.events_file)
    log.append("derived", **made.said, counts=made.counts)
    log.append("start", data=_data(given, made.data), origin=_origin(given, made.counts).to_event())
    made.encoder.save(run.model)
    run.write_config(_config(options, parents))
    run.note_model()
    events = cost_events(given.runs, made.cost)
    for event in ("teacher", "done"):
        if event in events:
            log.append(event, **events[event])
    return DeriveReport(made.counts, made.moved, made.cost)


@dataclass(frozen=True)
class _Made:
    """A derived model, and what is written down of its making."""

    encoder: Encoder
    said: dict[str, Any]
    cost: Cost
    counts: dict[str, int]
    moved: dict[str, float]
    data: list[dict[str, Any]]


def _mapped(given: Given, options: DeriveOptions, device: str, progress: ProgressCallback) -> _Made:
    """The first parent with maps behind it."""
    [run], dataset = given.runs, given.dataset
    if dataset is None:
        raise ValueError("a method of vectors needs a set")
    encoder = load_model_of(run, device)
    check_mappable(run.name, encoder)
    fold_adapter(encoder)
    meter = Meter(encoder)
    sample, texts = options.sample or SAMPLE, options.texts or TEXTS[0]
    statistics = encode_texts(dataset, encoder, texts, sample, options.languages, progress)
    maps = METHODS[options.method].function(statistics, options.settings)
    cost = meter.cost()
    return _Made(
        with_maps(encoder, maps),
        dict(maps.said),
        cost,
        statistics.counts,
        _moved(statistics, maps),
        [
            {
                "name": dataset.name,
                "fingerprint": dataset.info.fingerprint,
                "languages": list(statistics.languages),
            }
        ],
    )


def _moved(statistics: Statistics, maps: Maps) -> dict[str, float]:
    """How far the texts' vectors move, on average, by language."""

    def distance(language: str, affine: Affine) -> float:
        vectors = statistics.vectors(language)
        mapped = affine(vectors)
        lengths = np.linalg.norm(mapped, axis=1, keepdims=True)
        mapped = mapped / np.maximum(lengths, 1e-12)
        return round(float(np.linalg.norm(mapped - vectors, axis=1).mean()), 6)

    return {
        language: distance(language, maps.everywhere or maps.languages[language])
        for language in statistics.languages
    }


def _merged(given: Given, options: DeriveOptions, device: str, progress: ProgressCallback) -> _Made:
    """The weights of all parents in the first one's model."""
    begun = time.perf_counter()
    merge, names = MERGES[options.how_to_merge], [run.name for run in given.runs]
    encoders = [load_model_of(run, device) for run in given.runs]
    base, called = None, ""
    if merge.needs_base:
        base, called = common_start(given.runs, given.base, given.data_root, device)
        encoders, names = [*encoders, base], [*names, called]
    for encoder in encoders:
        fold_adapter(encoder)
    check_alike(names, encoders)
    first, *others = encoders[: len(given.runs)]
    total = sum(weight for _, weight in given.parents)
    shares = [weight / total for _, weight in given.parents]
    merge_into(first, others, shares, base, merge, options.settings, progress)
    said: dict[str, Any] = {"shares": dict(zip(names, shares, strict=False))}
    if called:
        said["base"] = called
    cost = replace(NOTHING, seconds=round(time.perf_counter() - begun, 3))
    return _Made(first, said, cost, {}, {}, [])


def _parents(given: Given) -> list[Parent]:
    """The parents, as a config keeps them.

    Raises:
        StateError: one has no model, or it has changed.
    """
    return [
        Parent(run.name, str(run.path.absolute()), model_sha256(run), weight, run.read_config())
        for run, weight in given.parents
    ]


def _config(options: DeriveOptions, parents: Sequence[Parent]) -> dict[str, Any]:
    """The values of the run's config.toml; the seed is that of the training it begins with."""
    config: dict[str, Any] = {"kind": DERIVED, **options.to_toml()}
    seeds = [start_config(each.config).get("seed") for each in parents]
    trained = [seed for seed, each in zip(seeds, parents, strict=True) if _was_trained(each)]
    if trained:
        config["seed"] = trained[0]
    return {**config, "parents": [each.to_toml() for each in parents]}


def _data(given: Given, own: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The sets of the statistics and of the parents' trainings, as their logs name them."""
    found: dict[str, dict[str, Any]] = {}
    recorded = [first_event(run.events_file, "start").get("data") or () for run in given.runs]
    for each in [*own, *(item for items in recorded for item in items)]:
        known = found.get(each["name"], {})
        languages = {*known.get("languages", ()), *each.get("languages", ())}
        found[each["name"]] = {**each, **known, "languages": sorted(languages)}
    return list(found.values())


def _was_trained(parent: Parent) -> bool:
    start = start_config(parent.config)
    return "seed" in start and start.get("steps") != 0


def _origin(given: Given, counts: Mapping[str, int]) -> Origin:
    """What the parents come from, and the set of the statistics."""
    origins = [origin_of(run) for run in given.runs]
    if given.dataset is not None:
        info = given.dataset.info
        used = TrainedSet(info.name, benchmark_of_set(info), tuple(counts))
        origins.append(Origin(sets=(used,)))
    return united(origins)
