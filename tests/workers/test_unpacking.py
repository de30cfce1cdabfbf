from __future__ import annotations

from pathlib import Path

import pytest

from hybench.workers.unpacking import Unpacking
from tests.workers.test_packing import answered, asked, sent


@pytest.mark.usefixtures("own_cache")
def test_the_cache_is_the_users(tmp_path: Path) -> None:
    unpacking = Unpacking.here(f"file://{tmp_path}/exchange")
    assert unpacking.cache == tmp_path / "cache" / "hybench" / "exchange"


def test_a_damaged_file_of_the_cache_is_fetched_again(tmp_path: Path) -> None:
    url, there = f"file://{tmp_path}/exchange", tmp_path / "there"
    packing, packed = sent(url, asked(tmp_path))
    answered(url, packed, there)
    for file in (there / "files").iterdir():
        file.write_bytes(b"damaged")
    record = answered(url, packed, there)
    assert packing.take(asked(tmp_path), packed, record)
    assert (tmp_path / "target" / "a.json").read_text() == "text"
