"""Checks that a study holds fixed what a fair comparison needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hybench.comparison.arms import BUDGET, held, shown
from hybench.config.train import TrainConfig
from hybench.data.weighted import open_training_sets
from hybench.errors import UsageError
from hybench.studies.plan import Cell


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
    cells = [cell for cell in cells if cell.config.steps]
    for cell in cells:
        points.setdefault((str(cell.point), cell.config.seed), []).append(cell)
    found: dict[str, None] = {}
    for together in points.values():
        found |= dict.fromkeys(_budgets(together))
    found |= dict.fromkeys(_pairs(cells, data_dir))
    return tuple(found)


def _budgets(together: Sequence[Cell]) -> Iterator[str]:
    for field in BUDGET:
        values = {cell.arm: _asked(cell.config, field) for cell in together}
        if len(set(values.values())) > 1:
            each = ", ".join(f"{arm} {shown(field, value)}" for arm, value in values.items())
            yield f"{field} differs: {each}."


def _asked(config: TrainConfig, field: str) -> Any:
    """A field of a config; None for steps that follow from its examples."""
    return None if field == "steps" and config.examples else held(field, getattr(config, field))


def _pairs(cells: Sequence[Cell], data_dir: Path) -> Iterator[str]:
    from hybench.sampling import pair_table
    from hybench.training.corpus import with_pivot

    needed = {cell.arm: cell.config.needs for cell in cells}
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
