"""What is costly to make, kept in folders with its checksums."""

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
    """See that files are kept in `folder`; made where they are not there or are damaged.

    Args:
        folder: its name must say what the files are of, such as a digest of all that decides them.
        make: writes them into the folder that it is given.

    Raises:
        StateError: the folder cannot be written.
    """
    if not is_cached(folder):
        with replacing_folder(folder, MANIFEST) as temporary:
            make(temporary)
            write_json(temporary / MANIFEST, {"files": folder_digests(temporary)})


def cached_arrays(folder: Path, make: Callable[[], Arrays]) -> Arrays:
    """The arrays kept in `folder`, by name, as `cached_files` keeps files.

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
    """Whether a folder holds what `cached_files` put there, undamaged."""
    manifest = folder / MANIFEST
    try:
        return manifest.is_file() and not damaged_files(manifest)
    except HybenchError:
        return False
