"""The progress bar of long stages, and their closing line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from hybench.concurrency.progress import Progress
from hybench.wording.amounts import duration, singular
from hybench.wording.error_messages import visible

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.progress import Progress as Bar

BAR_AFTER = 1.0
"""Seconds of work before a bar appears."""

LOG_EVERY = 30.0
"""Seconds between two lines in a log."""


class Reporter:
    """A `ProgressCallback` that draws a bar, and sums up the work in one line.

    Args:
        console: a terminal to draw on; None draws nothing.
        clock: seconds.
        log: called at intervals with the progress, where no bar is drawn.
    """

    def __init__(
        self,
        console: RichConsole | None,
        clock: Callable[[], float],
        log: Callable[[str], None] | None = None,
    ) -> None:
        self._console = console
        self._log = log if console is None else None
        self._clock = clock
        self._begun = self._said = clock()
        self._bar: Bar | None = None
        self._tasks: dict[str, Progress] = {}
        self._task_begun = (0.0, 0)
        self._current = ""

    def __call__(self, progress: Progress) -> None:
        """Take a progress report."""
        now = self._clock()
        if progress.task != self._current:
            self._current = progress.task
            self._task_begun = (now, progress.done)
        self._tasks.pop(progress.task, None)  # the closing line ends with the last one at work
        self._tasks[progress.task] = progress
        if self._log is not None and now - self._said >= LOG_EVERY:
            self._said = now
            amount = _amount(progress.unit, progress.done, progress.total)
            self._log(f"{progress.task}: {' '.join([amount, progress.detail]).rstrip()}")
        if self._console is not None and now - self._begun >= BAR_AFTER:
            with self._unless_gone():
                self._draw(progress, now)

    @contextmanager
    def _unless_gone(self) -> Iterator[None]:
        """Stop drawing once the terminal has closed; the work continues."""
        try:
            yield
        except OSError:
            bar, self._bar, self._console = self._bar, None, None
            if bar is not None:
                with suppress(OSError):
                    bar.stop()

    def _draw(self, progress: Progress, now: float) -> None:
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        if self._bar is None:
            what = TextColumn("{task.description}", markup=False)
            amount = TextColumn("{task.fields[amount]}", markup=False)
            columns = (what, BarColumn(20), amount, TimeRemainingColumn())
            self._bar = Bar(*columns, console=self._console, transient=True)
            self._bar.start()
        begun, base = self._task_begun
        parts = [_amount(progress.unit, progress.done, progress.total)]
        if now > begun:
            unit = "bytes" if progress.unit == "bytes" else ""
            parts.append(_amount(unit, (progress.done - base) / (now - begun)) + "/s")
        text, task_name = visible(" ".join([*parts, progress.detail])), visible(progress.task)
        if not self._bar.tasks or self._bar.tasks[-1].description != task_name:
            for task in self._bar.tasks:
                self._bar.remove_task(task.id)
            self._bar.add_task(task_name, total=None, amount="")
        task_id = self._bar.tasks[-1].id
        self._bar.update(task_id, total=progress.total, completed=progress.done, amount=text)

    def say(self, message: str) -> bool:
        """Print a message above the bar; False if there is none."""
        from rich.text import Text

        if self._bar is None:
            return False
        with self._unless_gone():
            self._bar.console.print(Text.from_ansi(message))
        return True

    def stop(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            with self._unless_gone():
                self._bar.stop()

    def closing(self) -> str:
        """The work done, in one line; empty if there was none, or too little for a bar."""
        if not self._tasks or (self._console is not None and self._bar is None):
            return ""
        seconds = self._clock() - self._begun
        units: dict[str, int] = {}
        for progress in self._tasks.values():
            units[progress.unit] = units.get(progress.unit, 0) + progress.done
        names = list(self._tasks)
        what = names[0] if len(names) == 1 else f"{names[0]} … {names[-1]}"
        amounts = [_amount(unit, done) for unit, done in units.items() if done]
        return f"{what}: {', '.join(amounts)} in {duration(seconds)}" if amounts else ""


def _amount(unit: str, *counts: float | None) -> str:
    """Counts of a unit, ``50/100 passages``; None, an unknown count, is omitted."""
    if unit == "bytes":
        from rich.filesize import decimal

        return "/".join(decimal(int(count)) for count in counts if count is not None)
    known = [each for each in counts if each is not None]
    texts = [f"{each:,.0f}" if each >= 10 else f"{each:.3g}" for each in known]
    return f"{'/'.join(texts)} {singular(unit) if unit and known == [1] else unit}".rstrip()
