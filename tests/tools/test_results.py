"""The pages of the studies are made from their runs, or say how to make those."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import names_in
from tools.layers import ROOT
from tools.results import PAGES, Page, write_pages


def test_pages_without_runs_say_how_to_make_them(tmp_path: Path) -> None:
    said = write_pages(PAGES, tmp_path / "runs", tmp_path)
    assert [line.rpartition(" ")[2] for line in said] == [
        f"studies/{page.study}.toml" for page in PAGES
    ]
    assert all((ROOT / "studies" / f"{page.study}.toml").is_file() for page in PAGES)
    assert names_in(tmp_path) == []


@pytest.mark.process
@pytest.mark.slow
def test_a_page_is_written(here: Path, tmp_path: Path) -> None:
    [said] = write_pages([Page("all", "runs", ("--data", "toy"))], here, tmp_path)
    assert said.startswith("all.html: written to ")
    page = (tmp_path / "all.html").read_text(encoding="utf-8")
    assert "<title>toy (test)" in page
