"""Names of runs, sets and others that become names of files or folders."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from hybench.errors import UsageError

MOST_BYTES = 150
"""Longest name in UTF-8. File systems allow 255 bytes, and file names join set, split, setting, two
languages and a suffix."""


TAKEN = frozenset(
    {
        *("config.toml", "dataset.json", "environment.json", "events.jsonl", "means.json"),
        *("model.json", "negatives.json", "study.json", "study.jsonl"),
    }
)
"""Names of files in folders whose other entries are runs, sets or studies."""

TAKEN_END = ".relevant"
"""Suffix of tables that are next to those named as their set."""


def is_folder_name(name: str) -> bool:
    """Whether a name is safe in a path: letters, digits and ``._-+=``, not hidden, not too long.

    Names of files of the layout are not, in any case: some disks ignore case.
    """
    safe = name and name[0].isalnum() and all(c.isalnum() or c in "._-+=" for c in name)
    return bool(safe) and len(name.encode()) <= MOST_BYTES and not _is_taken(name)


def _is_taken(name: str) -> bool:
    return name.casefold() in TAKEN or name.casefold().endswith(TAKEN_END)


def check_name(name: str, flag: str) -> str:
    """Return `name` if it can be a folder's name.

    Raises:
        UsageError: it is empty, hidden, too long, used by files of the layout, or has characters
            that are unsafe in a path.
    """
    if _is_taken(name):
        raise UsageError(
            f"{flag}: {name!r} is reserved for files of hybench.", "Choose another name."
        )
    if not is_folder_name(name):
        raise UsageError(
            f"{flag}: {name!r} cannot be a folder's name.",
            "Use letters, digits and ._-+=, begin with a letter or digit, and take "
            f"{MOST_BYTES} bytes at most (letters other than a to z take 2 to 4).",
        )
    return name


def spelled(keys: Iterable[str], mark: str, place: Callable[[str], str]) -> dict[str, str]:
    """Keys of a file by the names that they mean: dash and underscore are equal.

    Args:
        keys: as they are written.
        mark: which of the two the names have.
        place: describes where a key is, for messages.

    Raises:
        UsageError: a key occurs in both spellings.
    """
    written: dict[str, str] = {}
    for key in keys:
        name = re.sub("[-_]", mark, key)
        if name in written:
            raise UsageError(
                f"{place(key)} is set twice.",
                f"Omit it or {written[name]}: they are the same.",
            )
        written[name] = key
    return written


def folder_named(name: str, root: Path) -> Path:
    """The folder of a name in `root`; a name with a slash, or ``.``, is a path.

    A name with one slash at its end, as shells complete it, is a path only if that folder exists.
    """
    own = name.rstrip("/")
    is_path = "/" in own or own in {"", ".", ".."} or (own != name and Path(own).is_dir())
    return Path(name) if is_path else root / own
