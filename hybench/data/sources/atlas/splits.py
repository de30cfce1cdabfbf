"""The split of facts into training and evaluation.

The split is by fact, never by language. A fact is held out only if its entity is *connected*: in
each of the fact's languages, some training fact names the same entity, in its question or as its
answer. The fact is held out, not the name.
"""

from __future__ import annotations

import hashlib
from functools import cache

from hybench.data.sources.atlas.facts import Fact, all_facts

TEST_SHARE = 0.215
DEV_SHARE = 0.108
"""Shares drawn; unconnected facts return to training, which leaves about 20 and 10 %."""


def fraction(*parts: str) -> float:
    """A number in [0, 1) that depends only on the parts."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def _drawn(fact: Fact) -> str:
    share = fraction("split", fact.fact_id)
    if share < TEST_SHARE:
        return "test"
    return "dev" if share < TEST_SHARE + DEV_SHARE else "train"


@cache
def fact_splits() -> dict[str, str]:
    """``train``, ``dev`` or ``test`` by fact id."""
    splits = {fact.fact_id: _drawn(fact) for fact in all_facts()}
    seen: set[tuple[str, str]] = set()

    def see(fact: Fact) -> None:
        for node in (fact.triple.entity, fact.triple.value):
            seen.update((node, language) for language in fact.names)

    for fact in all_facts():
        if splits[fact.fact_id] == "train":
            see(fact)
    for fact in sorted(all_facts(), key=lambda item: fraction("order", item.fact_id)):
        if splits[fact.fact_id] == "train":
            continue
        if any((fact.triple.entity, language) not in seen for language in fact.names):
            splits[fact.fact_id] = "train"
            see(fact)
    return splits
