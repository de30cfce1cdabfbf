"""Pairs the scores of all arms query by query, with notes on what was omitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

FloatArray = npt.NDArray[np.float64]

_QUERY = ["language", "corpus_lang", "query_id"]


@dataclass(frozen=True)
class Paired:
    """Scores of one language, on the queries that all of these arms have.

    Attributes:
        arms: positions of the arms that have the language, ascending.
        queries: query ids, sorted.
        sources: int64 [queries], the source of each: the same for translations of one query, in
            all languages of the table.
        asked: number of queries that any run has; `queries` are those that all runs have.
        values: f64 [queries, arms], the mean over each arm's runs.
        runs: by arm, f64 [queries, runs]: what `values` are the means of.
    """

    arms: tuple[int, ...]
    queries: tuple[str, ...]
    sources: npt.NDArray[np.int64]
    asked: int
    values: FloatArray
    runs: tuple[FloatArray, ...]

    def means(self) -> dict[int, float]:
        """Mean over the queries by arm."""
        return dict(zip(self.arms, map(float, self.values.mean(axis=0)), strict=True))


def pair(
    scores: pl.DataFrame, arm_of_run: Mapping[int, int], names: Sequence[str]
) -> tuple[dict[str, Paired], list[str]]:
    """Pair scores by language.

    A value counts if every run that has its language has it. In cross, a query's score is its
    mean over the corpus languages; an arm's is then the mean over its seeds, so that seeds never
    count as further queries. An arm has a language if all of its runs have it.

    Args:
        scores: the frame of `load_scores`.
        arm_of_run: position of the arm by position of the run.
        names: names of the runs, for the notes.

    Returns:
        Scores by language, sorted, without languages that have no common query; and notes.
    """
    finite = scores.filter(pl.col("value").is_finite())
    notes = _not_finite(scores, names)
    wanted, seed_notes = _counted(finite, arm_of_run, names)
    counted = finite.join(wanted, on=["run", "language"])
    needed = wanted.group_by("language").agg(pl.len().alias("needed"))
    keys = counted.group_by(_QUERY).agg(pl.len().alias("found")).join(needed, on="language")
    shared = keys.filter(pl.col("found") == pl.col("needed"))
    per_query = (
        counted.join(shared.select(_QUERY), on=_QUERY)
        .sort("language", "query_id", "arm", "run", "corpus_lang")
        .group_by("language", "query_id", "arm", "run", maintain_order=True)
        .agg(pl.col("value").mean(), pl.col("source_id").first())
        .with_columns(source=pl.col("source_id").rank("dense").cast(pl.Int64) - 1)
    )
    asked = dict(keys.group_by("language").agg(pl.col("query_id").n_unique()).iter_rows())
    paired = {
        str(language): _matrix(frame, asked[language])
        for (language,), frame in per_query.partition_by(
            "language", as_dict=True, maintain_order=True
        ).items()
    }
    return paired, [*notes, *seed_notes, *_unshared(keys, shared)]


def _matrix(frame: pl.DataFrame, asked: int) -> Paired:
    queries = frame["query_id"].unique(maintain_order=True).to_list()
    columns = frame["arm"].head(frame.height // len(queries)).to_numpy()
    scores = frame["value"].to_numpy().reshape(len(queries), len(columns))
    arms = tuple(np.unique(columns).tolist())
    runs = tuple(np.ascontiguousarray(scores[:, columns == arm]) for arm in arms)
    values = np.column_stack([of_arm.mean(axis=1) for of_arm in runs])
    sources = frame["source"].gather_every(len(columns)).to_numpy()
    return Paired(arms, tuple(queries), sources, asked, values, runs)


def _counted(
    finite: pl.DataFrame, arm_of_run: Mapping[int, int], names: Sequence[str]
) -> tuple[pl.DataFrame, list[str]]:
    """The (run, language, arm) whose values count, and notes on seeds that lack a language."""
    has: dict[str, set[int]] = {}
    for run, language in finite.select("run", "language").unique().iter_rows():
        has.setdefault(language, set()).add(run)
    members: dict[int, set[int]] = {}
    for run in finite["run"].unique().to_list():
        members.setdefault(arm_of_run[run], set()).add(run)
    rows: list[tuple[int, str, int]] = []
    notes: list[str] = []
    for language, runs in sorted(has.items()):
        for arm, of_arm in sorted(members.items()):
            if of_arm <= runs:
                rows += [(run, language, arm) for run in sorted(of_arm)]
            elif of_arm & runs:
                lacking = ", ".join(names[run] for run in sorted(of_arm - runs))
                notes.append(f"{lacking} lacks {language}, so its other seeds do not count there.")
    schema = {"run": pl.UInt32, "language": pl.String, "arm": pl.UInt32}
    return pl.DataFrame(rows, schema=schema, orient="row"), notes


def _not_finite(scores: pl.DataFrame, names: Sequence[str]) -> list[str]:
    value = pl.col("value")
    bad = scores.filter(value.is_null() | ~value.is_finite())
    counts = bad.group_by("run", "language").len().sort("run", "language")
    return [
        f"{names[run]} has no number in {count} of its values of {language}: left out."
        for run, language, count in counts.iter_rows()
    ]


def _unshared(keys: pl.DataFrame, shared: pl.DataFrame) -> list[str]:
    union = dict(keys.group_by("language").len().sort("language").iter_rows())
    common = dict(shared.group_by("language").len().iter_rows())
    cut = [
        f"{language} {common.get(language, 0)} of {count}"
        for language, count in union.items()
        if common.get(language, 0) < count
    ]
    if not cut:
        return []
    shares = ", ".join(cut)
    return [f"Unequal query sets: paired on what all runs with the language have ({shares})."]
