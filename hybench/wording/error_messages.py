"""Messages for errors that hybench did not raise itself, and safe display of hostile texts."""

from __future__ import annotations

import errno
import re

from hybench.errors import HybenchError

_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LINES = re.compile("[\t\n\r\u2028\u2029]+")
_ADVICE = {
    errno.ENOSPC: "Free some space there, or choose another folder.",
    errno.EACCES: "Check its permissions, or choose another folder.",
    errno.EROFS: "Choose a writable folder.",
    errno.ENOENT: "Check the path.",
}
_OUT_OF_MEMORY = ("out of memory", "allocate memory", "enough memory", "bad_alloc", "alloc_failed")
_LOWER = (
    "Training: lower --batch-size, --passage-length or --dimension. Otherwise: use fewer "
    "--languages at a time, or end other programs."
)


def visible(text: str) -> str:
    """A text without characters that steer a terminal or change its direction."""
    return _STEERING.sub("\ufffd", text)


def one_line(text: str) -> str:
    """A text for a table cell: `visible`, and its lines joined by spaces."""
    return visible(_LINES.sub(" ", text))


def terminal_notification(text: str) -> str:
    """What has a terminal show a notification of the desktop, if it can (OSC 9)."""
    return f"\x1b]9;{one_line(text)}\x07"


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error reports that the machine or the GPU is out of memory.

    torch and its libraries raise a plain RuntimeError on a CPU, and a subclass of it on a GPU.
    """
    message = str(error).lower()
    return isinstance(error, MemoryError) or any(text in message for text in _OUT_OF_MEMORY)


def first_line(error: BaseException) -> str:
    """The first line of an error's message; its class if it has none."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def what_and_do(error: BaseException) -> tuple[str, str]:
    """One line that says what is wrong, and one that says what to do."""
    if isinstance(error, HybenchError):
        return error.what, error.do
    names = {kind.__name__ for kind in type(error).__mro__}
    first = next(iter(str(error).strip().splitlines()), "")
    if is_out_of_memory(error) or "OutOfMemoryError" in names:
        gpu = "GPU " if "OutOfMemoryError" in names or "CUDA" in first else ""
        return f"Out of {gpu}memory.", _LOWER
    if isinstance(error, UnicodeEncodeError):  # libraries take paths as text
        return "The name of a file, folder or option is not UTF-8.", "Rename it, or name another."
    if "PolarsError" in names and "parquet" in first.lower():
        return f"A table cannot be read: {first}.", "Find it: hybench info --check FOLDER."
    if isinstance(error, OSError):
        where = f": {error.filename}" if error.filename else ""
        advice = _ADVICE.get(error.errno or 0, "Run again with --debug to see where it happened.")
        return f"{error.strerror or first or type(error).__name__}{where}.", advice
    return (
        f"this is a bug in hybench: {type(error).__name__}: {first}",
        "Run again with --debug and report what it shows, with the output of hybench info.",
    )
