"""Filters runs by the values of their configs (``--where``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from hybench.comparison.arms import shown
from hybench.comparison.members import Member
from hybench.config.train import TrainConfig
from hybench.errors import UsageError
from hybench.runs.run import Run
from hybench.wording.amounts import listed

_APART = frozenset({"kind", "name"})
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
    members = [Member.read(run) for run in runs]
    for field, texts in conditions.items():
        values = [_value(member, field) for member in members if _has(member, field)]
        if not values:
            raise UsageError(f"--where: no run has a field {field}.", _what_differs(members))
        asked = [_parsed(field, text, values) for text in texts]
        if not any(value in asked for value in values):
            there = listed(list(dict.fromkeys(shown(field, value) for value in values)))
            raise UsageError(
                f"--where {field}={texts[0]}: no run has this value.", f"{field} is: {there}."
            )
        members = [
            member
            for member in members
            if not _has(member, field) or _value(member, field) in asked
        ]
    return [member.run for member in members]


def _has(member: Member, field: str) -> bool:
    return field in member.config or (member.trained and field in _DEFAULTS)


def _value(member: Member, field: str) -> Any:
    return member.config.get(field, _DEFAULTS.get(field))


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


def _what_differs(members: Sequence[Member]) -> str:
    """The fields in which the runs differ, with their values."""
    differing = []
    for field in dict.fromkeys(name for member in members for name in member.config):
        values = [_value(member, field) for member in members if _has(member, field)]
        texts = list(dict.fromkeys(shown(field, value) for value in values))
        if len(texts) > 1 and field not in _APART:
            differing.append(f"{field} ({listed(texts)})")
    return (
        f"The runs differ in: {', '.join(differing)}." if differing else "They differ in no field."
    )
