"""What is compared: arms, each one run or several that differ only by their seed."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hybench.config import read_toml
from hybench.runs import Run
from hybench.storage import sha256_json

BUDGET = (
    "encoder", "dimension", "vocabulary", "data", "languages", "steps", "batch_size",
    "accumulation", "patience", "query_length", "passage_length",
)  # fmt: skip
"""Config fields that a fair comparison holds fixed (a larger batch also has more negatives)."""

ENOUGH_SEEDS = 3
"""With fewer, chance in training cannot be told from the method."""

_NOT_THE_METHOD = frozenset({"seed", "name"})


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
        return cls(run, read_toml(run.config_file))

    @property
    def trained(self) -> bool:
        """Whether hybench trained it: BM25 and encoders taken as they are have no seed."""
        return self.config.get("kind", "train") == "train" and "seed" in self.config

    @property
    def monolingual(self) -> bool:
        """Whether it is the X-X arm: hybrid with alpha 1, every batch in one language."""
        strategy = self.config.get("strategy", "hybrid")
        return self.trained and strategy == "hybrid" and self.config.get("alpha") == 1

    @property
    def method(self) -> str:
        """Digest of the config without seed and name: equal for the seeds of one arm."""
        return sha256_json(
            {key: value for key, value in self.config.items() if key not in _NOT_THE_METHOD}
        )


@dataclass(frozen=True)
class Arm:
    """One column of a table.

    Attributes:
        label: its name in the table, unlike any other's.
        members: its runs; several when runs were grouped by seed.
    """

    label: str
    members: tuple[Member, ...]

    @property
    def seeds(self) -> int:
        """Distinct training seeds in it; 0 where nothing was trained."""
        return len({member.config["seed"] for member in self.members if member.trained})

    @property
    def config(self) -> dict[str, Any]:
        """The config that its runs share, seed aside."""
        return self.members[0].config

    @property
    def trained(self) -> bool:
        """Whether hybench trained its runs."""
        return self.members[0].trained

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
    labels = [_label(group) for group in groups]
    repeated = {label for label, count in Counter(labels).items() if count > 1}
    # Arms of one prefix are told apart by their first run, runs of one name by their folder.
    for at, group in enumerate(groups):
        if labels[at] in repeated:
            run = group[0].run
            labels[at] = run.name if len(group) > 1 else f"{run.path.parent.name}/{run.name}"
    seen: Counter[str] = Counter()
    for at, label in enumerate(labels):
        seen[label] += 1
        labels[at] = label if seen[label] == 1 else f"{label} ({seen[label]})"
    return labels


def _label(group: Sequence[Member]) -> str:
    names = [member.run.name for member in group]
    if len(names) == 1:
        return names[0]
    common = names[0]
    while not all(name.startswith(common) for name in names):
        common = common[:-1]
    return re.sub(r"[-_.]*(seed|s)?[-_.]*$", "", common) or names[0]


def arm_notes(arms: Sequence[Arm]) -> list[str]:
    """What a reader must know of the arms: too few seeds, unequal budgets, teachers."""
    return [*_seed_notes(arms), *_budget_notes(arms), *_teacher_notes(arms)]


def _seed_notes(arms: Sequence[Arm]) -> list[str]:
    notes = []
    few = [arm for arm in arms if arm.trained and arm.seeds < ENOUGH_SEEDS]
    if few:
        counts = ", ".join(f"{arm.label} {arm.seeds}" for arm in few)
        notes.append(
            f"Fewer than {ENOUGH_SEEDS} seeds ({counts}): the tests see chance in the queries, "
            "not chance in training."
        )
    notes += [
        f"{arm.label} holds runs of the same seed; each counts once in its average."
        for arm in arms
        if arm.trained and arm.seeds < len(arm.members)
    ]
    return notes


def _budget_notes(arms: Sequence[Arm]) -> list[str]:
    trained = [arm for arm in arms if arm.trained]
    notes = []
    for key in BUDGET:
        values = {arm.label: _shown(arm.config.get(key)) for arm in trained}
        if len(set(values.values())) > 1:
            each = "; ".join(f"{label} {value}" for label, value in values.items())
            notes.append(f"Unequal budgets: {key} differs ({each}).")
    return notes


def _teacher_notes(arms: Sequence[Arm]) -> list[str]:
    taught = [arm for arm in arms if arm.trained and arm.config.get("strategy") == "distill"]
    if not taught or len(taught) == sum(arm.trained for arm in arms):
        return []
    names = ", ".join(arm.label for arm in taught)
    return [f"Unequal budgets: a teacher comes on top of the steps of {names}."]


def _shown(value: Any) -> str:
    if value is None:
        return "not said"
    if isinstance(value, list):
        return "+".join(map(str, value)) or "all"
    return str(value)
