"""``hybench index``: vectors and graphs of a run's model, made again when they are out of date."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from hybench.files.documents import read_json
from hybench.indexes.approximate.graph import PRECISIONS, GraphOptions, Precision
from tests.builders import Toy, toy_dataset
from tests.cli.program import TRAIN, names_in, next_command, refused, works

EVAL = ("eval", "mono", "--data", "toy")


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_index(dtype: Precision, copied: Path) -> None:
    done = works("index", "mono", "--data", "toy", "--dtype", dtype)
    rows = [line.split() for line in done.out.splitlines() if line[:2] in {"de", "en", "yo"}]
    assert [row[:3] for row in rows] == [[code, "84", "16"] for code in ("de", "en", "yo")]
    assert all(float(row[3]) > 0.9 for row in rows)
    assert next_command(done) == ["eval", "mono", "--data", "toy", "--ann"]
    manifest = read_json(copied / "runs" / "mono" / "index" / "toy" / "yo" / "manifest.json")
    assert manifest["graph"] == asdict(GraphOptions(dtype=dtype))


def test_vectors_in_float16_and_in_shards(copied: Path) -> None:
    done = works("index", "mono", "--data", "toy", "--store", "f16", "--shard-rows", "50")
    assert "Stored in float16: no score differs by more than" in done.out
    folder = copied / "runs" / "mono" / "index" / "toy" / "yo"
    assert read_json(folder / "manifest.json")["shards"] == [50, 34]
    assert [file.name for file in sorted(folder.glob("vectors*"))] == [
        "vectors-00000.npy",
        "vectors-00001.npy",
    ]
    works(*EVAL, "--force")
    assert read_json(folder / "manifest.json")["store"] == "f16"


def test_index_exact_needs_no_graph(copied: Path) -> None:
    done = works("index", "hybrid", "--data", "toy", "--exact", "--force", "-l", "yo")
    folder = copied / "runs" / "hybrid" / "index" / "toy" / "yo"
    assert names_in(folder) == ["ids.parquet", "manifest.json", "vectors.npy"]
    assert next_command(done) == ["eval", "hybrid", "--data", "toy"]
    assert "up to date" in works("index", "hybrid", "--data", "toy", "--exact", "-l", "yo").out


def _indexed(run: Path) -> dict[str, str]:
    folder = run / "index" / "toy"
    return {
        code: str(read_json(folder / code / "manifest.json")["passages_sha256"])
        for code in names_in(folder)
    }


def test_a_changed_corpus_is_encoded_again(copied: Path) -> None:
    before = _indexed(copied / "runs" / "mono")
    (copied / "data" / "toy").rename(copied / "data" / ".old")
    toy_dataset(copied / "data", Toy(train=40))
    done = works(*EVAL)
    after = _indexed(copied / "runs" / "mono")
    assert after.keys() == before.keys()
    assert all(after[code] != before[code] for code in before)
    assert "192 passages" in done.err
    said = refused(1, "compare", "runs", "--data", "toy")
    assert "were evaluated on different versions of toy" in said
    assert "hybench eval" in said


def test_a_model_trained_again_is_encoded_again(copied: Path) -> None:
    works(*TRAIN, "--name", "mono", "--alpha", "0", "--force")
    done = works(*EVAL)
    assert "252 passages" in done.err


@pytest.mark.process
@pytest.mark.slow
def test_several_processes_encode(copied: Path) -> None:
    several = ("--shard-rows", "30", "--processes", "2", "--exact", "--force", "-l", "yo")
    works("index", "mono", "--data", "toy", *several)
    manifest = copied / "runs" / "mono" / "index" / "toy" / "yo" / "manifest.json"
    assert read_json(manifest)["shards"] == [30, 30, 24]
    vectors = read_json(manifest)["files"]
    works("index", "mono", "--data", "toy", *several[:2], *several[4:])
    assert read_json(manifest)["files"] == vectors
    assert "--processes is 0" in refused(2, *EVAL, "--processes", "0")


@pytest.mark.usefixtures("here")
def test_options_that_belong_together() -> None:
    index = ("index", "mono", "--data", "toy")
    assert "--memory is '8'" in refused(2, *index, "--memory", "8")
    assert "--memory is '8G'" in refused(2, "search", "x", "--run", "mono", "--data", "toy",
                                         "--memory", "8G")  # fmt: skip
    assert "--similarity is given without --vectors" in refused(2, *index, "--similarity", "dot")
    assert "--output is given without --export" in refused(2, *index, "-o", "there")
    said = refused(2, *index, "--vectors", "nowhere")
    assert "nowhere has no vectors of passages" in said
