"""Several files that take their places together: all of them are the old ones, or all the new.

The new files are written beside the old, under hidden names, and a manifest that has all their
checksums last. From the moment on that the new manifest is whole, the new files count, wherever a
kill finds them: readers look under both names, and the next writer moves them.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hybench.files.atomic import put_file, staged, sync, tidy


def manifest_now(manifest: Path) -> Path:
    """The path of the manifest that counts: the new one as soon as it is whole."""
    return staged(manifest) if staged(manifest).is_file() else manifest


@contextmanager
def replacing_together(files: Sequence[Path], manifest: Path) -> Iterator[None]:
    """Within, files and then the manifest are written where `staged` says; `settle` ends it.

    One process at a time may do so. What a killed one left is settled first; where anything is
    raised, the old files stay.
    """
    settle(files, manifest)
    try:
        yield
    finally:
        settle(files, manifest)


def settle(files: Sequence[Path], manifest: Path) -> None:
    """Move the new files into their places if their manifest is whole; else remove them."""
    whole = staged(manifest).is_file()
    for folder in {path.parent for path in (*files, manifest)}:
        tidy(folder)
    for path in files:
        if not whole:
            staged(path).unlink(missing_ok=True)
        elif staged(path).is_file():
            _put(path)
    if whole:
        for folder in {path.parent for path in files}:
            sync(folder)
        _put(manifest)
        sync(manifest.parent)


def _put(path: Path) -> None:
    put_file(staged(path), path, stat.S_IMODE(staged(path).stat().st_mode))
