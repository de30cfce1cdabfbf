"""Runs that were derived from others without training: what they were made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hybench.runs.run import DERIVED, Run

START_FIELDS = ("encoder", "init", "layers", "dimension", "vocabulary", "pooling")
"""Fields of a training's config that decide its first weights, seed aside."""


@dataclass(frozen=True)
class Parent:
    """A run that another was derived from, as the other's config.toml keeps it.

    Attributes:
        name: of the run.
        path: its folder, absolute, when it was derived from.
        digest: of its model (`hybench.indexes.reader.model_sha256`).
        weight: in a merge.
        config: the values of its config.toml.
    """

    name: str
    path: str
    digest: str
    weight: float
    config: dict[str, Any]

    def to_toml(self) -> dict[str, Any]:
        """As TOML values."""
        return {
            "name": self.name,
            "path": self.path,
            "digest": self.digest,
            "weight": self.weight,
            "config": self.config,
        }

    def find(self, beside: Run) -> Run | None:
        """The run, where it was or beside the derived one; None if it is not there as it was."""
        for folder in (Path(self.path), beside.path.parent / self.name):
            run = Run(folder)
            if run.config_file.is_file() and run.read_config() == self.config:
                return run
        return None


def parents_of(config: Mapping[str, Any]) -> tuple[Parent, ...]:
    """The runs that a run was derived from, the first first; none of a run of another kind.

    Args:
        config: the values of its config.toml.
    """
    if config.get("kind") != DERIVED:
        return ()
    return tuple(
        Parent(
            str(each.get("name")),
            str(each.get("path")),
            str(each.get("digest")),
            float(each.get("weight", 1.0)),
            dict(each.get("config") or {}),
        )
        for each in config.get("parents") or ()
    )


def start_config(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """The config of the training, or model, at the beginning of a chain of first parents."""
    parents = parents_of(config)
    return start_config(parents[0].config) if parents else config


def shown_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """A config as people read it: the names of a run's parents, with their weights in a merge."""
    parents = parents_of(config)
    names = [each.name if len(parents) == 1 else f"{each.name}:{each.weight:g}" for each in parents]
    return {**config, "parents": names} if parents else dict(config)


def sets_of(config: Mapping[str, Any]) -> Iterator[str]:
    """Names of the sets of a run and of all that it was derived from, as they were given."""
    yield from map(str, config.get("data") or ())
    for parent in parents_of(config):
        yield from sets_of(parent.config)
