"""Filters runs by the values of their configs (``--where``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

from hybench.comparison.arms import shown
from hybench.config.train import TrainConfig
from hybench.errors import HybenchError, UsageError
from hybench.files.documents import read_json
from hybench.runs.derived import start_config
from hybench.runs.run import STUDY, TRAIN, Run
from hybench.wording.amounts import listed

_APART = frozenset({"kind", "name", "parents"})
_DEFAULTS: dict[str, Any] = {
    item.name: list(item.default) if isinstance(item.default, tuple) else item.default
    for item in fields(TrainConfig)
}
"""Values in effect if the config of a training run lacks a field."""


def read_conditions(texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Values by field from ``FIELD=VALUE``; a field given twice may have either value.

    Raises:
        UsageError: a text is not of that form.
    """
    found: dict[str, tuple[str, ...]] = {}
    for text in texts:
        field, equals, value = (part.strip() for part in text.partition("="))
        if not field or not equals:
            raise UsageError(
                f"--where is {text!r}.", "Write FIELD=VALUE, such as --where steps=1000."
            )
        name = field.replace("-", "_")
        found[name] = (*found.get(name, ()), value)
    return found


def runs_where(runs: Sequence[Run], conditions: Mapping[str, Sequence[str]]) -> list[Run]:
    """The runs whose configs have these values; runs without such a field stay.

    Args:
        runs: with a config that can be read.
        conditions: values by field, as `read_conditions` gives them.

    Raises:
        UsageError: no config has such a field, a value is not of its type, or no run is left.
    """
    if not conditions:
        return list(runs)
    found = list(zip(runs, _settings(runs), strict=True))
    for field, texts in conditions.items():
        values = [settings[field] for _, settings in found if field in settings]
        if not values:
            every = [settings for _, settings in found]
            raise UsageError(f"--where: no run has a field {field}.", _what_differs(every))
        asked = [_parsed(field, text, values) for text in texts]
        if not any(value in asked for value in values):
            there = listed(list(dict.fromkeys(shown(field, value) for value in values)))
            raise UsageError(
                f"--where {field}={texts[0]}: no run has this value.", f"{field} is: {there}."
            )
        found = [
            (run, settings)
            for run, settings in found
            if field not in settings or settings[field] in asked
        ]
    return [run for run, _ in found]


def _settings(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """The values of runs by field.

    A derived run has those of the training that it comes from, too. A run of a study has its arm,
    and is where the study has it on its grid: what begins there, or has stages, has other steps of
    its own.
    """
    cells: dict[Path, Mapping[str, Mapping[str, Any]]] = {}
    found = []
    for run in runs:
        folder = run.path.parent
        if folder not in cells:
            cells[folder] = _cells(folder / STUDY)
        config = run.read_config()
        origin = start_config(config)
        trained = origin.get("kind", TRAIN) == TRAIN
        at = {
            key.replace("-", "_"): value for key, value in cells[folder].get(run.name, {}).items()
        }
        own = {**origin, **config, **at}
        found.append(own | {k: v for k, v in _DEFAULTS.items() if trained and k not in own})
    return found


def _cells(file: Path) -> Mapping[str, Mapping[str, Any]]:
    """The arm and the place on the grid of a study's runs; none where there is no study."""
    with suppress(HybenchError):
        cells = read_json(file).get("cells") if file.is_file() else None
        if isinstance(cells, dict):
            return {name: at for name, at in cells.items() if isinstance(at, dict)}
    return {}


def _parsed(field: str, text: str, values: Sequence[Any]) -> Any:
    """A value of the type that the field has.

    Raises:
        UsageError: the text is not such a value.
    """
    kinds = [type(value) for value in values if value is not None] or [str]
    kind = float if float in kinds else kinds[0]
    try:
        if kind is list:
            return [] if text == "" else text.split(",")
        if kind is bool:
            return {"true": True, "false": False}[text.lower()]
        return kind(text)
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"--where {field}={text}: {text!r} is not a value of {field}.",
            f"{field} is: {listed(list(dict.fromkeys(shown(field, value) for value in values)))}.",
        ) from error


def _what_differs(every: Sequence[Mapping[str, Any]]) -> str:
    """The fields in which runs differ, with their values."""
    differing = []
    for field in dict.fromkeys(name for settings in every for name in settings):
        values = [settings[field] for settings in every if field in settings]
        texts = list(dict.fromkeys(shown(field, value) for value in values))
        if len(texts) > 1 and field not in _APART:
            differing.append(f"{field} ({listed(texts)})")
    return (
        f"The runs differ in: {', '.join(differing)}." if differing else "They differ in no field."
    )
