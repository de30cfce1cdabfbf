"""Runs of models as they are: their names, and what their configs say."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybench.errors import UsageError
from hybench.runs.models import ModelOptions, encoder_word, run_name_of


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("intfloat/multilingual-e5-small", "multilingual-e5-small"),
        ("BAAI/bge-m3@5617a9f", "bge-m3"),
        ("runs/hybrid-s0/model", "hybrid-s0-model"),
        ("/models/minilm/", "minilm"),
    ],
)
def test_a_run_is_named_after_its_model(model: str, name: str) -> None:
    assert run_name_of(model) == name


def test_a_name_that_no_run_can_have_is_refused() -> None:
    with pytest.raises(UsageError, match="No run can have the name"):
        run_name_of("models/my model")


def test_a_folder_is_named_by_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "minilm").mkdir()
    monkeypatch.chdir(tmp_path)
    assert encoder_word("minilm") == str(tmp_path / "minilm")
    assert encoder_word("org/minilm@abc") == "org/minilm"


def test_options_are_checked() -> None:
    assert dict(ModelOptions("x", "", None, 8).given) == {"query_prefix": "", "query_length": 8}
    for wrong in ({"query_length": 0}, {"pooling": "max"}, {"passage_length": "8"}):
        with pytest.raises(UsageError):
            ModelOptions(**wrong)
