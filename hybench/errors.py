"""The exceptions of hybench: each says what is wrong and what to do about it.

HybenchError                 exit code 1
├── UsageError               exit code 2: a wrong flag, config, name or combination of them
├── DataError                input that is damaged or malformed
├── StateError               a run or data set in another state than the command needs
└── TrainingError            a training that cannot continue
    └── DivergedError        its numbers are no longer finite
"""

from __future__ import annotations

EXIT_INTERRUPTED = 130
"""Exit code of work that a user stopped, as in shells (128 + SIGINT)."""


class HybenchError(Exception):
    """A failure that a user can act on.

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
    """Input that is damaged or malformed."""


class StateError(HybenchError):
    """A run or data set in another state than the command needs."""


class TrainingError(HybenchError):
    """A training that cannot continue."""


class DivergedError(TrainingError):
    """A training whose numbers are no longer finite: it would end so again."""
