"""JSON that comes back as it was written, or is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hybench.errors import DataError
from hybench.files.documents import SEAL_KEYS, read_json, sha256_json, write_json


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8")).filter(lambda key: key not in SEAL_KEYS),
        st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    )
)
def test_json_comes_back(tmp_path: Path, value: dict[str, object]) -> None:
    write_json(tmp_path / "value.json", value)
    assert read_json(tmp_path / "value.json") == value
    assert sha256_json(value) == sha256_json(dict(reversed(value.items())))


@pytest.mark.parametrize("key", sorted(SEAL_KEYS))
def test_keys_of_the_checksum_are_its_own(key: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=key):
        write_json(tmp_path / "value.json", {key: None})
    assert not (tmp_path / "value.json").exists()


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[]", b""])
def test_json_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "value.json"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"value\.json"):
        read_json(path)
