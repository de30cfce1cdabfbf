"""WebFAQ retrieval (Dinzinger et al. 2025, arXiv 2502.20936): questions and answers of FAQ pages.

Twenty languages, each with 10,000 test questions; the train questions become training pairs. The
repository ``PaDaS-Lab/webfaq-retrieval`` has the configs ``ara-corpus`` (split corpus),
``ara-queries`` and ``ara-qrels`` (train, test), in JSON lines, and no negatives. The scored ones of
WebFAQ 2.0 (arXiv 2602.17327) are published apart: BGE-M3's scores of 200 answers a question, as
TREC runs (``PaDaS-Lab/webfaq-ir-datasets``) and as grouped JSON lines
(``IrvinTopi/WebFAQHardNegatives``). ``hybench train --teacher-scores FILE`` reads both
(`hybench.negatives.score_files`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hybench.data.sources import SourceKind
from hybench.data.sources.hub.pinned import HubSet, Pinned

_WORDS = {
    "ar": "ara", "da": "dan", "de": "deu", "en": "eng", "fa": "fas", "fr": "fra", "hi": "hin",
    "id": "ind", "it": "ita", "ja": "jpn", "ko": "kor", "nl": "nld", "pl": "pol", "pt": "por",
    "ru": "rus", "es": "spa", "sv": "swe", "tr": "tur", "vi": "vie", "zh": "zho",
}  # fmt: skip
"""What the configs call each language."""

WEBFAQ = HubSet(
    name="webfaq",
    repository="PaDaS-Lab/webfaq-retrieval",
    revision="483d1fbe2ef5023296fea60a458d4e4c4ac200a5",
    licence="CC BY 4.0",
    languages=_WORDS,
    splits=("train", "test"),
)


@dataclass(frozen=True)
class Webfaq(Pinned):
    """Webfaq as a source; see `hybench.data.sources.hub.pinned.Pinned`."""

    of: ClassVar[HubSet] = WEBFAQ


SOURCE = SourceKind(
    """WebFAQ: questions and answers in 20 languages.

    Of FAQ pages, to train and to test on.""",
    Webfaq,
    WEBFAQ.about("140 thousand (ar) to 5.3 million (en) answers a language; streamed"),
)
