"""Writes the table of docs/design.md: which room stands on which floor, and what it is for.

``python -m tools.layers`` draws it from what import-linter holds (the layers of pyproject.toml) and
from the first line of each room's docstring; a test sees that it stands there so.
"""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "design.md"
_MARKED = re.compile(r"(<!-- layers -->\n).*?(<!-- /layers -->)", re.DOTALL)


def floors() -> list[list[str]]:
    """The rooms of the contract of layers, by floor, the highest first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    [layers] = [each["layers"] for each in contracts if each["type"] == "layers"]
    return [re.split(r"\s*[|:]\s*", layer) for layer in layers]


def purpose(room: str) -> str:
    """The first line of a package's or module's docstring, without its full stop."""
    path = ROOT / "hybench" / room
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0].replace("``", "`").removesuffix(".")


def table() -> list[str]:
    """Lines of the table."""
    lines = ["| floor | room | what it holds |", "|--:|:--|:--|"]
    levels = floors()
    for below, rooms in enumerate(levels):
        for place, room in enumerate(rooms):
            floor = len(levels) - below if place == 0 else ""
            slash = "/" if (ROOT / "hybench" / room).is_dir() else ""
            lines.append(f"| {floor} | `{room}{slash}` | {purpose(room)} |")
    return lines


def with_table(text: str) -> str:
    """A page with the table between its marks made anew."""
    made = "\n".join(table())
    return _MARKED.sub(lambda found: f"{found[1]}{made}\n{found[2]}", text)


def main() -> None:
    """Write it."""
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
