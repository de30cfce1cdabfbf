"""Arrays that are costly to make, kept in a cache folder with their checksums."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybench.digests import damaged_files, folder_digests
from hybench.errors import HybenchError
from hybench.storage import MANIFEST, replacing_folder, write_json

Arrays = Mapping[str, NDArray[Any]]


def cached_arrays(folder: Path, make: Callable[[], Arrays]) -> Arrays:
    """The arrays kept in `folder`; made, and kept, where they are not there or are damaged.

    Args:
        folder: its name must say what the arrays are of, such as a digest of all that decides them.
        make: the arrays by name.

    Raises:
        StateError: the folder cannot be written.
    """
    if not _is_whole(folder):
        made = make()
        with replacing_folder(folder, MANIFEST) as temporary:
            for name, values in made.items():
                np.save(temporary / f"{name}.npy", values)
            write_json(temporary / MANIFEST, {"files": folder_digests(temporary)})
        return made
    return {path.stem: np.load(path, allow_pickle=False) for path in sorted(folder.glob("*.npy"))}


def _is_whole(folder: Path) -> bool:
    manifest = folder / MANIFEST
    try:
        return manifest.is_file() and not damaged_files(manifest)
    except HybenchError:
        return False
