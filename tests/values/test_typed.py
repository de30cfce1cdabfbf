from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

from hybench.errors import DataError, UsageError
from hybench.values.typed import from_json, from_toml

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
        ({}, "record.json: object missing required field name."),
        ([], "record.json: expected object, got array."),
        ({"name": None}, "record.json: name: expected str, got null."),
        ({"name": "a", "parts": "xy"}, "parts: expected array, got str."),
        ({"name": "a", "parts": ["x", 1]}, "parts[1]: expected str, got int."),
        ({"name": "a", "share": True}, "share: expected float, got bool."),
        ({"name": "a", "share": 10**400}, "share: number out of range."),
        ({"name": "a", "depth": 0.5}, "depth: expected int | null, got float."),
        ({"name": "a", "depth": 3.0}, "depth: expected int | null, got float."),
        ({"name": "a", "rows": {"t": {"de": "2"}}}, "rows[...][...]: expected int, got str."),
        ({"name": "a", "rows": {"t": []}}, "rows[...]: expected object, got array."),
        ({"name": "a", "\ud800": 1}, "record.json: "),
    ],
)
def test_what_is_something_else_is_named(value: object, says: str) -> None:
    with pytest.raises(DataError) as caught:
        from_json(Record, value, FILE, "Do it again.")
    assert says in caught.value.what
    assert caught.value.do == "Do it again."


@dataclass(frozen=True)
class Table:
    arms: tuple[str, str]
    kind: Literal["a", "b"] = "a"
    steps: int | None = None
    rate: float = 0.5
    dry_run: bool = False


def test_a_table_becomes_a_dataclass() -> None:
    assert from_toml(Table, {"arms": ["x", "y"], "rate": 1, "dry-run": True}, "f.toml") == Table(
        ("x", "y"), rate=1.0, dry_run=True
    )
    assert type(from_toml(Table, {"arms": ["x", "y"], "rate": 1}, "f.toml").rate) is float


@pytest.mark.parametrize(
    ("value", "says", "do"),
    [
        ({}, "f.toml: arms is missing.", "It must be a list of 2 strings."),
        ({"arms": ["x"]}, "f.toml: arms is ['x'].", "It must be a list of 2 strings."),
        ({"kind": "c"}, "f.toml: kind is 'c'.", "It must be one of a, b."),
        ({"steps": "3"}, "f.toml: steps is '3'.", "It must be a whole number."),
        ({"steps": 3.0}, "f.toml: steps is 3.0.", "It must be a whole number."),
        ({"rate": True}, "f.toml: rate is True.", "It must be a number."),
        ({"dry-run": 1}, "f.toml: dry-run is 1.", "It must be true or false."),
        ({"dry-run": True, "dry_run": True}, "f.toml: dry_run is set twice.", "Omit it"),
        ({"stepps": 3}, "f.toml: unknown field stepps.", "Known: arms dry_run kind rate steps."),
    ],
)
def test_what_a_person_wrote_is_answered_with_what_it_must_be(
    value: dict[str, object], says: str, do: str
) -> None:
    with pytest.raises(UsageError) as caught:
        from_toml(Table, value, "f.toml")
    assert caught.value.what == says
    assert caught.value.do.startswith(do)
