"""Find the files of parallel sentences in a set of the hub."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePosixPath

from hybench.data.download import find_hub_dataset
from hybench.data.sources.parallel.names import pair_named
from hybench.data.sources.parallel.parts import TABLES
from hybench.errors import UsageError
from hybench.values.languages import stored_codes


def list_files(repository: str, languages: Collection[str] | None) -> tuple[str, tuple[str, ...]]:
    """The commit of a set, and its tables whose names say two of the languages.

    Args:
        repository: ``owner/name``.
        languages: codes that are asked for.

    Raises:
        UsageError: there is no such set, no languages are named, or there are no such files.
        StateError: the hub refuses, or cannot be reached.
    """
    if languages is None:
        raise UsageError(
            f"{repository} is no folder here; a set of the hub may have hundreds of languages.",
            "Name two or more: --languages en,yo.",
        )
    found = find_hub_dataset(repository, "main")
    tables = [
        file.rfilename
        for file in found.siblings or ()
        if PurePosixPath(file.rfilename.removesuffix(".gz")).suffix in TABLES
    ]
    chosen = {*stored_codes(languages)}
    pairs = {name: pair_named(PurePosixPath(name)) for name in tables}
    names = tuple(sorted(name for name, pair in pairs.items() if pair and {*pair} <= chosen))
    if not names:
        there = sorted({"-".join(pair) for pair in pairs.values() if pair})
        raise UsageError(
            f"{repository} has no file that is named by two of {', '.join(sorted(chosen))}.",
            f"It has: {' '.join(there)}." if there else "Give the folder of a copy instead.",
        )
    return str(found.sha), names
