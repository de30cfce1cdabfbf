from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hybench.errors import DataError
from hybench.files.json_records import from_json

FILE = Path("record.json")


@dataclass(frozen=True)
class Record:
    name: str
    parts: tuple[str, ...] = ()
    share: float = 0.5
    depth: int | None = None
    rows: dict[str, dict[str, int]] = field(default_factory=dict)
    values: list[float] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)


def test_what_was_written_comes_back() -> None:
    record = Record("a", ("x", "y"), 0.25, 3, {"t": {"de": 2}}, [1.0], {"any": [None]})
    value = {**asdict(record), "parts": ["x", "y"], "values": [1], "unknown": 1}
    assert from_json(Record, value, FILE, "Do it again.") == record
    assert from_json(Record, {"name": "a"}, FILE, "Do it again.") == Record("a")


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({}, "record.json lacks name."),
        ([], "record.json has no object where a Record stands."),
        ({"name": None}, "record.json: name is no str."),
        ({"name": "a", "parts": "xy"}, "parts is no tuple"),
        ({"name": "a", "parts": ["x", 1]}, "parts is no tuple"),
        ({"name": "a", "share": True}, "share is no float"),
        ({"name": "a", "share": 10**400}, "share is no float"),
        ({"name": "a", "depth": 0.5}, "depth is no int | None"),
        ({"name": "a", "rows": {"t": {"de": "2"}}}, "rows is no dict"),
        ({"name": "a", "rows": {"t": []}}, "rows is no dict"),
    ],
)
def test_what_is_something_else_is_named(value: object, says: str) -> None:
    with pytest.raises(DataError) as caught:
        from_json(Record, value, FILE, "Do it again.")
    assert says in caught.value.what
    assert caught.value.do == "Do it again."
