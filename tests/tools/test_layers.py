"""The rooms of docs/design.md are those whose imports are checked."""

from __future__ import annotations

from itertools import chain

import pytest

from tools.layers import PAGE, ROOT, floors, purpose, with_table

ROOMS = sorted(chain(*floors()))


def test_the_table_stands_as_the_contract_has_it() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.count("<!-- layers -->") == 1
    assert with_table(text) == text, "python -m tools.layers writes it anew"
    assert with_table(text.replace("| `cli/` |", "| `gone/` |")) == text


def test_every_room_is_in_it() -> None:
    found = {
        path.stem
        for path in (ROOT / "hybench").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    }
    assert sorted(found - {"__init__"}) == ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_says_what_it_holds(room: str) -> None:
    assert len(purpose(room)) > 10
