"""The page of figures says what the figures say."""

from __future__ import annotations

from benchmarks.page import DOCS, render


def test_the_page_is_what_its_figures_make() -> None:
    written = (DOCS / "performance.md").read_text(encoding="utf-8")
    assert render(DOCS / "performance") == written


def test_every_figure_has_its_place() -> None:
    page = render(DOCS / "performance")
    files = sorted((DOCS / "performance").glob("*.json"))
    assert files
    for file in files:
        assert f"benchmarks.{file.stem}`" in page
