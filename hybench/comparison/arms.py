"""Arms: the units of a comparison, one run each or several that differ only by seed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hybench.comparison.budgets import Budget
from hybench.comparison.labels import shared_name, unique_labels
from hybench.comparison.members import Member
from hybench.comparison.model import Way
from hybench.comparison.tuning_notes import tuning_notes
from hybench.runs.run import Run
from hybench.values.weights import set_names
from hybench.wording.amounts import listed

BUDGET = (
    "encoder", "init", "layers", "freeze", "lora", "dimension", "vocabulary", "data", "languages",
    "steps", "examples", "batch_size", "accumulation", "patience", "query_length",
    "passage_length", "scarce", "share",
)  # fmt: skip
"""Config fields that a fair comparison holds fixed (a larger batch also has more negatives)."""

ENOUGH_SEEDS = 3
"""With fewer seeds, chance in training cannot be separated from the method."""


_LISTED = 6
"""At most so many arms are named in a note; the others are counted."""


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
        return self.members[0].way

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
    """Notes on the arms: seeds apart or too few, unequal budgets, teachers, tuning."""
    budgets = [*_budget_notes(arms), *_teacher_notes(arms)]
    tuned = tuning_notes([(arm.label, arm.members[0].run) for arm in arms if arm.trained])
    return [*_apart_notes(arms), *_seed_notes(arms), *budgets, *tuned]


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
        values = [shown(key, held(key, arm.members[0].value(key))) for arm in trained]
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


def held(key: str, value: Any) -> Any:
    """What a fair comparison holds fixed of a field: sets, not how often each is drawn."""
    return set_names(value) if key == "data" and value else value


def shown(key: str, value: Any) -> str:
    """A config field's value in a few words."""
    if value is None:
        return "not said"
    if isinstance(value, (list, tuple)):
        return "+".join(map(str, value)) or ("none" if key == "scarce" else "all")
    return str(value)
