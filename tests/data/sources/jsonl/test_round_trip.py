"""What is written comes back from the set."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hybench.data.lines import CONTROL
from hybench.data.preparation import prepare
from hybench.data.sources.jsonl import tables as jsonl_tables
from hybench.data.sources.jsonl.source import Jsonl
from tests.data.conftest import write_lines

stored = st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip)


ids = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Zl", "Zp")), min_size=1)


ids = ids.filter(lambda value: CONTROL.search(value) is None)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
@given(passages=st.dictionaries(ids, stored, min_size=1, max_size=8), escaped=st.booleans())
def test_what_is_written_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passages: dict[str, str], escaped: bool
) -> None:
    monkeypatch.setattr(jsonl_tables, "ROWS", 3)
    root = tmp_path / "own"
    records = [{"_id": key, "title": text, "text": text} for key, text in passages.items()]
    write_lines(
        root / "corpus" / "yo.jsonl", *(json.dumps(r, ensure_ascii=escaped) for r in records)
    )
    data = prepare(Jsonl(root), tmp_path / "data", force=True).dataset
    rows = data.passages("yo").select("passage_id", "title", "text").rows()
    assert rows == [(key, text, text) for key, text in passages.items()]
    assert data.scan("passages", "yo").select(pl.len()).collect().item() == len(passages)


def test_direction_marks_and_zero_width_characters_are_kept(tmp_path: Path) -> None:
    text = "\u202eabc\u200b\u200d\ufeff"
    write_lines(tmp_path / "own" / "corpus" / "ar.jsonl", {"_id": "../a", "text": text})
    data = prepare(Jsonl(tmp_path / "own"), tmp_path / "data").dataset
    assert data.passages("ar").rows() == [("../a", "", text, "../a")]
