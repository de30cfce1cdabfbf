"""MIRACL's dev sets from MTEB's mirror (MIRACLRetrieval): a second road to the whole corpora.

`hybench.data.sources.miracl` reads MIRACL's own files, which are gated, and have judgements of
relevance 0 and train splits; this mirror has the corpora, the dev queries and what answers them.
Configs are ``yo-corpus``, ``yo-queries``, ``yo-qrels``; path, commit and numbers are those of mteb
2.26 (``tasks/retrieval/multilingual/miracl_retrieval.py``, ``descriptive_stats``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hybench.data.sources import SourceKind
from hybench.data.sources.hub.pinned import HubSet, Pinned
from hybench.values.languages import MIRACL_LANGUAGES

_RELEVANT = {
    "ar": 5658, "bn": 863, "de": 811, "en": 2326, "es": 2987, "fa": 1314, "fi": 2447, "fr": 731,
    "hi": 752, "id": 3088, "ja": 1790, "ko": 547, "ru": 3560, "sw": 910, "te": 854, "th": 1343,
    "yo": 144, "zh": 994,
}  # fmt: skip
"""Relevant judgements by language (mteb's descriptive statistics)."""

MIRACL_MTEB = HubSet(
    name="miracl-mteb",
    repository="mteb/MIRACLRetrieval",
    revision="9c09abc13478308c27598f350e31d8f06b9b5481",
    licence="Apache-2.0 (topics and judgements), CC BY-SA (Wikipedia's text)",
    languages={code: code for code in MIRACL_LANGUAGES},
    splits=("dev",),
    relevant={code: {"dev": number} for code, number in _RELEVANT.items()},
)


@dataclass(frozen=True)
class MiraclMteb(Pinned):
    """MiraclMteb as a source; see `hybench.data.sources.hub.pinned.Pinned`."""

    of: ClassVar[HubSet] = MIRACL_MTEB


SOURCE = SourceKind(
    """MIRACL's dev sets, whole, from MTEB's mirror.

    In 18 languages; it is not gated.""",
    MiraclMteb,
    MIRACL_MTEB.about(
        "passages of 8 million (yo) to 13 billion (en) characters a language; streamed"
    ),
)
