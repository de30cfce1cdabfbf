"""Atomic writes: a file is written under a temporary name, then renamed into place."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hybench.errors import HybenchError, StateError

MANIFEST = "manifest.json"

_PART = ".part"
"""Suffix of files and folders that are being written."""


def write_refused(path: Path, error: OSError) -> StateError:
    """The error to raise when the system refuses to write `path`."""
    reason = error.strerror or str(error)
    if isinstance(error, (FileExistsError, NotADirectoryError)):
        reason = "there is a file where a folder must be"
    return StateError(
        f"Cannot write {path}: {reason}.",
        "Check the permissions and the free space there, or choose another folder.",
    )


def _refusal(error: Exception, temporary: Path) -> OSError | None:
    """The system's refusal to write behind an error; None if there is another cause.

    Few libraries pass on the system's error, so a full disk is detected by trying to write.
    """
    if isinstance(error, HybenchError):
        return None
    if isinstance(error, OSError):
        if isinstance(error.filename, (str, Path)):
            return error if Path(error.filename).is_relative_to(temporary) else None
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            return error
    try:
        with tempfile.TemporaryFile(dir=temporary.parent) as file:
            file.write(bytes(2**20))
    except OSError as refusal:
        return refusal
    return None


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def staged(path: Path) -> Path:
    """The path of a new file that will replace `path` together with others."""
    return path.with_name(f".{path.name}.new")


def real(path: Path) -> Path:
    """The path without links; as far as it can be resolved if links are broken or cyclic."""
    return Path(os.path.realpath(path))


def remove_folder(path: Path) -> None:
    """Delete a folder so that a kill never leaves a part of it under its name.

    What a kill leaves under another name is removed by the next `tidy` or write there.
    """
    leaving = path.with_name(f".{path.name}.{os.urandom(4).hex()}{_PART}")
    path.replace(leaving)
    _remove(leaving)


def tidy(folder: Path) -> None:
    """Remove what killed processes left half written or half deleted in a folder."""
    for path in folder.glob(f".*.????????{_PART}"):
        with suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # else its writer is alive
                _remove(path)
            finally:
                os.close(descriptor)


def _begin(path: Path, make: Callable[[Path], int]) -> tuple[int, Path]:
    """Make the temporary file or folder of `path`, locked by its descriptor."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tidy(path.parent)
    while True:
        temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}{_PART}")
        try:
            descriptor = make(temporary)
        except FileExistsError:
            if temporary.parent.is_dir():
                continue
            raise
        with suppress(OSError):  # where nothing can be locked, nothing is tidied either
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if temporary.exists():
            return descriptor, temporary
        os.close(descriptor)  # removed by another process before it was locked


@contextmanager
def _replacing(
    path: Path, make: Callable[[Path], int], put_in_place: Callable[[Path, Path, int], None]
) -> Iterator[Path]:
    try:
        descriptor, temporary = _begin(path, make)
    except OSError as error:
        raise write_refused(path, error) from error
    try:
        try:
            yield temporary
        except Exception as error:
            if (refusal := _refusal(error, temporary)) is not None:
                raise write_refused(path, refusal) from error
            raise
        try:
            put_in_place(temporary, path, stat.S_IMODE(os.fstat(descriptor).st_mode))
            sync(path.parent)
        except OSError as error:
            raise write_refused(path, error) from error
    finally:
        _remove(temporary)
        os.close(descriptor)


@contextmanager
def replacing_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path; on success it is renamed to `path`, on failure removed.

    Neither a kill nor a power cut leaves half a file at `path`. The new file takes the mode and
    owner of an existing one; a link is replaced, not followed.

    Raises:
        StateError: the folder cannot be written. Other errors of the caller's own work pass
            unchanged.
    """

    def make(temporary: Path) -> int:
        return os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)

    with _replacing(path, make, put_file) as temporary:
        yield temporary


def put_file(temporary: Path, path: Path, mode: int) -> None:
    """Rename a file to `path`, with the mode and owner of an existing file, else as given."""
    with suppress(FileNotFoundError):
        there = path.lstat()
        if stat.S_ISREG(there.st_mode):
            mode = stat.S_IMODE(there.st_mode)
            with suppress(OSError):  # only root gives files away
                os.chown(temporary, there.st_uid, there.st_gid)
    temporary.chmod(mode)  # what a library wrote may have replaced the file that was made
    sync(temporary)
    temporary.replace(path)


@contextmanager
def writing_to(path: Path) -> Iterator[Path]:
    """Yield the path to write to for a path that a user gave.

    A link is followed. What is not a regular file (a terminal, a pipe) is written to directly; a
    file is replaced as `replacing_file` does.

    Raises:
        StateError: as `replacing_file` does; or the existing file may not be written.
    """
    try:
        with suppress(FileNotFoundError):
            if not stat.S_ISREG(path.stat().st_mode):
                yield path
                return
            if not os.access(path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    except OSError as error:
        raise write_refused(path, error) from error
    with replacing_file(real(path) if path.is_symlink() else path) as temporary:
        yield temporary


@contextmanager
def replacing_folder(path: Path, manifest: str) -> Iterator[Path]:
    """Yield an empty temporary folder; on success it replaces `path`.

    An existing folder must be empty or have a file named `manifest`, as the new one will.

    The folder at `path` is whole at every moment, and never missing where the system can exchange
    folders (Linux, on local disks). Elsewhere a kill may fall between two renames; the old folder
    is then restored by the next attempt to write `path`.

    Raises:
        StateError: the folder cannot be written, or the existing one is of another kind. Other
            errors of the caller's own work pass unchanged.
    """

    def make(temporary: Path) -> int:
        _put_back(path)
        temporary.mkdir()
        return os.open(temporary, os.O_RDONLY)

    with _replacing(path, make, _put_folder) as temporary:
        if path.is_dir() and not (path / manifest).exists() and any(path.iterdir()):
            raise StateError(
                f"{path} is there and is not what hybench would put in its place: it has no "
                f"{manifest}.",
                "Move it elsewhere, or choose another name.",
            )
        yield temporary


def _aside(path: Path) -> Path:
    return path.with_name(f".{path.name}.old")


def _put_back(path: Path) -> None:
    """Restore a folder that was set aside if nothing has replaced it; else remove it."""
    aside = _aside(path)
    if aside.exists():
        _remove(aside) if path.exists() else aside.replace(path)


def _put_folder(temporary: Path, path: Path, mode: int) -> None:
    for below in (*temporary.rglob("*"), temporary):
        # Some libraries make files that only their owner can read.
        below.chmod(mode if below.is_dir() else mode & 0o666)
        sync(below)
    try:
        temporary.replace(path)
    except OSError as error:
        if error.errno not in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}:
            raise
    else:
        return
    if not _exchange(temporary, path):
        path.replace(_aside(path))
        try:
            temporary.replace(path)
        finally:
            _put_back(path)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two paths atomically; False where the system cannot."""
    at_folder, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    try:
        rename = ctypes.CDLL(None).renameat2
    except AttributeError:
        return False
    return bool(rename(at_folder, os.fsencode(one), at_folder, os.fsencode(other), exchange) == 0)


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # some file systems cannot do it for folders
            raise
    finally:
        os.close(descriptor)
