"""The site is built from what there is, without a warning."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.layers import ROOT

pytest.importorskip("mkdocs")


def test_every_public_module_has_a_page() -> None:
    from tools.docs_site import modules

    names = modules()
    assert {"hybench", "hybench.errors", "hybench.training.train"} <= set(names)
    assert not any("__main__" in name for name in names)


@pytest.mark.process
@pytest.mark.slow
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", tmp_path / "site"],
        check=False, capture_output=True, text=True, cwd=ROOT,
        # The index of the search and the sources' colours take half the time, and warn of nothing.
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "SITE_SEARCH": "false",
             "SITE_SOURCES": "false"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stdout + done.stderr
    page = (tmp_path / "site" / "reference" / "hybench.errors.html").read_text(encoding="utf-8")
    assert "A failure that a user can act on" in page
