"""Checks that a study holds fixed what a fair comparison needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hybench.comparison.arms import BUDGET, held, shown
from hybench.config.train import TrainConfig
from hybench.data.weighted import open_training_sets
from hybench.errors import UsageError
from hybench.studies.cells import Cell

_OF_START = ("encoder", "init", "layers", "dimension", "vocabulary")
"""Fields that the first stage decides for all."""


def unequal(cells: Sequence[Cell], data_dir: Path) -> tuple[str, ...]:
    """Forbidden differences between arms at the same point of the grid, in plain sentences.

    Checked are the fields of `hybench.comparison.arms.BUDGET` (initial weights, tokenizer, data,
    pairs seen, batch, lengths; with as many examples, steps may differ), and the pairs themselves:
    a distillation omits those without English. What a teacher costs is not held equal: it is
    reported with the scores. Arms of no steps have no budget.

    Raises:
        UsageError: a data set does not exist.
    """
    points: dict[tuple[str, int], list[Cell]] = {}
    cells = [cell for cell in cells if any(config.steps for config in cell.configs)]
    for cell in cells:
        points.setdefault((str(cell.point), cell.config.seed), []).append(cell)
    found: dict[str, None] = {}
    for together in points.values():
        found |= dict.fromkeys(_budgets(together))
    found |= dict.fromkeys(_pairs(cells, data_dir))
    return tuple(found)


def _budgets(together: Sequence[Cell]) -> Iterator[str]:
    for field in BUDGET:
        values = {cell.arm: _asked(cell.configs, field) for cell in together}
        if len(set(values.values())) > 1:
            each = ", ".join(f"{arm} {shown(field, value)}" for arm, value in values.items())
            yield f"{field} differs: {each}."


def _asked(stages: Sequence[TrainConfig], field: str) -> Any:
    """A field of an arm; steps and examples are those of all its stages.

    Steps that follow from examples are None; where stages differ, it is a tuple of their values.
    """
    if field == "steps":
        return sum(stage.steps for stage in stages if stage.examples is None) or None
    if field == "examples":
        return sum(stage.examples or 0 for stage in stages) or None
    if field in _OF_START:
        stages = stages[:1]
    values = list(dict.fromkeys(held(field, getattr(stage, field)) for stage in stages))
    return values[0] if len(values) == 1 else tuple(values)


def _pairs(cells: Sequence[Cell], data_dir: Path) -> Iterator[str]:
    from hybench.sampling import pair_table
    from hybench.training.corpus import with_pivot

    needed = {cell.arm: max(config.needs for config in cell.configs) for cell in cells}
    if len(set(needed.values())) == 1:
        return
    for data, languages in dict.fromkeys((c.config.data, c.config.languages) for c in cells):
        for dataset in open_training_sets(data, data_dir):
            whole = pair_table(dataset, languages)
            counts = {
                arm: len((with_pivot(whole, pivot) if pivot else whole).pair_ids)
                for arm, pivot in needed.items()
            }
            if len(set(counts.values())) > 1:
                each = ", ".join(f"{arm} {count:,}" for arm, count in counts.items())
                yield f"pairs of {dataset.name} differ: {each} (pivot makes them equal)."


def refuse_unequal(found: Sequence[str]) -> None:
    """Refuse a study with unequal budgets.

    Raises:
        UsageError: `found` is not empty.
    """
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise UsageError(
            f"The budgets of the arms are not equal: {found[0]}{more}",
            "Make them equal, or run it with --allow-unequal; its tables will say so.",
        )
