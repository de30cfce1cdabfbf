"""Mr. TyDi (Zhang et al. 2021, arXiv 2108.08787) from MTEB's mirror, with its train split.

Questions of TyDi QA in 11 languages over whole Wikipedias; MIRACL's train and dev questions descend
from it. Configs are named by the language in English: ``swahili-corpus`` (split train),
``swahili-queries`` and ``swahili-qrels`` (train, dev, test). Path and commit are those of mteb 2.26
(``tasks/retrieval/multilingual/mr_tidy_retrieval.py``). The mirror's train judgements number some
thirty a question, the original's about one: they must hold the negatives as irrelevant, which is
checked against the original's numbers (ir_datasets).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hybench.data.sources import SourceKind
from hybench.data.sources.hub.pinned import HubSet, Pinned

_WORDS = {
    "ar": "arabic", "bn": "bengali", "en": "english", "fi": "finnish", "id": "indonesian",
    "ja": "japanese", "ko": "korean", "ru": "russian", "sw": "swahili", "te": "telugu",
    "th": "thai",
}  # fmt: skip
"""What the configs call each language."""

_RELEVANT = {
    "ar": {"train": 12377, "dev": 3115, "test": 1257},
    "bn": {"train": 1719, "dev": 443, "test": 130},
    "en": {"train": 3547, "dev": 878, "test": 935},
    "fi": {"train": 6561, "dev": 1738, "test": 1451},
    "id": {"train": 4902, "dev": 1224, "test": 961},
    "ja": {"train": 3697, "dev": 928, "test": 923},
    "ko": {"train": 1317, "dev": 307, "test": 492},
    "ru": {"train": 5366, "dev": 1375, "test": 1168},
    "sw": {"train": 2401, "dev": 623, "test": 743},
    "te": {"train": 3880, "dev": 983, "test": 677},
    "th": {"train": 3360, "dev": 817, "test": 1368},
}
"""Relevant judgements of the original by language and split."""

MR_TYDI = HubSet(
    name="mr-tydi",
    repository="mteb/mrtidy",
    revision="fc24a3ce8f09746410daee3d5cd823ff7a0675b7",
    licence="Apache-2.0 (questions and judgements), CC BY-SA 3.0 (Wikipedia's text)",
    languages=_WORDS,
    splits=("train", "dev", "test"),
    relevant=_RELEVANT,
)


@dataclass(frozen=True)
class MrTydi(Pinned):
    """MrTydi as a source; see `hybench.data.sources.hub.pinned.Pinned`."""

    of: ClassVar[HubSet] = MR_TYDI


SOURCE = SourceKind(
    """Mr TyDi: questions over Wikipedia in 11 languages.

    To train and to test on; from MTEB's mirror.""",
    MrTydi,
    MR_TYDI.about("about as MIRACL: the original archives have 10 MB (sw) to 5 GB (en); streamed"),
)
