"""What mkdocs asks for when it builds the site: pages from outside docs/, and one for each module.

mkdocs.yml names this file as its hook. Nothing is listed by hand: pages and modules are those that
there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
FIRST = (
    "guide",
    "data",
    "python",
    "method",
    "dashboard",
    "results",
    "performance",
    "extending",
    "formats",
    "design",
)
"""Pages of docs/ in the order in which they are read; others follow."""

BESIDE = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md"} | {
    "CHANGELOG.md": "changelog.md"
}
"""Pages of the repository, and what they are called in the site."""

_OUTWARD = re.compile(r'(\]\(|src=")(?:\.\./|docs/)')
_BESIDE = re.compile(rf"\]\(({'|'.join(map(re.escape, BESIDE))})")


def modules() -> list[str]:
    """Names of the public modules, packages before what they hold."""
    found = []
    for file in sorted((ROOT / "hybench").rglob("*.py")):
        parts = file.relative_to(ROOT).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        if not any(part.startswith("_") for part in name.split(".")):
            found.append(name)
    return sorted(found)


def _nested(names: Iterable[str]) -> list[Any]:
    """Names of modules as mkdocs nests them in its navigation."""
    rooms: dict[str, list[Any]] = {}
    for name in names:
        room = name.split(".")[1] if "." in name else name
        rooms.setdefault(room, []).append({name: f"reference/{name}.md"})
    return [{room: pages} if len(pages) > 1 else pages[0] for room, pages in rooms.items()]


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Order the pages."""
    there = {page.stem for page in Path(config.docs_dir).glob("*.md")}
    order = [*(name for name in FIRST if name in there), *sorted(there - set(FIRST))]
    tables = sorted(page.name for page in (Path(config.docs_dir) / "results").glob("*.md"))
    config.nav = [
        {"hybench": "index.md"},
        *(f"{name}.md" for name in order),
        {"Tables": [f"results/{name}" for name in tables]},
        {"Reference": _nested(modules())},
        {"Contributing": "contributing.md"},
        {"Changelog": "changelog.md"},
    ]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that do not stand in docs/."""
    for source, target in BESIDE.items():
        files.append(File.generated(config, target, abs_src_path=str(ROOT / source)))
    for study in sorted((ROOT / "studies").glob("*.toml")):
        files.append(File.generated(config, f"studies/{study.name}", abs_src_path=str(study)))
    for name in modules():
        content = f"---\ntitle: {name}\n---\n\n::: {name}\n"
        files.append(File.generated(config, f"reference/{name}.md", content=content))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Let links to files beside docs/ lead to where they stand in the site."""
    if "/" in page.file.src_uri:
        return markdown
    markdown = _OUTWARD.sub(r"\1", markdown)
    return _BESIDE.sub(lambda found: f"]({BESIDE[found[1]]}", markdown)
