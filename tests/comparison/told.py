"""Comparisons made by hand, of which sentences are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hybench.comparison.model import (
    Cell,
    Column,
    Comparison,
    Difference,
    Outcome,
    Pair,
    Row,
    Way,
)

BASE = Difference(
    value=0.022, low=0.011, high=0.0331, p=0.001, p_error=0.0, exact=True, p_holm=0.0042,
    significant=True, detectable=0.0156, outcome="better", needed=1874, differing=90,
)  # fmt: skip

WAYS: dict[str, Way] = {"mono": "mono", "hybrid": "hybrid", "distill": "distill"}


def difference(outcome: Outcome, **values: object) -> Difference:
    """`BASE` with another outcome and numbers that fit it."""
    marked = outcome in {"better", "worse"}
    p = {} if marked else {"p_holm": 0.41}
    same = {"p_equivalence": 0.0004} if outcome == "equivalent" else {}
    given = {"significant": marked, "outcome": outcome, **p, **same, **values}
    return replace(BASE, **given)  # type: ignore[arg-type]


def row(
    kind: str,
    label: str,
    languages: str,
    *differences: Difference | None,
    queries: int = 119,
    sources: int | None = None,
    asked: int | None = None,
) -> Row:
    """A row of a baseline at .501 and arms that differ by so much."""
    codes = tuple(languages.split())
    cells = [
        None if each is None else Cell(0.501 + each.value, False, each) for each in differences
    ]
    return Row(
        kind, label, codes, len(codes), queries, queries if sources is None else sources,
        queries if asked is None else asked, (Cell(0.501, False, None), *cells),
    )  # fmt: skip


def table(
    *rows: Row,
    metric: str = "nDCG@10",
    margin: float = 0.01,
    labels: Sequence[str] = (),
    seeds: Sequence[int] = (),
    weakened: Sequence[tuple[str, ...]] = (),
    pairs: Sequence[Pair] = (),
) -> Comparison:
    """A table whose first column, mono, is the baseline."""
    arms = len(rows[0].cells)
    named = labels or ["mono", "hybrid", *(f"arm{at}" for at in range(2, arms))][:arms]
    counts = seeds or [3] * arms
    weak = weakened or [()] * arms
    return Comparison(
        dataset="miracl", split="dev", setting="mono", metric=metric,
        columns=tuple(
            Column(label, (label,), count, WAYS.get(label.rstrip("0123456789"), ""), words)
            for label, count, words in zip(named, counts, weak, strict=True)
        ),
        baseline=0, baseline_why="the monolingual arm", rows=rows, records=(None,) * arms, bias=(),
        notes=(), tests=len(rows), draws=10_000, seed=0, alpha=0.05, margin=margin,
        pairs=tuple(pairs),
    )  # fmt: skip
