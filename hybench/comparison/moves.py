"""How passages moved from one ranking to another, and where the relevant ones stand, in words."""

from __future__ import annotations

from collections.abc import Sequence


def move_text(before: int | None, rank: int) -> str:
    """How far a passage moved: ``↑3``, ``↓3``, ``=``; ``new`` if it was not in the other ranking.

    Args:
        before: its rank in the other; None for none.
        rank: its rank in this one.
    """
    if before is None:
        return "new"
    if before == rank:
        return "="
    return f"{'↑' if before > rank else '↓'}{abs(before - rank)}"


def describe_relevant(judged: Sequence[tuple[str, int | None, int | None]], both: bool) -> str:
    """Where the relevant passages stand."""
    parts = []
    for name, left, right in judged[:6]:
        ranks = [("not found" if rank is None else str(rank)) for rank in (left, right)]
        parts.append(f"{name} {ranks[0]} → {ranks[1]}" if both else f"{name} {ranks[1]}")
    more = f" and {len(judged) - 6} more" if len(judged) > 6 else ""
    return f"Relevant: {', '.join(parts)}{more}." if parts else "No passage is judged relevant."
