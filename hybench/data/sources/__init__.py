"""The sources of ``hybench prepare``, one module or package each.

A module binds ``SOURCE`` to a `SourceKind`; its file's name is the command's. Other packages add
theirs as entry points in ``hybench.sources``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hybench.data.about import About
from hybench.registry import Registry

if TYPE_CHECKING:
    from hybench.data.preparation import Source

__all__ = ["SOURCES", "About", "SourceKind"]


@dataclass(frozen=True)
class SourceKind:
    """A source of data as a command.

    Attributes:
        help: one sentence for the list of commands; more may follow after an empty line.
        options: the frozen dataclass of the source's options, a `hybench.data.preparation.Source`.
            Each field that `hybench.values.options.option` makes is an option of the command.
        about: facts for the list of sources; None for a source that gives none.
    """

    help: str
    options: type[Source]
    about: About | None = None


SOURCES = Registry("source", __name__, "SOURCE", "hybench.sources", SourceKind)
