"""Replace several files together: readers see all old files or all new ones.

The new files are written under hidden names next to the old ones; a manifest with all their
checksums comes last. As soon as the new manifest is whole, the new files are valid, even after a
kill: readers look under both names, and the next writer moves them into place.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hybench.files.atomic import put_file, staged, sync, tidy


def manifest_now(manifest: Path) -> Path:
    """The path of the valid manifest: the new one as soon as it is whole."""
    return staged(manifest) if staged(manifest).is_file() else manifest


@contextmanager
def replacing_together(files: Sequence[Path], manifest: Path) -> Iterator[None]:
    """A context in which files, then the manifest, are written to `staged` paths; `settle` ends it.

    One process at a time may do so. What a killed one left is settled first. On an error the old
    files stay.
    """
    settle(files, manifest)
    try:
        yield
    finally:
        settle(files, manifest)


def settle(files: Sequence[Path], manifest: Path) -> None:
    """Move the new files into place if their manifest is whole; else remove them."""
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
