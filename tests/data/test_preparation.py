from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from hybench.concurrency.progress import Progress, ProgressCallback
from hybench.data.dataset import Dataset
from hybench.data.manifest import MANIFEST, DatasetInfo
from hybench.data.preparation import prepare
from hybench.data.schema import TABLES
from hybench.data.writer import DatasetWriter
from hybench.errors import DataError, StateError, UsageError
from hybench.files.documents import read_json, write_json
from tests.data.conftest import snapshot


@dataclass(frozen=True)
class Fixed:
    """A source of one pair; `fails` says where it breaks."""

    text: str = "text"
    fails: str = ""

    def describe(self, progress: ProgressCallback) -> DatasetInfo:
        return DatasetInfo(
            name="fixed",
            source="fixed",
            revision="1",
            licence="CC0",
            languages=("en",),
            settings=(),
            metrics=(),
            depth=None,
            options={"text": self.text},
        )

    def write(self, writer: DatasetWriter, progress: ProgressCallback) -> None:
        rows = [("1", "q:1", "p:1", self.text, self.text)] * (2 if self.fails == "check" else 1)
        writer.write("pairs", "en", pl.DataFrame(rows, TABLES["pairs"], orient="row"))
        if self.fails == "midway":
            raise DataError("bad", "mend")
        if self.fails == "killed":
            raise KeyboardInterrupt


def test_a_set_is_written_once(tmp_path: Path) -> None:
    seen: list[Progress] = []
    first = prepare(Fixed(), tmp_path, progress=seen.append)
    before = snapshot(tmp_path)
    second = prepare(Fixed(), tmp_path)
    assert (first.unchanged, second.unchanged) == (False, True)
    assert snapshot(tmp_path) == before
    assert [each.task for each in seen[-2:]] == ["check", "compare texts"]
    assert Dataset.open(tmp_path / "fixed").info == second.dataset.info
    assert first.dataset.info.counts == {"pairs": {"en": 1}, "splits": {}}


def test_the_same_source_gives_the_same_bytes(tmp_path: Path) -> None:
    for root in ("a", "b"):
        prepare(Fixed(), tmp_path / root)
    assert snapshot(tmp_path / "a") == snapshot(tmp_path / "b")


def test_a_set_made_otherwise_is_not_replaced_without_force(tmp_path: Path) -> None:
    prepare(Fixed(), tmp_path)
    before = snapshot(tmp_path)
    with pytest.raises(StateError, match="made from other data or options") as raised:
        prepare(Fixed("other"), tmp_path)
    assert "--force" in raised.value.do
    assert snapshot(tmp_path) == before
    prepare(Fixed("other"), tmp_path, "second")
    replaced = prepare(Fixed("other"), tmp_path, force=True).dataset
    assert replaced.pairs("en")["query"].to_list() == ["other"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fixed", "second"]


@pytest.mark.parametrize(
    ("fails", "error"),
    [("midway", DataError), ("check", DataError), ("killed", KeyboardInterrupt)],
)
def test_a_failure_leaves_nothing_behind_and_the_old_set_intact(
    tmp_path: Path, fails: str, error: type[BaseException]
) -> None:
    with pytest.raises(error):
        prepare(Fixed(fails=fails), tmp_path / "new")
    assert snapshot(tmp_path) == {}
    assert not list((tmp_path / "new").iterdir())
    prepare(Fixed(), tmp_path)
    before = snapshot(tmp_path)
    with pytest.raises(error):
        prepare(Fixed("other", fails), tmp_path, force=True)
    assert snapshot(tmp_path) == before


def test_a_folder_that_is_no_set_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "fixed").mkdir()
    prepare(Fixed(), tmp_path)
    (tmp_path / "fixed" / MANIFEST).unlink()
    before = snapshot(tmp_path)
    for force in (False, True):
        with pytest.raises(StateError, match=r"it has no dataset\.json"):
            prepare(Fixed(), tmp_path, force=force)
    assert snapshot(tmp_path) == before


def test_a_place_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    # A file where the folder should be: permission bits would not stop root.
    (tmp_path / "data").write_text("")
    with pytest.raises(StateError, match=r"Cannot write .*data/fixed") as raised:
        prepare(Fixed(), tmp_path / "data")
    assert "permissions" in raised.value.do


@pytest.mark.parametrize("name", ["../up", "a/b", ".hidden", "", "a b", "x" * 151, "字" * 51])
def test_names_that_are_no_folder_are_refused(tmp_path: Path, name: str) -> None:
    if not name:
        assert prepare(Fixed(), tmp_path, name).dataset.name == "fixed"
        return
    with pytest.raises(UsageError, match="--name"):
        prepare(Fixed(), tmp_path, name)


def test_a_manifest_that_was_changed_is_refused(tmp_path: Path) -> None:
    manifest = prepare(Fixed(), tmp_path).dataset.path / MANIFEST
    content = read_json(manifest)
    for change, fault in (
        ({"format": 0}, "layout version 0"),
        ({"depth": ...}, "missing required field depth"),
    ):
        changed = {k: v for k, v in (content | change).items() if v is not ...}
        write_json(manifest, changed)
        with pytest.raises(DataError, match=fault):
            Dataset.open(manifest.parent)
    manifest.write_text("{")
    with pytest.raises(DataError, match="cannot be read as JSON"):
        Dataset.open(manifest.parent)


def test_a_missing_set_names_those_that_are_there(tmp_path: Path) -> None:
    prepare(Fixed(), tmp_path)
    (tmp_path / "fixed").rename(tmp_path / ".left.over")
    prepare(Fixed(), tmp_path)
    with pytest.raises(UsageError, match="No data set 'other'") as raised:
        Dataset.open(tmp_path / "other")
    assert "Prepared here: fixed." in raised.value.do
