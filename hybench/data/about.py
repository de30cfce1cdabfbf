"""Facts about a source of data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class About:
    """What can be known of a source before it is prepared, for ``hybench prepare --list``.

    Attributes:
        languages: codes, or what decides them.
        licence: of the texts.
        download: what is downloaded, with its size where that is known.
        revision: the commit or version that is read.
        live: whether the download was run against the live server; None where nothing is.
        page: where it is published; may be empty.
    """

    languages: str
    licence: str
    download: str
    revision: str
    live: bool | None = None
    page: str = ""
