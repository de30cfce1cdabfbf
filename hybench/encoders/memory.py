"""Running out of memory, in the words of those who do."""

from __future__ import annotations

_SAID = (
    "out of memory",
    "not enough memory",
    "can't allocate memory",
    "cannot allocate memory",
    "alloc_failed",
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that the memory of the machine or of the GPU did not do.

    torch and its libraries say it in a plain RuntimeError on a CPU, in a subclass of it on a GPU.
    """
    said = str(error).lower()
    return isinstance(error, MemoryError) or any(text in said for text in _SAID)
