"""Scores of languages, made by hand or drawn at random, without runs and files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hybench.comparison.differences import ArmsOfRow, Question
from hybench.comparison.model import Difference
from hybench.comparison.rows import Rows, build_rows
from hybench.statistics.clusters import row_scores
from hybench.statistics.pairing import FloatArray, Paired
from hybench.statistics.seeds import SeedSpread
from tests.comparison.plain import Table

KINDS = ("parallel", "partly parallel", "apart", "several of a source")


def paired_of(runs: Sequence[FloatArray], sources: Sequence[int] | None = None) -> Paired:
    """A language of so many arms.

    Args:
        runs: by arm, f64 [queries, runs].
        sources: of the queries; None for one each.
    """
    count = len(runs[0])
    codes = np.arange(count) if sources is None else np.asarray(sources)
    return Paired(
        tuple(range(len(runs))),
        tuple(f"q{at:04}" for at in range(count)),
        codes.astype(np.int64),
        count,
        np.column_stack([of_arm.mean(axis=1) for of_arm in runs]),
        tuple(runs),
    )


def row_of(
    languages: Sequence[Paired], seeds: Mapping[int, tuple[int, ...]] | None = None
) -> ArmsOfRow:
    """A row of these languages, with or without trained arms."""
    scores = row_scores(languages)
    return ArmsOfRow(scores, SeedSpread.of(scores, seeds or {}))


def question(**values: object) -> Question:
    """The usual one of two arms that were not trained."""
    given = {
        "metric": "nDCG@10", "baseline": 0, "seeds": {}, "margin": 0.01, "draws": 1000, "seed": 0,
    }  # fmt: skip
    return Question(**{**given, **values})  # type: ignore[arg-type]


def rows_of(table: Table, **values: object) -> Rows:
    """The rows of a table of differences: the baseline's scores are drawn, the other's added."""
    random = np.random.default_rng(len(table))
    paired = {}
    for language, queries in table.items():
        base = random.uniform(0.2, 0.6, len(queries))
        arm = base + [difference for _, difference in queries]
        sources = [source for source, _ in queries]
        paired[language] = paired_of([base[:, None], arm[:, None]], sources)
    return build_rows(paired, 2, question(**values))


def difference_of(rows: Rows, label: str) -> Difference:
    """The second arm minus the first."""
    cell = next(row for row in rows.rows if row.label == label).cells[1]
    assert cell is not None
    assert cell.difference is not None
    return cell.difference


def random_table(
    random: np.random.Generator, kind: str, sources: int, languages: int = 4, mean: float = 0.05
) -> Table:
    """Differences whose sources have something in common in all their languages.

    Args:
        random: source of them.
        kind: of `KINDS`; ``partly parallel`` has a query in 2 to all of the languages as MLQA-R.
        sources: how many; ``apart``, so many of each language.
        languages: how many.
        mean: of the differences.
    """
    names = [f"l{at}" for at in range(languages)]
    table: Table = {name: [] for name in names}
    common = random.normal(mean, 0.15, sources * languages)
    for source in range(sources * (languages if kind == "apart" else 1)):
        inside = names
        if kind == "apart":
            inside = [names[source % languages]]
        if kind == "partly parallel":
            inside = sorted(random.permutation(names)[: random.integers(2, languages + 1)])
        for name in inside:
            count = random.integers(1, 4) if kind == "several of a source" else 1
            for _ in range(count):
                table[name].append((source, float(common[source] + random.normal(0, 0.1))))
    return {name: queries for name, queries in table.items() if queries}
