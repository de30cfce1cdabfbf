"""Shards of an index: final one by one, taken after a kill, and read as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pytest

from hybench.concurrency.progress import Progress
from hybench.errors import UsageError
from hybench.evaluation.evaluate import evaluate
from hybench.files import checksums
from hybench.files.checksums import sha256_file
from hybench.indexes import shards
from hybench.indexes.options import IndexOptions
from hybench.indexes.reader import LanguageIndex, open_index
from hybench.indexes.writer import build_index
from hybench.runs.run import Run
from tests.indexes.fakes import HashedWords, run_with_model
from tests.indexes.test_writer import tiny

SHARDED = IndexOptions(exact=True, shard_rows=64, languages=("sw",))
"""300 passages in five shards."""


class Killed(BaseException):
    """Ends the process, as far as the code under test can tell."""


@dataclass
class Mortal(HashedWords):
    """An encoder that is killed after so many calls."""

    lives: int = 3

    def encode(
        self,
        texts: Sequence[str],
        kind: Literal["query", "passage"],
        progress: Callable[[int], None] | None = None,
        language: str | None = None,
    ) -> npt.NDArray[np.float32]:
        if not self.lives:
            raise Killed
        self.lives -= 1
        return super().encode(texts, kind, progress, language)


def interrupted(run: Run, data: Path, lives: int = 3) -> Path:
    """The folder of the shards that a killed encoding left."""
    with pytest.raises(Killed):
        build_index(run, tiny(data), Mortal(lives=lives), SHARDED)
    folder = run.index("tiny", "sw")
    assert not folder.exists()
    return folder.with_name(".sw.shards")


def indexed(tmp_path: Path, options: IndexOptions) -> LanguageIndex:
    run, dataset = run_with_model(tmp_path, f"run-{options.shard_rows}"), tiny(tmp_path / "data")
    build_index(run, dataset, HashedWords(), options)
    return open_index(run, dataset, "sw")


def digests(index: LanguageIndex) -> list[str]:
    return [sha256_file(index.folder / name) for name in index.manifest.vector_files]


def test_shards_hold_what_one_file_holds(tmp_path: Path) -> None:
    one, several = indexed(tmp_path, replace(SHARDED, shard_rows=1000)), indexed(tmp_path, SHARDED)
    assert (one.manifest.shards, several.manifest.shards) == ((), (64, 64, 64, 64, 44))
    assert one.manifest.vector_files == ("vectors.npy",)
    np.testing.assert_array_equal(np.asarray(one.vectors), np.asarray(several.vectors))
    assert not several.folder.with_name(".sw.shards").exists()
    queries = HashedWords().encode(["w1 w2", "w5"], "query")
    hits = [index.search_exact(queries, 300) for index in (one, several)]
    np.testing.assert_array_equal(hits[0].rows, hits[1].rows)
    np.testing.assert_array_equal(hits[0].scores, hits[1].scores)


def test_a_killed_encoding_goes_on_at_the_next_shard(tmp_path: Path) -> None:
    run, dataset = run_with_model(tmp_path), tiny(tmp_path / "data")
    interrupted(run, tmp_path / "data")
    encoder, seen = HashedWords(), list[Progress]()
    [report] = build_index(run, dataset, encoder, SHARDED, seen.append)
    assert encoder.asked == [("passage", 64), ("passage", 44)]
    assert (seen[0].done, seen[-1].done) == (192, 300)
    assert report.encoded == 108
    index = open_index(run, dataset, "sw")
    assert digests(index) == digests(indexed(tmp_path / "other", SHARDED))
    assert index.manifest.cost is not None


def test_a_fresh_shard_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def reading(path: Path) -> str:
        read.append(path.name)
        return sha256_file(path)

    run, dataset = run_with_model(tmp_path), tiny(tmp_path / "data")
    interrupted(run, tmp_path / "data")
    monkeypatch.setattr(shards, "sha256_file", reading)
    monkeypatch.setattr(checksums, "sha256_file", reading)
    [report] = build_index(run, dataset, HashedWords(), SHARDED)
    # Those of the killed process once; the others were hashed as they were written.
    assert [name for name in read if name.endswith(".npy")] == [
        f"vectors-0000{number}.npy" for number in range(3)
    ]
    for name, digest in report.manifest.files.items():
        assert sha256_file(report.folder / name) == digest


@pytest.mark.parametrize("spoilt", ["vectors-00001.npy", "00001.json"])
def test_a_damaged_shard_is_made_again(tmp_path: Path, spoilt: str) -> None:
    run, dataset = run_with_model(tmp_path), tiny(tmp_path / "data")
    file = interrupted(run, tmp_path / "data") / spoilt
    data = bytearray(file.read_bytes())
    data[-9] ^= 1
    file.write_bytes(data)
    encoder = HashedWords()
    build_index(run, dataset, encoder, SHARDED)
    assert encoder.asked == [("passage", 64), ("passage", 64), ("passage", 44)]
    assert digests(open_index(run, dataset, "sw")) == digests(indexed(tmp_path / "other", SHARDED))


def test_shards_of_something_else_are_not_taken(tmp_path: Path) -> None:
    for change in ("model", "passages", "precision", "store", "size"):
        run = run_with_model(tmp_path, change)
        interrupted(run, tmp_path / "data", lives=2)
        dataset, encoder, options = tiny(tmp_path / "data"), Mortal(lives=3), SHARDED
        if change == "model":
            (run.model / "weights").write_text("other")
        elif change == "passages":
            dataset = tiny(tmp_path / "data", " w9")
        elif change == "precision":
            encoder.precision = "bf16"
        elif change == "store":
            options = replace(options, store="f16")
        else:
            options = replace(options, shard_rows=60)
        with pytest.raises(Killed):
            build_index(run, dataset, encoder, options)
        assert len(encoder.asked) == 3, change


def test_float16_on_disk(tmp_path: Path) -> None:
    run, dataset = run_with_model(tmp_path), tiny(tmp_path / "data")
    options = replace(SHARDED, store="f16")
    exact = HashedWords().encode(dataset.passages("sw")["text"].to_list(), "passage")
    [report] = build_index(run, dataset, HashedWords(), options)
    index = open_index(run, dataset, "sw")
    lost = np.linalg.norm(exact - np.asarray(index.vectors), axis=1).max()
    assert 0 < lost == pytest.approx(report.manifest.rounding)
    files = [(index.folder / name).stat().st_size for name in index.manifest.vector_files]
    assert sum(files) < 300 * 16 * 4
    queries = HashedWords().encode(["w1 w2", "w5 w6"], "query")
    found = index.search_exact(queries, 300)
    for query, rows, scores in zip(queries, found.rows, found.scores, strict=True):
        assert np.abs(exact[rows] @ query - scores).max() <= report.manifest.rounding + 1e-6
    # What is there serves, whatever it is, unless another is asked for.
    assert build_index(run, dataset, HashedWords(), SHARDED)[0].unchanged
    assert not build_index(run, dataset, HashedWords(), replace(SHARDED, store="f32"))[0].unchanged


def test_a_graph_is_built_and_an_evaluation_runs_over_shards(tmp_path: Path) -> None:
    values = []
    for rows in (1000, 64):
        run, dataset = run_with_model(tmp_path, f"run-{rows}"), tiny(tmp_path / "data")
        options = IndexOptions(shard_rows=rows)
        report, _ = build_index(run, dataset, HashedWords(), options)
        values.append((report.manifest.recall, evaluate(run, dataset, HashedWords()).values))
    assert values[0][0] == values[1][0]
    assert values[0][1].equals(values[1][1])


def test_wrong_options_are_refused() -> None:
    with pytest.raises(UsageError, match="--store is 'f8'"):
        IndexOptions(store="f8")
    with pytest.raises(UsageError, match="--shard-rows"):
        IndexOptions(shard_rows=0)
