"""NanoMIRACL: MIRACL cut down to at most 200 questions and 10,000 passages a language.

Made by HAKARI-Bench (github.com/hakari-bench/hakari-bench, ``config/datasets/nanomiracl.yaml``) in
the layout of NanoBEIR: the configs ``corpus``, ``queries`` and ``qrels``, each with a split per
language. Its scores are for quick looks and not comparable with MIRACL's. No commit of it is
published in HAKARI-Bench's files: its main branch is read, and the manifest records the commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hybench.data.sources import SourceKind
from hybench.data.sources.hub.pinned import HubSet, Pinned
from hybench.values.languages import MIRACL_LANGUAGES

NANO_MIRACL = HubSet(
    name="nano-miracl",
    repository="hakari-bench/NanoMIRACL",
    revision="main",
    licence="CC BY-SA 4.0",
    languages={code: code for code in MIRACL_LANGUAGES},
    by_split=True,
    whole=True,
)


@dataclass(frozen=True)
class NanoMiracl(Pinned):
    """NanoMiracl as a source; see `hybench.data.sources.hub.pinned.Pinned`."""

    of: ClassVar[HubSet] = NANO_MIRACL


SOURCE = SourceKind(
    """NanoMIRACL: MIRACL cut down to 200 questions.

    And to 10,000 passages a language. For quick looks; its scores are not MIRACL's.""",
    NanoMiracl,
    NANO_MIRACL.about("up to 10,000 passages a language; streamed"),
)
