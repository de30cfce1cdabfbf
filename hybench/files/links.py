"""Links in folders that may come from strangers."""

from __future__ import annotations

import os
from pathlib import Path

from hybench.errors import StateError
from hybench.files.atomic import real


def check_links(folder: Path) -> None:
    """Refuse to work in a folder with a link out of it, which would write elsewhere.

    The folder itself may be a link, which its user made.

    Raises:
        StateError: naming the first link.
    """
    for place, folders, files in os.walk(folder):
        for name in sorted((*folders, *files)):
            check_link(Path(place, name), folder)


def check_link(path: Path, folder: Path) -> None:
    """Refuse a path in a folder if it is a link out of it.

    Raises:
        StateError: it is.
    """
    if path.is_symlink() and not (target := real(path)).is_relative_to(real(folder)):
        raise StateError(
            f"{path} is a link out of {folder}, to {target}.",
            "hybench writes and deletes in that folder: replace the link with a copy, or remove "
            "it.",
        )
