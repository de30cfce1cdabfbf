"""Files that are either whole or not there: written beside their place, then renamed into it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from hybench.errors import DataError, StateError

MANIFEST = "manifest.json"


def _no_write(path: Path, error: OSError) -> StateError:
    reason = error.strerror or str(error)
    if isinstance(error, (FileExistsError, NotADirectoryError)):
        reason = "there is a file where a folder must be"
    return StateError(
        f"Cannot write {path}: {reason}.",
        "Check the permissions and the free space there, or choose another folder.",
    )


@contextmanager
def replacing_file(path: Path) -> Iterator[Path]:
    """Yield a path beside `path`; on success it is renamed to `path`, on failure removed.

    Raises:
        StateError: the folder cannot be written.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        temporary.chmod(0o644)
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
    except OSError as error:
        raise _no_write(path, error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _put_in_place(folder: Path, path: Path) -> None:
    """Rename `folder` to `path`; an older one there is put back if that fails."""
    if not path.exists():
        folder.replace(path)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{path.name}.old.", dir=path.parent))
    path.replace(aside / path.name)
    try:
        folder.replace(path)
    except OSError:
        (aside / path.name).replace(path)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder beside `path`; on success it takes the place of `path`.

    An older folder of that name is moved aside first and deleted last: what stands at `path` is
    whole at every moment, and missing only between two renames.

    Raises:
        StateError: the folder cannot be written.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        temporary.chmod(0o755)
        yield temporary
        _put_in_place(temporary, path)
    except OSError as error:
        raise _no_write(path, error) from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                shutil.rmtree(temporary, ignore_errors=True)


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON, atomically, keys in their own order."""
    with replacing_file(path) as temporary:
        temporary.write_text(
            json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
        )


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object that hybench wrote.

    Raises:
        DataError: the file is not a JSON object.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise DataError(
            f"{path} cannot be read as JSON: {error}.",
            "It was cut short or changed by hand: make it again with the command that wrote it.",
        ) from error
    if not isinstance(value, dict):
        raise DataError(f"{path} holds no JSON object.", "Make it again.")
    return value


def sha256_file(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_json(value: Mapping[str, Any] | list[Any]) -> str:
    """Hexadecimal SHA-256 of a value's canonical JSON (sorted keys, no spaces)."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def sha256_folder(path: Path) -> str:
    """SHA-256 over the names and contents of all files below `path`, in sorted order."""
    files = sorted(file for file in path.rglob("*") if file.is_file())
    return sha256_json([[file.relative_to(path).as_posix(), sha256_file(file)] for file in files])
