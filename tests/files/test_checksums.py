from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from hybench.errors import DataError
from hybench.files.checksums import (
    damaged_files,
    folder_digests,
    recorded_digests,
    sha256_file,
    sha256_once,
)
from hybench.files.documents import write_json


def test_digests_see_every_name_and_byte(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_bytes(b"1")
    seen = [folder_digests(tmp_path)]
    (tmp_path / "a" / "x").write_bytes(b"2")
    seen.append(folder_digests(tmp_path))
    (tmp_path / "a" / "x").rename(tmp_path / "a" / "y")
    seen.append(folder_digests(tmp_path))
    assert [list(each) for each in seen] == [["a/x"], ["a/x"], ["a/y"]]
    assert seen[0]["a/x"] != seen[1]["a/x"] == seen[2]["a/y"]


def test_a_digest_is_remembered_until_the_file_changes(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"1")
    assert sha256_once(file) == sha256_once(file) == sha256_file(file)
    file.write_bytes(b"2")
    os.utime(file, ns=(0, 0))  # another date, whatever the clock's resolution
    assert sha256_once(file) == sha256_file(file)


def test_damaged_and_missing_files_are_named(tmp_path: Path) -> None:
    for name in ("whole", "damaged", "missing"):
        (tmp_path / name).write_text(name)
    (tmp_path / "below").mkdir()
    manifest = tmp_path / "below" / "manifest.json"
    names = [f"../{name}" for name in ("whole", "damaged", "missing")]
    write_json(manifest, {"files": {name: sha256_file(manifest.parent / name) for name in names}})
    assert list(recorded_digests(manifest)) == names
    assert damaged_files(manifest) == []
    (tmp_path / "damaged").write_text("Damaged")
    (tmp_path / "missing").unlink()
    assert damaged_files(manifest) == [tmp_path / "damaged", tmp_path / "missing"]


@pytest.mark.parametrize("files", [[], 3, {"a": 1}, {"a": None}])
def test_a_manifest_without_checksums_is_refused(files: object, tmp_path: Path) -> None:
    write_json(tmp_path / "manifest.json", {"files": files})
    with pytest.raises(DataError, match=r"manifest\.json: its files have no checksums"):
        recorded_digests(tmp_path / "manifest.json")


def test_digests_are_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"1")
    assert sha256_file(tmp_path / "x") == hashlib.sha256(b"1").hexdigest()
