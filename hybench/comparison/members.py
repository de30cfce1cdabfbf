"""The runs of an arm, and what their configs say of how they were trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hybench.files.documents import sha256_json
from hybench.runs.derived import parents_of, start_config
from hybench.runs.events import first_event
from hybench.runs.run import DERIVED, TRAIN, Run

if TYPE_CHECKING:
    from hybench.comparison.model import Way

_NOT_THE_METHOD = frozenset({"seed", "name"})

_OF_ENCODER = frozenset({"query_length", "passage_length"})
"""Fields that an encoder decides where a config does not, as the run's log says."""

_BEFORE: dict[str, Any] = {"pivot": "", "scarce": [], "share": 1.0}
"""Values of fields that older configs lack."""


def _method(config: Mapping[str, Any], left_out: frozenset[str]) -> dict[str, Any]:
    """The fields of a config that are the method."""
    if "examples" in config:  # which determine the steps, by seed
        left_out |= {"steps"}
    return {key: value for key, value in {**_BEFORE, **config}.items() if key not in left_out}


@dataclass(frozen=True)
class Member:
    """One run of an arm.

    Attributes:
        run: its folder.
        config: the values of its config.toml.
    """

    run: Run
    config: dict[str, Any]

    @classmethod
    def read(cls, run: Run) -> Member:
        """Read the run's config.

        Raises:
            UsageError: the run has no config.toml.
            DataError: it is not TOML.
        """
        return cls(run, run.read_config())

    @property
    def trained(self) -> bool:
        """Whether hybench trained it: chance in training is part of its scores.

        A run that was derived from a training has its chance. BM25, imported runs, models as they
        are, and trainings of no steps have none.
        """
        own = self.config.get("kind", TRAIN) in {TRAIN, DERIVED} and "seed" in self.config
        return own and self.config.get("steps") != 0

    @property
    def derived(self) -> bool:
        """Whether it was made of other runs without training."""
        return self.config.get("kind") == DERIVED

    @property
    def monolingual(self) -> bool:
        """Whether it is the X-X arm: hybrid with alpha 1, every batch in one language."""
        strategy = self.config.get("strategy", "hybrid")
        own = self.trained and not self.derived
        return own and strategy == "hybrid" and self._alpha == 1

    @property
    def _alpha(self) -> float | None:
        """α, if it is the same in all steps."""
        if self.config.get("alpha_schedule", "constant") != "constant":
            return None
        alpha: float = self.config.get("alpha", 0.5)
        return alpha

    @property
    def way(self) -> Way:
        """How it was trained."""
        if not self.trained or self.derived:
            return ""
        if self.config.get("strategy", "hybrid") == "distill":
            return "hybrid+distill" if self.config.get("contrastive_weight") else "distill"
        return "mono" if self._alpha == 1 else "cross" if self._alpha == 0 else "hybrid"

    @property
    def method(self) -> str:
        """Digest of the config without seed and name: equal for the seeds of one arm."""
        return self.method_without()

    def method_without(self, *names: str) -> str:
        """The same digest, also without these fields: equal along a dial."""
        left_out = _NOT_THE_METHOD.union(names)
        stages = self._before
        if stages:  # the run that it began with is another for each seed
            left_out |= {"init"}
        if self.derived:
            left_out |= {"parents"}
        values = [_method(config, left_out) for config in (*stages, self.config)]
        if self.derived:
            values[-1]["methods"] = [
                [each.weight, Member(self.run, each.config).method_without(*names)]
                for each in parents_of(self.config)
            ]
        return sha256_json(values if stages else values[0])

    def value(self, name: str) -> Any:
        """The value of a config field in effect, of a derived run its first parent's; None if
        unknown.

        What it began with is what the first training of a chain began with.
        """
        config = self._before[0] if name == "init" and self._before else self.config
        found = start_config(config).get(name, _BEFORE.get(name))
        if found is None and name in _OF_ENCODER:
            return first_event(self.run.events_file, "encoder").get(name)
        return found

    @cached_property
    def _before(self) -> tuple[dict[str, Any], ...]:
        """The configs of the trainings that led to the run that it began with, in their order."""
        if not self.config.get("init"):
            return ()
        configs = first_event(self.run.events_file, "initial").get("configs")
        return tuple(configs) if isinstance(configs, list) else ()
