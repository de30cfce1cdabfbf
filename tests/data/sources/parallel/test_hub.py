"""Parallel sets of the hub, in the layouts of sentence-transformers and of OPUS-100."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from hybench.data.preparation import prepare
from hybench.data.sources.parallel import Parallel
from hybench.errors import UsageError
from tests.data.conftest import COMMIT, Web, serve_folder

NAME = "sentence-transformers/parallel-sentences-talks"


@pytest.fixture
def talks(hub: Web, tmp_path: Path) -> Web:
    """Three pairs of languages, and all of them together under another name."""
    for pair in ("en-de", "en-yo", "en-zh-cn", "all"):
        folder = tmp_path / "talks" / pair
        folder.mkdir(parents=True)
        for split in ("train", "dev"):
            frame = pl.DataFrame({"english": [f"{pair} {split}"], "non_english": [f"{pair} x"]})
            frame.write_parquet(folder / f"{split}-00000-of-00001.parquet")
    serve_folder(hub, tmp_path / "talks")
    return hub


def test_files_of_the_languages_are_downloaded_at_one_commit(talks: Web, tmp_path: Path) -> None:
    source = Parallel(Path(NAME), ("en", "yor", "de"))
    done = prepare(source, tmp_path / "data")
    info = done.dataset.info
    assert (info.name, info.revision) == ("parallel-sentences-talks", f"{NAME}@{COMMIT}")
    assert info.counts["pairs"] == {"de": 1, "en": 2, "yo": 1}
    assert info.counts["splits"] == {"dev": {"de": 1, "en": 2, "yo": 1}}
    assert set(info.inputs) == {
        f"{pair}/{split}-00000-of-00001.parquet"
        for pair in ("en-de", "en-yo")
        for split in ("train", "dev")
    }
    assert not any("zh" in path or "/all/" in path for path in talks.asked)
    assert prepare(Parallel(Path(NAME), ("en", "yo", "de")), tmp_path / "data").unchanged


@pytest.mark.usefixtures("talks")
def test_languages_must_be_named_and_be_there() -> None:
    with pytest.raises(UsageError, match="may have hundreds of languages"):
        Parallel(Path(NAME)).describe(lambda _: None)
    with pytest.raises(UsageError, match="no file that is named by two of en, sw") as raised:
        Parallel(Path(NAME), ("en", "sw")).describe(lambda _: None)
    assert raised.value.do == "It has: en-de en-yo en-zh-CN."
