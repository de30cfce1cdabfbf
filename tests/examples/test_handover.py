"""The example of docs/handover.md runs as it stands, on a small set."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import polars as pl
import pytest

from tests.cli.program import works
from tests.examples.test_examples import ROOT, run

PAGE = ROOT / "docs" / "handover.md"


@pytest.mark.slow
@pytest.mark.process
@pytest.mark.usefixtures("forked")
def test_the_example_of_the_page(copied: Path) -> None:
    text = PAGE.read_text(encoding="utf-8").replace("atlas", "toy").replace("hybrid-s0", "hybrid")
    said = []
    for language, block in re.findall(r"```(\w+)\n(.*?)```", text, re.DOTALL):
        if language == "python":
            said.append(run(block, copied))
        else:
            said += [works(*shlex.split(line)[1:]).out for line in block.splitlines()]
    passages = pl.read_parquet(copied / "data" / "toy" / "passages" / "yo.parquet")
    assert said[-1].strip() in passages["passage_id"]
    compared = said[-2]
    assert "engine" in compared
    assert "hybrid" in compared
