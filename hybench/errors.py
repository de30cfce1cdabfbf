"""The one error family: what is wrong, and what to do about it.

HybenchError                 exit code 1
├── UsageError               exit code 2: a wrong flag, config, name or combination of them
├── DataError                input that is not what it says it is
├── StateError               a run or data set that is not in the state that the command needs
└── TrainingError            a training that cannot go on
"""

from __future__ import annotations

EXIT_INTERRUPTED = 130
"""Exit code of work that a person stopped, as shells have it (128 + SIGINT)."""


class HybenchError(Exception):
    """A failure that a person can act on.

    Args:
        what: one line that says what is wrong and names the actual value.
        do: one line that says what to do about it.
    """

    exit_code = 1

    def __init__(self, what: str, do: str) -> None:
        super().__init__(what)
        self.what = what
        self.do = do

    def __str__(self) -> str:
        return f"{self.what}\n{self.do}"


class UsageError(HybenchError):
    """A wrong flag, config value, name, or combination of them."""

    exit_code = 2


class DataError(HybenchError):
    """Input that is not what it says it is."""


class StateError(HybenchError):
    """A run or data set that is not in the state that the command needs."""


class TrainingError(HybenchError):
    """A training that cannot go on."""
