"""Arms: the units of a comparison, one run each or several that differ only by seed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hybench.comparison.budgets import Budget
from hybench.comparison.labels import shared_name, unique_labels
from hybench.comparison.model import Way
from hybench.files.documents import sha256_json
from hybench.runs.derived import parents_of, start_config
from hybench.runs.run import DERIVED, TRAIN, Run
from hybench.wording.amounts import listed

BUDGET = (
    "encoder", "init", "layers", "freeze", "lora", "dimension", "vocabulary", "data", "languages",
    "steps", "examples", "batch_size", "accumulation", "patience", "query_length",
    "passage_length", "scarce", "share",
)  # fmt: skip
"""Config fields that a fair comparison holds fixed (a larger batch also has more negatives)."""

ENOUGH_SEEDS = 3
"""With fewer seeds, chance in training cannot be separated from the method."""

_NOT_THE_METHOD = frozenset({"seed", "name"})

_BEFORE: dict[str, Any] = {"pivot": "", "scarce": [], "share": 1.0}
"""Values of fields that older configs lack."""

_LISTED = 6
"""At most so many arms are named in a note; the others are counted."""


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
        return (
            self.trained
            and not self.derived
            and strategy == "hybrid"
            and self.config.get("alpha") == 1
        )

    @property
    def method(self) -> str:
        """Digest of the config without seed and name: equal for the seeds of one arm."""
        return self.method_without()

    def method_without(self, *names: str) -> str:
        """The same digest, also without these fields: equal along a dial."""
        left_out = _NOT_THE_METHOD.union(names)
        if "examples" in self.config:  # which determine the steps, by seed
            left_out |= {"steps"}
        values = {**_BEFORE, **self.config}
        if self.derived:
            left_out |= {"parents"}
            values["methods"] = [
                [each.weight, Member(self.run, each.config).method_without(*names)]
                for each in parents_of(self.config)
            ]
        return sha256_json({key: value for key, value in values.items() if key not in left_out})

    def value(self, name: str) -> Any:
        """The value of a config field in effect, of a derived run its first parent's; None if
        unknown.
        """
        return start_config(self.config).get(name, _BEFORE.get(name))


@dataclass(frozen=True)
class Arm:
    """One column of a table.

    Attributes:
        label: its name in the table, unique.
        members: its runs; several when runs were grouped by seed.
        budget: what it was trained on, in numbers; None if not read, or unknown.
    """

    label: str
    members: tuple[Member, ...]
    budget: Budget | None = None

    @property
    def seed_list(self) -> tuple[int, ...]:
        """The seeds of its runs, in their order."""
        return tuple(member.config["seed"] for member in self.members if member.trained)

    @property
    def seeds(self) -> int:
        """Number of distinct training seeds; 0 if nothing was trained."""
        return len({member.config["seed"] for member in self.members if member.trained})

    @property
    def config(self) -> dict[str, Any]:
        """The config that its runs share, except the seed."""
        return self.members[0].config

    @property
    def trained(self) -> bool:
        """Whether hybench trained its runs."""
        return self.members[0].trained

    @property
    def way(self) -> Way:
        """How its runs were trained."""
        if not self.trained or self.members[0].derived:
            return ""
        if self.config.get("strategy", "hybrid") == "distill":
            return "hybrid+distill" if self.config.get("contrastive_weight") else "distill"
        alpha = self.config.get("alpha", 0.5)
        return "mono" if alpha == 1 else "cross" if alpha == 0 else "hybrid"

    def answers_to(self, name: str) -> bool:
        """Whether `name` is its label or one of its runs."""
        return name == self.label or any(name == member.run.name for member in self.members)


def make_arms(runs: Sequence[Run], *, group_seeds: bool) -> tuple[Arm, ...]:
    """One arm per run, or one per method, in the order of their first run.

    Raises:
        UsageError: a run has no config.toml.
        DataError: a config is not TOML.
    """
    members = [Member.read(run) for run in runs]
    grouped: dict[str, list[Member]] = defaultdict(list)
    for position, member in enumerate(members):
        alone = not group_seeds or not member.trained
        grouped[str(position) if alone else member.method].append(member)
    groups = [tuple(group) for group in grouped.values()]
    labels = _labels(groups)
    return tuple(Arm(label, group) for label, group in zip(labels, groups, strict=True))


def _labels(groups: Sequence[tuple[Member, ...]]) -> list[str]:
    return unique_labels(
        [shared_name([each.run.name for each in group]) or group[0].run.name for group in groups],
        [group[0].run for group in groups],
        [len(group) > 1 for group in groups],
    )


def arm_notes(arms: Sequence[Arm]) -> list[str]:
    """Notes on the arms: seeds apart or too few, unequal budgets, teachers."""
    return [*_apart_notes(arms), *_seed_notes(arms), *_budget_notes(arms), *_teacher_notes(arms)]


def _apart_notes(arms: Sequence[Arm]) -> list[str]:
    """A note that seeds of one method are separate arms."""
    methods: dict[str, list[Arm]] = defaultdict(list)
    for arm in arms:
        if arm.trained:
            methods[arm.members[0].method].append(arm)
    several = [
        each
        for each in methods.values()
        if len({seed for arm in each for seed in arm.seed_list}) > 1
    ]
    apart = [each for each in several if len(each) > 1]
    if not apart:
        return []
    names = listed([" ".join(arm.label for arm in each) for each in apart], "; ")
    return [f"These runs differ only by their seed: {names}. --group-seeds groups them."]


def _seed_notes(arms: Sequence[Arm]) -> list[str]:
    notes = []
    few = [arm for arm in arms if arm.trained and arm.seeds < ENOUGH_SEEDS]
    if few:
        counts = listed([f"{arm.label} {arm.seeds}" for arm in few])
        most = max(arm.seeds for arm in arms if arm.trained)
        known = (
            "the tests see chance in the queries, not chance in training"
            if most < 2
            else "chance in training is guessed from few runs"
        )
        notes.append(f"Fewer than {ENOUGH_SEEDS} seeds ({counts}): {known}.")
    notes += [
        f"{arm.label} holds runs of the same seed; each counts once in its average."
        for arm in arms
        if arm.trained and arm.seeds < len(arm.members)
    ]
    return notes


def _budget_notes(arms: Sequence[Arm]) -> list[str]:
    trained = [arm for arm in arms if arm.trained]
    counted = _counted(trained)
    notes = []
    for key in BUDGET:
        if key in counted:
            continue
        values = [shown(key, arm.members[0].value(key)) for arm in trained]
        counts = Counter(values)
        if len(counts) < 2:
            continue
        each = [f"{arm.label} {value}" for arm, value in zip(trained, values, strict=True)]
        if len(each) > _LISTED:
            each = [f"{value} in {count}" for value, count in counts.items()]
        notes.append(f"Unequal budgets: {key} differs ({listed(each, '; ', _LISTED)}).")
    return notes


def _counted(trained: Sequence[Arm]) -> set[str]:
    """Fields of `BUDGET` whose effect was counted in all arms: the counts are compared instead."""
    budgets = [arm.budget for arm in trained if arm.budget is not None]
    if len(budgets) < len(trained):
        told = {arm.config.get("examples") for arm in trained}
        return {"steps"} if len(told) == 1 and None not in told else set()
    fields = {"steps", "examples", "accumulation", "patience"}
    known = all(budget.negatives is not None for budget in budgets)
    return fields | {"batch_size"} if known else fields


def _teacher_notes(arms: Sequence[Arm]) -> list[str]:
    taught = [arm for arm in arms if arm.trained and arm.config.get("strategy") == "distill"]
    if not taught or len(taught) == sum(arm.trained for arm in arms):
        return []
    names = listed([arm.label for arm in taught])
    return [f"Unequal budgets: a teacher comes on top of the steps of {names}."]


def shown(key: str, value: Any) -> str:
    """A config field's value in a few words."""
    if value is None:
        return "not said"
    if isinstance(value, (list, tuple)):
        return "+".join(map(str, value)) or ("none" if key == "scarce" else "all")
    return str(value)
