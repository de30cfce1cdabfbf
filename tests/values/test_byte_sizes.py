from __future__ import annotations

import pytest

from hybench.errors import UsageError
from hybench.values.byte_sizes import byte_size, size_text


@pytest.mark.parametrize(
    ("text", "size"),
    [("8GiB", 8 << 30), ("8 gb", 8 * 10**9), ("1.5MiB", 3 << 19), ("900B", 900), ("2TiB", 2 << 40)],
)
def test_amounts_of_memory(text: str, size: int) -> None:
    assert byte_size("--memory", text) == size


@pytest.mark.parametrize(
    "text", ["8", "8G", "GiB", "0GiB", "-1GiB", "1e9B", "nan", "", "9" * 30 + "B"]
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--memory") as error:
        byte_size("--memory", text)
    assert "8GiB" in error.value.do


def test_sizes_are_written_as_they_are_read() -> None:
    assert [size_text(size) for size in (5, 1536, 8 << 30)] == ["5 B", "1.5 KiB", "8.0 GiB"]
