"""Folders that hold a file of some name: runs, studies."""

from __future__ import annotations

import os
from pathlib import Path

from hybench.files.atomic import real


def folders_with(path: Path, *names: str) -> list[dict[Path, Path]]:
    """For each name of a file, the folders in `path` that have it, by where they really are.

    They are sorted by name; hidden ones do not count, and there are none where `path` is no folder
    or may not be listed. One listing, and few calls for each of thousands of folders.
    """
    found: list[dict[Path, Path]] = [{} for _ in names]
    try:
        with os.scandir(path) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return found
    place = real(path)
    for entry in listed:
        if entry.name.startswith("."):
            continue
        for name, folders in zip(names, found, strict=True):
            if os.path.exists(f"{entry.path}/{name}"):  # noqa: PTH110 - a third of a Path's time
                folder = path / entry.name
                where = real(folder) if entry.is_symlink() else place / entry.name
                folders.setdefault(where, folder)
    return found
