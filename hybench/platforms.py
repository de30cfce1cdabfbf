"""The systems that hybench runs on: Linux and macOS."""

from __future__ import annotations

ELSEWHERE = "hybench runs on Linux and macOS; on Windows use WSL."


def require_posix() -> None:
    """Refuse a system without file locks, fork and terminal signals.

    Raises:
        ImportError: the system is another; its message is one line that says where hybench runs.
    """
    try:
        import fcntl  # noqa: F401 - Windows has none
    except ImportError:
        raise ImportError(ELSEWHERE) from None
