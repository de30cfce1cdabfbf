"""Columns of published means in a comparison, only for the same queries and passages.

Sets are identified by their sizes, not by their names: a language matches the published one if it
has the published numbers of queries and passages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hybench.comparison.model import LANGUAGE, Comparison, PublishedColumn, Row
from hybench.errors import StateError, UsageError
from hybench.evaluation.settings import ALL
from hybench.importing.published import MEAN, Published, find_system, published_table, read_means
from hybench.runs.run import Run

MARK = "§"
"""Follows the names of published columns."""

_SHOWN = 8
"""Most systems that an error names."""

MIRACL_DEV: dict[str, tuple[int, int]] = {
    "ar": (2896, 2_061_414), "bn": (411, 297_265), "de": (305, 15_866_222),
    "en": (799, 32_893_221), "es": (648, 10_373_953), "fa": (632, 2_207_172),
    "fi": (1271, 1_883_509), "fr": (343, 14_636_953), "hi": (350, 506_264),
    "id": (960, 1_446_315), "ja": (860, 6_953_614), "ko": (213, 1_486_752),
    "ru": (1252, 9_543_918), "sw": (482, 131_924), "te": (828, 518_079),
    "th": (733, 542_166), "yo": (119, 49_043), "zh": (393, 4_934_368),
}  # fmt: skip
"""Dev queries and passages by language (Zhang et al. 2023, table 1)."""


@dataclass(frozen=True)
class Bed:
    """The test bed of published scores.

    Attributes:
        dataset: its published name.
        split: of the queries.
        sizes: queries and passages by language.
    """

    dataset: str
    split: str
    sizes: Mapping[str, tuple[int, int]]

    def same_pools(self, setting: str, pools: Mapping[str, int]) -> set[str]:
        """Query languages whose pools (passages by corpus language) have the published sizes."""
        passages = {language: size for language, (_, size) in self.sizes.items()}
        if setting == "mono":
            return {language for language in passages if pools.get(language) == passages[language]}
        if setting == "cross":
            own = {language: size for language, size in pools.items() if language != ALL}
            return set(passages) if own == passages else set()
        return set(passages) if pools.get(ALL) == sum(passages.values()) else set()


def beds() -> tuple[Bed, ...]:
    """The sets with published scores that hybench prepares."""
    from hybench.data.sources.mlqa_r import MLQA_R
    from hybench.data.sources.xquad_r import XQUAD_R

    lareqa = (Bed(each.name, "test", each.counts) for each in (XQUAD_R, MLQA_R))
    return Bed("miracl", "dev", MIRACL_DEV), *lareqa


def split_imported(runs: Sequence[Run]) -> tuple[list[Run], list[Published]]:
    """Split runs into those with values per query, and the means of imported ones without.

    Raises:
        StateError: there are only means.
        DataError: a file of means is damaged.
    """
    means = [(run, read_means(run)) for run in runs]
    rest = [run for run, found in means if found is None]
    if means and not rest:
        raise StateError(
            f"{means[0][0].name} has only means, no values per query.",
            "Add a run that was evaluated with hybench eval or hybench import trec; the table of "
            "hybench compare also shows means without one.",
        )
    return rest, [each for _, found in means for each in found or ()]


def add_published(
    comparisons: Sequence[Comparison],
    pools: Mapping[str, int],
    names: Sequence[str],
    imported: Sequence[Published],
) -> tuple[Comparison, ...]:
    """Add the columns of published means, and notes on them.

    Args:
        comparisons: the tables, all of one data set and metric.
        pools: passages by corpus language, of the runs compared.
        names: requested systems (``--published``).
        imported: means of imported runs; omitted, with a note, if they do not match.

    Raises:
        UsageError: none of the requested systems has published scores for this comparison.
    """
    table = published_table()
    asked = list(dict.fromkeys(find_system(name, table) for name in names))
    wanted = [row for name in asked for row in table if row.system == name]
    shown = tuple(_with_columns(each, pools, [*wanted, *imported]) for each in comparisons)
    there = {column.label for each in shown for column in each.published}
    for name in asked:
        if name not in there:
            raise _nothing(name, comparisons, pools, table)
    known = {bed.dataset for bed in beds()}
    lacking = dict.fromkeys(
        (row.system, row.dataset, row.split)
        for row in imported
        if row.system not in there or row.dataset not in known
    )
    notes = tuple(
        f"{name} has imported means of {dataset} ({split}), which do not match this comparison; "
        "compare it alone to see them."
        for name, dataset, split in lacking
    )
    return tuple(replace(each, notes=each.notes + notes) for each in shown)


def _with_columns(
    comparison: Comparison, pools: Mapping[str, int], rows: Sequence[Published]
) -> Comparison:
    columns = _columns(comparison, pools, rows)
    if not columns:
        return comparison
    meaning = (
        f"{MARK} published means: no per-query values, so no test, and none counts as the best; "
        "shown only where the numbers of queries and passages are the same as here."
    )
    sources = [f"{column.label} {MARK}: {', '.join(column.sources)}." for column in columns]
    return replace(comparison, published=columns, notes=(*comparison.notes, meaning, *sources))


def _columns(
    comparison: Comparison, pools: Mapping[str, int], rows: Sequence[Published]
) -> tuple[PublishedColumn, ...]:
    """Columns that have a value for any row of the comparison."""
    columns = []
    for bed in beds():
        same = _same_languages(comparison, pools, bed)
        for row in rows:
            place = (row.dataset, row.split, row.setting, row.metric)
            here = (bed.dataset, comparison.split, comparison.setting, comparison.metric)
            if place == here and bed.split == row.split:
                values = tuple(_value(each, row, same, bed) for each in comparison.rows)
                if any(value is not None for value in values):
                    columns.append(PublishedColumn(row.system, values, (row.source,)))
    return tuple(columns)


def _same_languages(comparison: Comparison, pools: Mapping[str, int], bed: Bed) -> set[str]:
    """Languages with the published numbers of queries and passages."""
    asked = {
        row.languages[0]
        for row in comparison.rows
        if row.kind == LANGUAGE and bed.sizes.get(row.languages[0], (0, 0))[0] == row.queries
    }
    return asked & bed.same_pools(comparison.setting, pools)


def _value(row: Row, published: Published, same: set[str], bed: Bed) -> float | None:
    """The published value of a row; an average only if over exactly the row's languages."""
    if not row.languages or not same.issuperset(row.languages):
        return None
    found = [published.values[name] for name in row.languages if name in published.values]
    if len(found) == len(row.languages):
        return sum(found) / len(found)
    return published.values.get(MEAN) if set(row.languages) == set(bed.sizes) else None


def _nothing(
    name: str,
    comparisons: Sequence[Comparison],
    pools: Mapping[str, int],
    table: Sequence[Published],
) -> UsageError:
    first = comparisons[0]
    settings = "/".join(each.setting for each in comparisons)
    could = [column.label for each in comparisons for column in _columns(each, pools, table)]
    others = list(dict.fromkeys(could))
    more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
    known = ", ".join(others[-_SHOWN:]) + more
    return UsageError(
        f"--published: nothing of {name} is published for {first.dataset} ({first.split}) · "
        f"{settings} · {first.metric}.",
        f"Published of it: {known}."
        if known
        else "Nothing is: hybench published lists the published scores and their sets; the numbers "
        "of queries and passages must be the same.",
    )
