"""Traces what a run or a checkpoint comes from, through runs of hybench too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hybench.data.manifest import DatasetInfo
from hybench.encoders.kinds import ENCODERS
from hybench.encoders.named import run_model
from hybench.errors import HybenchError
from hybench.origins.folders import links_of, links_of_id
from hybench.origins.known import benchmark_named, benchmark_of
from hybench.origins.model import Link, Origin, TrainedSet, united
from hybench.runs.events import Event, first_event
from hybench.runs.run import BM25, CONFIG, DERIVED, Run
from hybench.values.typed import from_json
from hybench.values.weights import set_names

ANY_KIND = ("hub", "jsonl", "parallel")
"""Sources that prepare sets of any kind, by repository or from files."""


def trace(name: str) -> Origin:
    """The origin of a checkpoint: a folder, a run's model, or an id on the hub."""
    folder = Path(name)
    if not folder.is_dir():
        return Origin(links_of_id(name.partition("@")[0]))
    if (folder.parent / CONFIG).is_file() and folder.name == "model":
        return origin_of(Run(folder.parent))
    return Origin(links_of(folder))


def origin_of(run: Run) -> Origin:
    """The origin of a run's model.

    It is what its training recorded when it began; of runs of older builds, what their configs
    name, and the sets by their names. Of an imported run, nothing is known.
    """
    try:
        config = run.read_config()
    except HybenchError:
        return _unknown(run)
    kind = config.get("kind", "train")
    if kind == BM25:
        return Origin()
    if kind not in {"train", DERIVED}:  # a model that is evaluated as it is, or an imported run
        return _of_config(config) if config.get("encoder") else _unknown(run)
    start = first_event(run.events_file, "start")
    recorded = start.get("origin")
    if recorded is not None or kind == DERIVED:
        try:
            return from_json(Origin, recorded, run.events_file, "")
        except HybenchError:
            return _unknown(run)
    return united([_of_config(config), Origin(sets=_sets_by_name(config, start))])


def origin_of_training(
    config: Mapping[str, Any], trained: Iterable[tuple[DatasetInfo, Iterable[str]]]
) -> Origin:
    """The origin of a student that is about to be trained.

    Args:
        config: the values of its config.
        trained: its sets, each with the languages of its pairs.
    """
    sets = tuple(
        TrainedSet(info.name, benchmark_of_set(info), tuple(languages))
        for info, languages in trained
    )
    return united([_of_config(config), Origin(sets=sets)])


def benchmark_of_set(info: DatasetInfo) -> str:
    """Key of the test set that a prepared set is; empty if it is in no table.

    Of a source that takes sets of any kind, the repository says it, or the name of parallel texts.
    """
    if info.source not in ANY_KIND:
        return benchmark_of(info.source)
    found = benchmark_of("", info.revision)
    return found or (benchmark_named(info.name) if info.source == "parallel" else "")


def _of_config(config: Mapping[str, Any]) -> Origin:
    """What a training's config names: an encoder that is a checkpoint, and its teachers."""
    encoder, teacher, initial = (
        str(config.get(key) or "") for key in ("encoder", "teacher", "init")
    )
    found = [] if not encoder or encoder in ENCODERS else [trace(encoder)]
    teachers = [
        trace(each).as_teacher for each in (teacher, *(config.get("more_teachers") or ())) if each
    ]
    begun = run_model(initial)
    if begun is not None:
        return united([trace(str(begun)), *teachers])
    found += [trace(each).as_teacher for each in (initial,) if each] + teachers
    return united(found)


def _sets_by_name(config: Mapping[str, Any], start: Event) -> tuple[TrainedSet, ...]:
    """The sets of a training that recorded no origin."""
    recorded = start.get("data")
    languages = {
        each["name"]: tuple(each["languages"])
        for each in (recorded if isinstance(recorded, list) else ())
        if isinstance(each, dict) and {"name", "languages"} <= each.keys()
    }
    asked = tuple(config.get("languages") or ())
    names = [Path(name).name for name in set_names(config.get("data") or ())]
    return tuple(
        TrainedSet(name, benchmark_named(name), languages.get(name, asked)) for name in names
    )


def _unknown(run: Run) -> Origin:
    return Origin((Link(run.name, identified=False),))
