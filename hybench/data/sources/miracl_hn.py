"""MIRACL with hard negatives, as MTEB has it (MIRACLRetrievalHardNegatives).

The pool of a language is the union of what BM25, multilingual-e5-large and e5-mistral-instruct find
among the first 250 passages for each of at most 1,000 dev queries, and its judged passages. In bn,
sw and yo that is the whole corpus; in the other languages scores are higher than on the whole task
and not comparable with it. Configs are ``yo-corpus``, ``yo-queries``, ``yo-qrels``; path, commit,
numbers are those of mteb 2.26 (``tasks/retrieval/multilingual/miracl_retrieval.py`` and
``descriptive_stats``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hybench.data.sources import SourceKind
from hybench.data.sources.hub.pinned import HubSet, Pinned
from hybench.values.languages import MIRACL_LANGUAGES

_RELEVANT = {
    "ar": 1982, "bn": 863, "de": 811, "en": 2326, "es": 2987, "fa": 1314, "fi": 1918, "fr": 731,
    "hi": 752, "id": 3088, "ja": 1790, "ko": 547, "ru": 2833, "sw": 910, "te": 854, "th": 1343,
    "yo": 144, "zh": 994,
}  # fmt: skip
"""Relevant judgements by language (mteb's descriptive statistics)."""

MIRACL_HN = HubSet(
    name="miracl-hn",
    repository="mteb/MIRACLRetrievalHardNegatives",
    revision="d7d94fa4b946cec4a27c84653aa0cf6b33f74a3c",
    licence="CC BY-SA 4.0",
    languages={code: code for code in MIRACL_LANGUAGES},
    splits=("dev",),
    whole=True,
    relevant={code: {"dev": number} for code, number in _RELEVANT.items()},
)


@dataclass(frozen=True)
class MiraclHn(Pinned):
    """MiraclHn as a source; see `hybench.data.sources.hub.pinned.Pinned`."""

    of: ClassVar[HubSet] = MIRACL_HN


SOURCE = SourceKind(
    """MIRACL with MTEB's hard negatives: smaller pools.

    Some 250 passages a query, in 18 languages; of bn, sw and yo the whole corpus.""",
    MiraclHn,
    MIRACL_HN.about("passages of 8 (yo) to 114 (bn) million characters a language; streamed"),
)
