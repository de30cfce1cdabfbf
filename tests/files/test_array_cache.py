"""A cache of arrays: made once, by one of those that need it, and again where it is damaged."""

from __future__ import annotations

import errno
import fcntl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

from hybench.files.array_cache import cached_arrays, is_cached


def making(begun: list[int], wait: Callable[[], object] = lambda: None) -> Callable[[], Any]:
    def make() -> dict[str, Any]:
        begun.append(1)
        wait()
        return {"ids": np.arange(5), "cost": np.array("cheap")}

    return make


def test_arrays_are_made_once_and_again_where_they_are_damaged(tmp_path: Path) -> None:
    begun: list[int] = []
    for _ in range(2):
        found = cached_arrays(tmp_path / "one", making(begun))
        assert found["ids"].tolist() == [0, 1, 2, 3, 4]
        assert str(found["cost"]) == "cheap"
    assert len(begun) == 1
    (tmp_path / "one" / "ids.npy").write_bytes(b"")
    assert not is_cached(tmp_path / "one")
    assert cached_arrays(tmp_path / "one", making(begun))["ids"].tolist() == [0, 1, 2, 3, 4]
    assert len(begun) == 2


def test_of_two_that_need_them_one_makes_them_and_the_other_waits(tmp_path: Path) -> None:
    begun: list[int] = []
    in_making, waits = Event(), Event()

    def slow() -> None:
        in_making.set()
        assert waits.wait(30)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cached_arrays, tmp_path / "one", making(begun, slow))
        assert in_making.wait(30)
        second = pool.submit(cached_arrays, tmp_path / "one", making(begun), waits.set)
        for found in (first.result(), second.result()):
            assert found["ids"].tolist() == [0, 1, 2, 3, 4]
    assert len(begun) == 1


def test_a_disk_that_cannot_lock_keeps_nobody_from_its_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refused)
    begun: list[int] = []
    for _ in range(2):
        cached_arrays(tmp_path / "one", making(begun))
    assert len(begun) == 1
