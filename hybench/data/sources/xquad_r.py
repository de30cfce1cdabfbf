"""XQuAD-R of LAReQA (Roy et al. 2020): questions in 11 languages, answered by one sentence each.

Every question and every article is in every language.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hybench.data.lareqa.collection import Collection
from hybench.data.lareqa.source import Lareqa
from hybench.data.sources import SourceKind

QUESTIONS = 1190
"""Published number of questions of each language."""

XQUAD_R = Collection(
    name="xquad-r",
    title="XQuAD-R",
    revision="9bc8c7fb6dd8d01d72a05a93c2cb96882b0d299c",
    licence="CC BY-SA 4.0",
    counts={
        "ar": (QUESTIONS, 1222),
        "de": (QUESTIONS, 1276),
        "el": (QUESTIONS, 1234),
        "en": (QUESTIONS, 1180),
        "es": (QUESTIONS, 1215),
        "hi": (QUESTIONS, 1244),
        "ru": (QUESTIONS, 1219),
        "th": (QUESTIONS, 852),
        "tr": (QUESTIONS, 1167),
        "vi": (QUESTIONS, 1209),
        "zh": (QUESTIONS, 1196),
    },
    parallel=True,
)


@dataclass(frozen=True)
class XquadR(Lareqa):
    """XQuAD-R as a source; see `hybench.data.lareqa.source.Lareqa`."""

    collection: ClassVar[Collection] = XQUAD_R


SOURCE = SourceKind(
    """XQuAD-R of LAReQA: questions and answer sentences, parallel.

    In 11 languages.""",
    XquadR,
    XQUAD_R.about("0.6 to 2.8 MB a language"),
)
