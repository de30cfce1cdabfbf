"""``hybench prepare --list``: what can be prepared, before anything is downloaded."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from textwrap import wrap
from typing import Any

from hybench.data.sources import SOURCES, SourceKind

_LIVE = {
    None: "",
    False: "not yet run against the live server; tested on small files of this layout",
    True: "run against the live server",
}
_WIDTH = 10
"""Of the names of facts."""


def sources_document() -> str:
    """Every source and its facts as JSON; a source that gives none has nulls."""
    return json.dumps([_record(name, kind) for name, kind in SOURCES.loadable().items()], indent=2)


def sources_text(width: int | None) -> str:
    """Every source and its facts as text.

    Args:
        width: of a line, in characters; None for one line per fact.
    """
    return "\n\n".join(
        "\n".join([f"{name}: {kind.help.partition(chr(10))[0]}", *_facts(kind, width)])
        for name, kind in SOURCES.loadable().items()
    )


def _record(name: str, kind: SourceKind) -> dict[str, Any]:
    facts = asdict(kind.about) if kind.about is not None else {}
    return {"source": name, "what": kind.help.partition("\n")[0], **facts}


def _facts(kind: SourceKind, width: int | None) -> Iterator[str]:
    if kind.about is None:
        return
    facts = {**asdict(kind.about), "live": _LIVE[kind.about.live]}
    for fact, value in facts.items():
        if value:
            start = f"  {fact:{_WIDTH}}"
            yield from wrap(
                value,
                max(width or sys.maxsize, 40),
                initial_indent=start,
                subsequent_indent=" " * len(start),
                break_long_words=False,
                break_on_hyphens=False,
            )
