"""Notes on the results of a comparison: what differs between them, and what weakens a score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hybench.evaluation.contamination import Overlap
from hybench.evaluation.results import ResultsInfo
from hybench.wording.amounts import counted, listed

_MANY_CUT = 0.01
"""Shares of cut texts from here on are told."""


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
    return [*notes, *_cut_notes(found)]


def _cut_notes(found: Sequence[tuple[str, ResultsInfo]]) -> list[str]:
    """Notes on models that read only the beginning of more than a few texts, the most cut first."""
    said: dict[str, list[str]] = {}
    for name, info in found:
        most = sorted(info.cut.items(), key=lambda each: -each[1])
        each = [f"{texts} {100 * share:.0f} %" for texts, share in most if share >= _MANY_CUT]
        if each:
            said.setdefault(listed(each, most=6), []).append(name)
    return [
        f"Longer than the model takes, and cut: {texts} ({listed(names, most=6)})."
        for texts, names in said.items()
    ]


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
    return _sum(info.trained_queries or {}, languages), _sum(info.distinct_queries, languages)


def _sum(by_language: Mapping[str, int], languages: Sequence[str]) -> int:
    return sum(n for code, n in by_language.items() if not languages or code in languages)


def trained_notes(found: Sequence[tuple[str, ResultsInfo]], languages: Sequence[str]) -> list[str]:
    """Notes on runs that were trained on texts that they are compared on, with numbers."""
    runs: dict[tuple[str, str], list[str]] = {}
    for name, info in found:
        for claim in overlaps(info, languages):
            runs.setdefault(claim, []).append(name)
    return [
        f"{claim[0].upper()}{claim[1:]}: {listed(names)}. These are not scores of unseen {what}."
        for (claim, what), names in runs.items()
    ]


def overlaps(info: ResultsInfo, languages: Sequence[str] = ()) -> list[tuple[str, str]]:
    """What a model was trained on of the texts that it is evaluated on, with numbers.

    Args:
        info: of the results.
        languages: of the queries; empty for all.

    Returns:
        What it was, after "was", and what is not unseen: queries or passages.
    """
    trained, every = _counts(info, languages)
    of, overlap = f"of these {counted(every, 'queries')}", info.overlap or Overlap()
    near, same, alike = (
        _sum(each, languages)
        for each in (overlap.near_queries, overlap.relevant, overlap.near_relevant)
    )
    said = []
    if trained:
        said.append((f"trained on {trained:,} {of} (same text)", "queries"))
    if near:
        said.append((f"trained on queries nearly the same as {near:,} {of}", "queries"))
    if same or alike:
        counts = f"{same:,}" + (f", and nearly on those of {alike:,}," if alike else "")
        said.append((f"trained on relevant passages of {counts} {of}", "passages"))
    return said
