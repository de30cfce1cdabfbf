"""A cache of files and arrays in folders, with checksums."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybench.errors import HybenchError
from hybench.files.atomic import MANIFEST, replacing_folder
from hybench.files.checksums import damaged_files, folder_digests
from hybench.files.documents import write_json
from hybench.files.locks import holding, is_held

Arrays = Mapping[str, NDArray[Any]]


def _nothing() -> None:
    """Where nobody is told that another process is waited for."""


def cached_files(
    folder: Path, make: Callable[[Path], None], waiting: Callable[[], None] = _nothing
) -> None:
    """Make sure that `folder` has the cached files; make them if they are missing or damaged.

    Of several processes that need them, one makes them and the others wait.

    Args:
        folder: its name must identify the files, such as a digest of everything that decides them.
        make: writes them into the folder that it is given.
        waiting: called before another process is waited for.

    Raises:
        StateError: the folder cannot be written.
    """
    if is_cached(folder):
        return
    if being_made(folder):
        waiting()
    # Where files cannot be locked, two may do the same work: neither harms the other's.
    with holding(_lock(folder), f"the cache {folder.name}", wait=True, needed=False):
        if not is_cached(folder):
            with replacing_folder(folder, MANIFEST) as temporary:
                make(temporary)
                write_json(temporary / MANIFEST, {"files": folder_digests(temporary)})


def cached_arrays(
    folder: Path, make: Callable[[], Arrays], waiting: Callable[[], None] = _nothing
) -> Arrays:
    """The arrays cached in `folder`, by name; see `cached_files`.

    Raises:
        StateError: the folder cannot be written.
    """
    made: dict[str, NDArray[Any]] = {}

    def write(temporary: Path) -> None:
        made.update(make())
        for name, values in made.items():
            np.save(temporary / f"{name}.npy", values)

    cached_files(folder, write, waiting)
    kept = sorted(folder.glob("*.npy"))
    return made or {path.stem: np.load(path, allow_pickle=False) for path in kept}


def being_made(folder: Path) -> bool:
    """Whether a process makes the files of `cached_files` now."""
    return is_held(_lock(folder))


def _lock(folder: Path) -> Path:
    return folder.with_suffix(".lock")


def is_cached(folder: Path) -> bool:
    """Whether a folder has all files of `cached_files`, undamaged."""
    manifest = folder / MANIFEST
    try:
        return manifest.is_file() and not damaged_files(manifest)
    except HybenchError:
        return False
