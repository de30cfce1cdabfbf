"""Writes the tables of docs/design.md: which room stands on which floor, and what it is for.

``python -m tools.layers`` draws them from what import-linter holds (the layers of pyproject.toml)
and from the first line of each room's docstring; a test sees that they stand there so.
"""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "design.md"

Floors = list[list[str]]


def contracts() -> dict[str, Floors]:
    """The rooms of each contract of layers by floor, the highest first, by the package's name."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {
        container: [re.split(r"\s*[|:]\s*", layer) for layer in each["layers"]]
        for each in settings["tool"]["importlinter"]["contracts"]
        if each["type"] == "layers"
        for container in each["containers"]
    }


def purpose(module: str) -> str:
    """The first line of a package's or module's docstring, without its full stop."""
    path = ROOT / module.replace(".", "/")
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0].replace("``", "`").removesuffix(".")


def table(package: str, floors: Floors) -> list[str]:
    """Lines of a package's table."""
    lines = ["| floor | room | what it holds |", "|--:|:--|:--|"]
    for above, rooms in enumerate(floors):
        for place, room in enumerate(rooms):
            module = f"{package}.{room}"
            floor = str(len(floors) - above) if place == 0 else ""
            slash = "/" if (ROOT / module.replace(".", "/")).is_dir() else ""
            lines.append(f"| {floor} | `{room}{slash}` | {purpose(module)} |")
    return lines


def with_tables(text: str) -> str:
    """A page with the tables between their marks made anew."""
    for package, floors in contracts().items():
        made = "\n".join(table(package, floors))
        marks = re.compile(rf"(<!-- {package} -->\n).*?(<!-- /{package} -->)", re.DOTALL)
        text = marks.sub(lambda found, made=made: f"{found[1]}{made}\n{found[2]}", text)  # type: ignore[misc]
    return text


def main() -> None:
    """Write them."""
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
