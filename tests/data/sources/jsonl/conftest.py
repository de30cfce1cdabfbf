"""A layout of one's own, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hybench.data.preparation import Prepared, prepare
from hybench.data.sources.jsonl.source import Jsonl
from hybench.errors import DataError
from tests.data.conftest import write_lines

BEIR = "query-id\tcorpus-id\tscore"
MANY = range(40)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """40 passages and queries in Swahili, judged, and 40 pairs."""
    root = tmp_path / "own"
    write_lines(root / "corpus" / "sw.jsonl", *({"_id": f"p{n}", "text": f"t{n}"} for n in MANY))
    write_lines(root / "queries" / "sw.jsonl", *({"_id": f"q{n}", "text": f"u{n}"} for n in MANY))
    write_lines(root / "qrels" / "sw.tsv", BEIR, *(f"q{n}\tp{n}\t1" for n in MANY))
    write_lines(
        root / "pairs.jsonl",
        *({"_id": f"{n}", "query": {"sw": f"q{n}"}, "passage": {"sw": f"p{n}"}} for n in MANY),
    )
    return root


def prepared(folder: Path, name: str | None = None, **options: Any) -> Prepared:
    return prepare(Jsonl(folder, **options), folder.parent / "data", name)


def fault(folder: Path, **options: Any) -> str:
    """The one fault of a folder, without its path."""
    with pytest.raises(DataError) as raised:
        prepared(folder, **options)
    data = folder.parent / "data"
    assert not data.exists() or not list(data.iterdir())
    assert "\n" not in raised.value.what
    return f"{raised.value}".replace(f"{folder}/", "")
