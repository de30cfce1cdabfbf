"""MLQA-R of LAReQA (Roy et al. 2020): questions in 7 languages, answered by one sentence each.

It is made of the dev set of MLQA (Lewis et al. 2020, arXiv 1910.07475) by the rule of XQuAD-R. A
question is in English and in one to three more languages, under one id; so a query has two to four
relevant passages in the pool of all languages, and counts in a cross-lingual search only where the
language of the passages has its answer. LAReQA's main branch no longer has the files; its history
does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hybench.data.lareqa.collection import Collection
from hybench.data.lareqa.source import Lareqa
from hybench.data.sources import SourceKind

MLQA_R = Collection(
    name="mlqa-r",
    title="MLQA-R",
    revision="354d67d1cd066854cdfbf5ad0e6105528976141d",
    licence="CC BY-NC 4.0 (LAReQA's files), CC BY-SA 3.0 (MLQA's text)",
    counts={
        "ar": (517, 2545),
        "de": (512, 2362),
        "en": (1148, 6264),
        "es": (500, 1787),
        "hi": (507, 2426),
        "vi": (511, 2828),
        "zh": (504, 2322),
    },
    parallel=False,
)


@dataclass(frozen=True)
class MlqaR(Lareqa):
    """MLQA-R as a source; see `hybench.data.lareqa.source.Lareqa`."""

    collection: ClassVar[Collection] = MLQA_R


SOURCE = SourceKind(
    """MLQA-R of LAReQA: questions and answer sentences.

    Parallel in 2 to 4 of 7 languages; every question is in English.""",
    MlqaR,
    MLQA_R.about("0.8 to 3.3 MB a language"),
)
