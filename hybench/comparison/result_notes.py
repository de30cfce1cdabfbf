"""Notes on the results of a comparison: what differs between them, and what weakens a score."""

from __future__ import annotations

from collections.abc import Sequence

from hybench.evaluation.results import ResultsInfo
from hybench.wording.amounts import counted, listed


def result_notes(found: Sequence[tuple[str, ResultsInfo]]) -> list[str]:
    """Notes on splits, depths and searches that differ or weaken a score."""
    notes = []
    for what, values in (
        ("splits", [(name, info.split) for name, info in found]),
        ("depths of ranking", [(name, str(info.depth or "full")) for name, info in found]),
    ):
        if len({value for _, value in values}) > 1:
            each = ", ".join(f"{name} {value}" for name, value in values)
            notes.append(f"Different {what}: {each}.")
    for name, info in found:
        if info.search == "ann":
            worst = f"{min(info.recall.values()):.3f} at worst" if info.recall else "not measured"
            notes.append(
                f"{name} was searched approximately (recall@100 against exact search {worst}): "
                "a lower score may be the index's."
            )
        if info.shallow:
            notes.append(
                f"In RankDistance of {name}, relevant passages that are not among its "
                f"{info.depth:,} hits count as rank {info.missing_rank:,}, below the whole pool; "
                "exact search of the whole ranking gives their ranks."
            )
    return notes


def weakened(infos: Sequence[ResultsInfo | None], languages: Sequence[str]) -> tuple[str, ...]:
    """The caveats on all statements about an arm, a few words each."""
    known = [info for info in infos if info is not None]
    words = []
    if any(info.search == "ann" for info in known):
        words.append("searched approximately")
    trained = max((_counts(info, languages) for info in known), default=(0, 0))
    if trained[0]:
        words.append(f"trained on {trained[0]:,} of {trained[1]:,} queries")
    return tuple(words)


def _counts(info: ResultsInfo, languages: Sequence[str]) -> tuple[int, int]:
    """Queries that a run was trained on, and all evaluated ones, in these languages."""
    trained, asked = (
        sum(n for code, n in by_language.items() if not languages or code in languages)
        for by_language in (info.trained_queries or {}, info.distinct_queries)
    )
    return trained, asked


def trained_notes(found: Sequence[tuple[str, ResultsInfo]], languages: Sequence[str]) -> list[str]:
    """Notes on runs that were trained on queries that they are compared on, with numbers."""
    runs: dict[tuple[int, int], list[str]] = {}
    for name, info in found:
        counts = _counts(info, languages)
        if counts[0]:
            runs.setdefault(counts, []).append(name)
    return [
        f"Trained on {trained:,} of these {counted(every, 'queries')} (same text): "
        f"{listed(names)}. These are not scores of unseen queries."
        for (trained, every), names in runs.items()
    ]
