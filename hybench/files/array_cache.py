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

Arrays = Mapping[str, NDArray[Any]]


def cached_files(folder: Path, make: Callable[[Path], None]) -> None:
    """Make sure that `folder` has the cached files; make them if they are missing or damaged.

    Args:
        folder: its name must identify the files, such as a digest of everything that decides them.
        make: writes them into the folder that it is given.

    Raises:
        StateError: the folder cannot be written.
    """
    if not is_cached(folder):
        with replacing_folder(folder, MANIFEST) as temporary:
            make(temporary)
            write_json(temporary / MANIFEST, {"files": folder_digests(temporary)})


def cached_arrays(folder: Path, make: Callable[[], Arrays]) -> Arrays:
    """The arrays cached in `folder`, by name; see `cached_files`.

    Raises:
        StateError: the folder cannot be written.
    """
    made: dict[str, NDArray[Any]] = {}

    def write(temporary: Path) -> None:
        made.update(make())
        for name, values in made.items():
            np.save(temporary / f"{name}.npy", values)

    cached_files(folder, write)
    kept = sorted(folder.glob("*.npy"))
    return made or {path.stem: np.load(path, allow_pickle=False) for path in kept}


def is_cached(folder: Path) -> bool:
    """Whether a folder has all files of `cached_files`, undamaged."""
    manifest = folder / MANIFEST
    try:
        return manifest.is_file() and not damaged_files(manifest)
    except HybenchError:
        return False
