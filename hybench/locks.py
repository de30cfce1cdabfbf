"""Locks that processes hold against each other, and that the system lets go when they die."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hybench.errors import StateError
from hybench.storage import no_write


@contextmanager
def holding(lock_file: Path, what: str, wait: bool = False) -> Iterator[None]:
    """Hold a lock file against other processes; the system lets go when the owner dies.

    Args:
        lock_file: the file, made with its folder where it is missing.
        what: what is held, for the message.
        wait: wait for another process to let go, instead of failing.

    Raises:
        StateError: another process holds it, or the folder cannot be written.
    """
    from filelock import FileLock, Timeout

    try:
        lock_file.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(lock_file)
        lock.acquire(timeout=-1 if wait else 0)
    except Timeout as error:
        raise StateError(
            f"Another process is working on {what}.", "Wait for it, or end it, and try again."
        ) from error
    except OSError as error:
        raise no_write(lock_file.parent, error) from error
    try:
        yield
    finally:
        lock.release()


def is_held(lock_file: Path) -> bool:
    """Whether a process holds a lock of `holding`."""
    try:
        with lock_file.open("rb") as file:
            # Shared and let go at once: two who look do not see each other.
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
