"""Checksums of files: recorded in a manifest on writing, compared on reading."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from hybench.errors import DataError
from hybench.files.atomic import staged
from hybench.files.documents import read_json


def sha256_file(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    import hashlib  # loads OpenSSL, which no help needs

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_once(path: Path) -> str:
    """`sha256_file`, cached while the file's size and date stay the same."""
    status = path.stat()
    return _remembered(path, status.st_ino, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=4096)
def _remembered(path: Path, *_status: int) -> str:
    return sha256_file(path)


def file_of(path: Path, digest: str) -> Path | None:
    """The file with that SHA-256: at `path`, or staged for it; None if there is neither.

    Raises:
        OSError: it cannot be read.
    """
    for where in (staged(path), path):
        try:
            if sha256_once(where) == digest:
                return where
        except FileNotFoundError:
            if where == path:
                raise
    return None


def folder_digests(
    path: Path,
    known: Mapping[str, str] | None = None,
    of: Callable[[Path], str] = sha256_file,
) -> dict[str, str]:
    """SHA-256 of all files below `path`, by relative path, sorted.

    Args:
        path: the folder.
        known: those that need not be computed again, by relative path.
        of: computes one.
    """
    files = sorted(file for file in path.rglob("*") if file.is_file())
    names = {file.relative_to(path).as_posix(): file for file in files}
    there = known or {}
    return {name: there.get(name) or of(file) for name, file in names.items()}


def recorded_digests(manifest: Path) -> dict[str, str]:
    """SHA-256 of files by their path relative to the JSON manifest that records them.

    Raises:
        DataError: the manifest cannot be read.
    """
    files = read_json(manifest).get("files", {})
    if not isinstance(files, dict) or not all(isinstance(each, str) for each in files.values()):
        raise DataError(f"{manifest}: its files have no checksums.", "Make it again.")
    return files


def damaged_files(manifest: Path) -> list[Path]:
    """The files that are missing or differ from the JSON manifest.

    Raises:
        DataError: the manifest cannot be read.
    """
    recorded = {
        Path(os.path.normpath(manifest.parent / name)): digest
        for name, digest in recorded_digests(manifest).items()
    }
    return [file for file, digest in recorded.items() if not _is_whole(file, digest)]


def _is_whole(file: Path, digest: str) -> bool:
    return file.is_file() and file_of(file, digest) is not None
