"""SHIFT: a language's offset is taken off its vectors."""

from __future__ import annotations

from hybench.derived import Affine, Maps, Method
from hybench.derived.options import ALL, Settings
from hybench.derived.statistics import Statistics


def shift(statistics: Statistics, settings: Settings) -> Maps:
    """``x - α (m_l - m)``: less the offset of the text's language from a common point m.

    With ``toward`` a language s and ``sides`` ``passages`` it is SHIFT as published (Jang et al.
    2026, arXiv 2606.18801, eq. 1 and algorithm 1): ``V_l = 1/N Σᵢ (f(dᵢˡ) - f(dᵢˢ))`` over the N
    texts that both languages have, ``z - α V_l`` for passages at indexing, queries as they are; the
    paper uses vectors before normalisation, and α from 0 to 1 by model. With ``toward`` ``all``, m
    is the mean of the languages' means, each of the same weight, and with ``sides`` ``both``,
    queries are shifted as passages are: for queries in several languages, as in a pool that none is
    the source of.

    Raises:
        UsageError: ``toward`` is a language without texts in common with another.
    """
    offsets = {}
    for language in statistics.languages:
        own, other = statistics.against(language, settings.toward)
        offsets[language] = Affine(-settings.strength * (own - other))
    return Maps(offsets, queries=settings.sides == "both")


METHOD = Method(
    "SHIFT: less the offset of the text's language.",
    shift,
    {"toward": ALL, "sides": "both", "strength": 1.0},
)
