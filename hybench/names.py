"""Names of runs, sets and whatever else becomes a file's or a folder's name."""

from __future__ import annotations

from hybench.errors import UsageError

MOST_BYTES = 150
"""Of a name in UTF-8. File systems end at 255, and files are named by set, split, setting, two
languages and a suffix."""


def is_folder_name(name: str) -> bool:
    """Whether a name is safe in a path: letters, digits and ``._-+=``, not hidden, not too long."""
    safe = name and name[0].isalnum() and all(c.isalnum() or c in "._-+=" for c in name)
    return bool(safe) and len(name.encode()) <= MOST_BYTES


def check_name(name: str, flag: str) -> str:
    """Return `name` if it can be a folder's name.

    Raises:
        UsageError: it is empty, hidden, too long, or has characters that are unsafe in a path.
    """
    if not is_folder_name(name):
        raise UsageError(
            f"{flag}: {name!r} cannot be a folder's name.",
            "Use letters, digits and ._-+=, begin with a letter or digit, and take "
            f"{MOST_BYTES} bytes at most (letters other than a to z take 2 to 4).",
        )
    return name
