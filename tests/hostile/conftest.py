"""Disks, files and processes that fail in earnest."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Mount = Callable[[str], None]


def flip(file: Path, at: float = 0.5) -> None:
    """Turn over one bit of a file's byte at this share of its length."""
    data = bytearray(file.read_bytes())
    data[int(at * (len(data) - 1))] ^= 0x10
    file.write_bytes(data)


def hidden_in(folder: Path) -> list[str]:
    """What a write that failed has left behind below a folder."""
    return sorted(path.name for path in folder.rglob(".*.part"))


def pages_of(folder: Path) -> int:
    """KiB that the files below a folder take on a disk of 4 KiB pages."""
    return sum(4 * -(-file.stat().st_size // 4096) for file in folder.rglob("*") if file.is_file())


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[tuple[Path, Mount]]:
    """A disk of its own and a function to mount it anew: ``size=64k``, ``ro``."""
    path = tmp_path / "disk"
    path.mkdir()

    def mount(options: str) -> None:
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", path], check=True)

    try:
        mount("size=64m")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("only root can mount a disk")
    try:
        yield path, lambda options: mount(f"remount,{options}")
    finally:
        subprocess.run(["umount", "--lazy", path], check=True)  # vectors may still be mapped
