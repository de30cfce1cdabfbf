"""The rooms of docs/design.md are those whose imports are checked."""

from __future__ import annotations

from itertools import chain

import pytest

from tools.layers import PAGE, ROOT, contracts, purpose, with_tables

ROOMS = {package: list(chain(*floors)) for package, floors in contracts().items()}


@pytest.mark.parametrize("package", ROOMS)
def test_the_table_stands_as_the_contract_has_it(package: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.count(f"<!-- {package} -->\n") == text.count(f"<!-- /{package} -->") == 1
    assert with_tables(text) == text, "python -m tools.layers writes it anew"
    assert with_tables(text.replace(purpose(f"{package}.{ROOMS[package][0]}"), "gone")) == text


@pytest.mark.parametrize("package", ROOMS)
def test_every_room_is_in_it(package: str) -> None:
    folder = ROOT / package.replace(".", "/")
    found = {
        path.stem
        for path in folder.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    }
    assert found - {"__init__"} == set(ROOMS[package])


@pytest.mark.parametrize(
    "module", sorted(f"{package}.{room}" for package, rooms in ROOMS.items() for room in rooms)
)
def test_every_room_says_what_it_holds(module: str) -> None:
    assert len(purpose(module)) > 10
