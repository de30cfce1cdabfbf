"""The one place that prints: data to stdout, messages to stderr; errors become exit codes."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO

from hybench.cli.output import check_output
from hybench.concurrency.progress import ProgressCallback
from hybench.errors import EXIT_INTERRUPTED, HybenchError
from hybench.files.atomic import writing_to
from hybench.wording.error_messages import terminal_notification, visible, what_and_do

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.console import RenderableType

    from hybench.cli.bar import Reporter
    from hybench.wording.text_table import Sheet

Color = Literal["auto", "always", "never"]


class Console:
    """Where commands print their data (stdout) and messages (stderr).

    Args:
        color: auto (on a terminal, and not with NO_COLOR), always or never.
        quiet: no messages, no progress.
        verbose: also details.
        debug: tracebacks with errors.
        stdout: for data; None is the process's at the time of writing, as with `stderr`.
        stderr: for messages.
        clock: seconds, for progress.
    """

    def __init__(
        self,
        *,
        color: Color = "auto",
        quiet: bool = False,
        verbose: bool = False,
        debug: bool = False,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stdout = stdout
        self._stderr = stderr
        self._clock = clock
        self._reporter: Reporter | None = None
        self.configure(color=color, quiet=quiet, verbose=verbose, debug=debug)

    def configure(self, *, color: Color, quiet: bool, verbose: bool, debug: bool) -> None:
        """Take over the global flags once they are parsed."""
        self.color, self.quiet, self.verbose, self.debug = color, quiet, verbose, debug

    @property
    def stdout(self) -> TextIO | None:
        """Where data goes; None if the process was started without it."""
        return self._stdout or sys.stdout

    @property
    def stderr(self) -> TextIO | None:
        """Where messages go."""
        return self._stderr or sys.stderr

    @property
    def width(self) -> int | None:
        """Columns of the terminal that shows data; None if stdout is not a terminal."""
        return self._rich(self.stdout).width if _is_terminal(self.stdout) else None

    @property
    def draws(self) -> bool:
        """Whether long work is shown as a bar: only on a terminal."""
        return _is_terminal(self.stderr)

    def data(self, text: str) -> None:
        """Write data for people; if the reader of a pipe has gone, end the process quietly.

        Raises:
            SystemExit: with code 0, if the reader has gone.
            OSError: stdout cannot be written, as on a full disk.
        """
        self._emit(visible(text))

    def _emit(self, text: str) -> None:
        """Write to stdout unchanged; control characters have been replaced before."""
        stream = self.stdout
        try:
            _write(stream, text if text.endswith("\n") or not text else text + "\n")
        except BrokenPipeError:
            _silence(stream)
            raise SystemExit(0) from None
        except OSError:
            _silence(stream)
            raise

    def show(self, *sheets: Sheet) -> None:
        """Write sheets as tables with captions and notes; one too wide is shown in parts."""
        from hybench.cli.tables import sheet_tables

        for at, sheet in enumerate(sheets):
            parts = [*([""] if at else []), *sheet_tables(sheet, self.width)]
            self._emit("".join(self._rendered(each, self.stdout) for each in parts))

    def clear(self) -> None:
        """Empty the terminal that shows data."""
        self._emit("\x1b[H\x1b[J")

    def notify(self, text: str) -> None:
        """Have the terminal show a notification of the desktop (OSC 9), if messages go to one."""
        if _is_terminal(self.stderr):
            _write(self.stderr, terminal_notification(text))

    def output(self, text: str, path: Path | None) -> None:
        """Write a document to a file (``-o``), atomically, or to stdout.

        Control characters are replaced for a terminal, and kept in files and pipes.

        Args:
            text: the document.
            path: the file; None or ``-`` is stdout.

        Raises:
            StateError: the file cannot be written.
            UsageError: as `check_output` does.
        """
        check_output(path)
        if path is None or str(path) == "-":
            self._emit(visible(text) if _is_terminal(self.stdout) else text)
            return
        with writing_to(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
        self.talk(f"Written to {path}.")

    def talk(self, message: str) -> None:
        """Print a message, unless quiet."""
        if not self.quiet:
            self._say(visible(message))

    def talk_at_once(self, message: str) -> None:
        """Print a message from a signal's handler: past all buffers, which may be in use."""
        stream = self.stderr
        if not self.quiet and stream is not None:
            start = "\n" if _is_terminal(stream) else ""  # below ^C, or the bar
            with suppress(OSError, ValueError):
                os.write(stream.fileno(), f"{start}{message}\n".encode())

    def detail(self, message: str) -> None:
        """Print a detail with ``--verbose``."""
        if self.verbose:
            self.talk(message)

    def warn(self, message: str) -> None:
        """Print a warning, even when quiet."""
        self._say(f"{self._styled('warning:', 'yellow')} {visible(message)}")

    def error(self, what: str, do: str) -> None:
        """Print what is wrong, and indented below it what to do."""
        advice = "".join(f"\n  {line}" for line in do.splitlines())
        self._say(f"{self._styled('error:', 'bold red')} {visible(what + advice)}")

    def fail(self, error: BaseException) -> int:
        """Print why a command failed, and what to do about it; return the exit code."""
        if self.debug:
            self._say(visible("".join(traceback.format_exception(error)).rstrip()))
        if isinstance(error, HybenchError):
            self.error(error.what, error.do)
            return error.exit_code
        if isinstance(error, KeyboardInterrupt):
            self.talk("Interrupted.")
            return EXIT_INTERRUPTED
        if isinstance(error, BrokenPipeError):
            _silence(self.stdout)
            return 0
        self.error(*what_and_do(error))
        return 1

    @contextmanager
    def progress(self) -> Iterator[ProgressCallback]:
        """Show progress on stderr: a bar on a terminal for work of over a second; a closing line.

        Yields:
            The callback that long stages take.
        """
        # With Polars' handler of Ctrl-C, a blocking read, say from a dead server, is not
        # interrupted.
        signal.siginterrupt(signal.SIGINT, True)
        if self.quiet:
            yield lambda _: None
            return
        from hybench.cli.bar import Reporter

        drawn_on = self._rich(self.stderr) if self.draws else None
        self._reporter = reporter = Reporter(drawn_on, self._clock, self.talk)
        try:
            yield reporter
        finally:
            reporter.stop()
            self._reporter = None
        if closing := reporter.closing():
            self.talk(closing)

    def _say(self, message: str) -> None:
        if self._reporter is not None and self._reporter.say(message):
            return
        try:
            _write(self.stderr, message + "\n")
        except OSError:
            _silence(self.stderr)  # no message can be shown; the exit code still reports it

    def _styled(self, text: str, style: str) -> str:
        if not self._colored(self.stderr):
            return text
        from rich.text import Text

        return self._rendered(Text(text, style=style), self.stderr, end="")

    def _colored(self, stream: TextIO | None) -> bool:
        if self.color != "auto":
            return self.color == "always"
        plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        return _is_terminal(stream) and not plain

    def _rich(self, stream: TextIO | None) -> RichConsole:
        from hybench.cli.tables import rich_console

        return rich_console(stream, colored=self._colored(stream), terminal=_is_terminal(stream))

    def _rendered(self, renderable: RenderableType, stream: TextIO | None, end: str = "\n") -> str:
        console = self._rich(stream)
        with console.capture() as captured:
            console.print(renderable, crop=False, end=end)
        return captured.get()


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and not stream.closed and stream.isatty()


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:
        return
    try:
        stream.write(text)
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        stream.write(text.encode(encoding, "replace").decode(encoding))
    stream.flush()


def _silence(stream: TextIO | None) -> None:
    """Redirect the stream to the null device, so that Python's last flush does not fail."""
    if stream is None:
        return
    with suppress(OSError, ValueError), Path(os.devnull).open("w", encoding="utf-8") as nothing:
        os.dup2(nothing.fileno(), stream.fileno())


def run_guarded(function: Callable[[], object], console: Console) -> int:
    """Run a command and turn its result or error into an exit code.

    Args:
        function: the command; an int that it returns is the exit code, anything else is 0.
        console: where errors are printed; a traceback only with its ``debug``.

    Returns:
        0 fine, 1 failed, 2 wrong usage, 130 interrupted.
    """
    try:
        result = function()
    except SystemExit as stop:
        if stop.code is None or isinstance(stop.__context__, BrokenPipeError):
            return 0
        if isinstance(stop.code, int):
            return stop.code
        console.error(str(stop.code), "")
        return 1
    except BaseException as error:  # noqa: BLE001 - the last frame: what is left is to explain
        return console.fail(error)
    if result == EXIT_INTERRUPTED:
        console.talk("Interrupted.")  # click has turned Ctrl-C into an exit code
    return result if isinstance(result, int) else 0
