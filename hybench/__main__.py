"""``hybench`` and ``python -m hybench``: run a command, and handle Ctrl-C before and after it."""

from __future__ import annotations

import os
import signal
import sys
from threading import Timer

from hybench.platforms import require_posix


def run() -> None:
    """Entry point of the console script.

    Ctrl-C is an exception while the command runs, and ends the process before and after: otherwise
    Python would print a traceback for each library whose clean-up is interrupted.
    """
    try:
        require_posix()
    except ImportError as error:
        sys.exit(f"error: {error}")
    heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if heard:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        sys.unraisablehook = _press_again
    from hybench.cli.main import run as run_command

    try:
        if heard:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        run_command()
    except KeyboardInterrupt:  # pressed again, while the first was being reported
        sys.exit(128 + signal.SIGINT)
    finally:
        if heard:
            signal.signal(signal.SIGINT, signal.SIG_DFL)


def _press_again(unraisable: sys.UnraisableHookArgs) -> None:
    """Repeat a Ctrl-C that fell into a destructor, which cannot raise."""
    if unraisable.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(unraisable)
        return
    later = Timer(0.01, os.kill, (os.getpid(), signal.SIGINT))
    later.daemon = True
    later.start()


if __name__ == "__main__":
    run()
