"""File locks between processes; the system releases them when their owner dies."""

from __future__ import annotations

import errno
import fcntl
import os
import platform
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from hybench.errors import StateError
from hybench.files.atomic import write_refused

UNLOCKED = "HYBENCH_UNLOCKED"
"""The variable that states that no other process works where files cannot be locked."""

_CANNOT = {errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL}
"""Errors of file systems without flock: some of NFS, some of FUSE."""

_UNSET = {"", "0", "no", "off", "false"}

_PAUSE = 0.05


@contextmanager
def holding(lock_file: Path, what: str, wait: bool = False, needed: bool = True) -> Iterator[None]:
    """Hold a lock file against other processes; the system releases it when the owner dies.

    Args:
        lock_file: the file; it and its folder are made if missing.
        what: what is held, for the message.
        wait: wait for another process to release it, instead of failing.
        needed: fail where the file system cannot lock, unless the variable `UNLOCKED` is set; else
            go on without.

    Raises:
        StateError: another process holds it, the folder cannot be written, or its file system
            cannot lock.
    """
    try:
        lock_file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(lock_file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
    except OSError as error:
        raise write_refused(lock_file.parent, error) from error
    try:
        _acquire(descriptor, lock_file, what, wait, needed)
        _note_owner(descriptor, f"{os.getpid()} {platform.node()}")
        try:
            yield
        finally:
            _note_owner(descriptor, "")
    finally:
        os.close(descriptor)


def _note_owner(descriptor: int, owner: str) -> None:
    """Write the owner of a lock into its file, for readers that cannot see the lock itself."""
    with suppress(OSError):  # a full disk; only the status of a copy suffers
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, owner.encode(), 0)


def _acquire(descriptor: int, lock_file: Path, what: str, wait: bool, needed: bool) -> None:
    while True:
        try:
            if _taken(descriptor, fcntl.LOCK_EX):
                return
            # A reader holds a shared lock for a moment, which other readers can share.
            only_looked_at = _taken(descriptor, fcntl.LOCK_SH)
        except OSError as error:
            if error.errno not in _CANNOT:
                raise write_refused(lock_file, error) from error
            unlocked = os.environ.get(UNLOCKED, "").casefold() not in _UNSET
            if unlocked or not needed:
                return
            raise StateError(
                f"The disk of {lock_file.parent} cannot lock files ({error.strerror}), so that "
                f"nothing would keep two processes from working on {what} at once.",
                "Use a local disk, or make sure that no other process works there, and set "
                f"{UNLOCKED}=1.",
            ) from error
        if only_looked_at:
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            time.sleep(
                random.uniform(0, _PAUSE / 50)
            )  # two processes that do this must not stay in step
        elif wait:
            time.sleep(_PAUSE)
        else:
            raise StateError(
                f"Another process is working on {what}.", "Wait for it, or end it, and try again."
            )


def _taken(descriptor: int, kind: int) -> bool:
    """Whether a lock of this kind could be taken at once."""
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        return True
    return False


def is_held(lock_file: Path) -> bool:
    """Whether a process on this machine holds a lock of `holding`."""
    try:
        with lock_file.open("rb") as file:
            # Shared and released at once: two readers do not see each other.
            return not _taken(file.fileno(), fcntl.LOCK_SH)
    except OSError as error:
        return error.errno in _CANNOT and _held_here(_owner(lock_file))


def holder(lock_file: Path) -> int | None:
    """The process on this machine that holds a lock of `holding`; None where there is none."""
    owner = _owner(lock_file) if is_held(lock_file) else None
    return owner.process if owner is not None and _held_here(owner) else None


def may_be_held_elsewhere(lock_file: Path) -> bool:
    """Whether a lock that `is_held` does not see may be held, on another machine or of a copy."""
    if not lock_file.exists():
        return True
    owner = _owner(lock_file)
    return owner is not None and (owner.machine != platform.node() or owner.alive)


class _Owner(NamedTuple):
    """The owner that a lock file names, and whether that process is alive on this machine."""

    process: int
    machine: str
    alive: bool


def _held_here(owner: _Owner | None) -> bool:
    return owner is not None and owner.alive and owner.machine == platform.node()


def _owner(lock_file: Path) -> _Owner | None:
    """The owner of a lock by its file; None where it was released."""
    try:
        text, _, machine = lock_file.read_text(encoding="utf-8").partition(" ")
        process = int(text)
        os.kill(process, 0)
    except PermissionError:
        return _Owner(process, machine, True)
    except ProcessLookupError:
        return _Owner(process, machine, False)
    except (OSError, ValueError, OverflowError):
        return None
    return _Owner(process, machine, True)
