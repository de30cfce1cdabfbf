"""Names of runs, sets and whatever else becomes a file's or a folder's name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from hybench.errors import UsageError

MOST_BYTES = 150
"""Of a name in UTF-8. File systems end at 255, and files are named by set, split, setting, two
languages and a suffix."""


TAKEN = frozenset(
    {
        *("config.toml", "dataset.json", "environment.json", "events.jsonl", "means.json"),
        *("model.json", "study.json", "study.jsonl"),
    }
)
"""Names of files that stand where a run, a set or a study could be named so."""

TAKEN_END = ".relevant"
"""How the names of tables end that stand beside those that are named as a set is."""


def is_folder_name(name: str) -> bool:
    """Whether a name is safe in a path: letters, digits and ``._-+=``, not hidden, not too long.

    Names that files of the layout have are not, in whatever case: some disks take no notice of it.
    """
    safe = name and name[0].isalnum() and all(c.isalnum() or c in "._-+=" for c in name)
    return bool(safe) and len(name.encode()) <= MOST_BYTES and not _is_taken(name)


def _is_taken(name: str) -> bool:
    return name.casefold() in TAKEN or name.casefold().endswith(TAKEN_END)


def check_name(name: str, flag: str) -> str:
    """Return `name` if it can be a folder's name.

    Raises:
        UsageError: it is empty, hidden, too long, taken by files of the layout, or has characters
            that are unsafe in a path.
    """
    if _is_taken(name):
        raise UsageError(
            f"{flag}: {name!r} is how hybench names files of its own.", "Choose another name."
        )
    if not is_folder_name(name):
        raise UsageError(
            f"{flag}: {name!r} cannot be a folder's name.",
            "Use letters, digits and ._-+=, begin with a letter or digit, and take "
            f"{MOST_BYTES} bytes at most (letters other than a to z take 2 to 4).",
        )
    return name


def spelled(keys: Iterable[str], mark: str, place: Callable[[str], str]) -> dict[str, str]:
    """Keys of a file by the names that they stand for: a dash and an underscore are one.

    Args:
        keys: as they are written.
        mark: what the names have, of the two.
        place: where a key stands, for people.

    Raises:
        UsageError: one is written in both ways.
    """
    written: dict[str, str] = {}
    for key in keys:
        name = re.sub("[-_]", mark, key)
        if name in written:
            raise UsageError(
                f"{place(key)} is set twice.",
                f"Leave it out, or {written[name]}: they are the same.",
            )
        written[name] = key
    return written


def folder_named(name: str, root: Path) -> Path:
    """The folder that a name stands for in `root`; a name with a slash, or ``.``, is a path.

    With one slash behind it, as shells complete names, it is a name where no such folder is here.
    """
    own = name.rstrip("/")
    is_path = "/" in own or own in {"", ".", ".."} or (own != name and Path(own).is_dir())
    return Path(name) if is_path else root / own
