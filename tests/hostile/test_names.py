"""Folders whose names mean something to others: patterns, addresses, partitions."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybench.files.checksums import sha256_file
from hybench.files.documents import read_json, write_json
from hybench.files.tables import TableWriter, read_table, scan_table
from tests.cli.program import BUDGET, TRAIN, refused, works
from tests.data.conftest import write_lines

ODD = "odd [1] *?{2}:3%41=é'\"$(x)"
SCHEMA = {"value": pl.Int64()}


def write(path: Path, value: int) -> None:
    writer = TableWriter(path, SCHEMA)
    writer.write(pl.DataFrame({"value": [value]}))
    writer.close()


@given(st.text(st.sampled_from("[]*?{}!:%=a1~#& '\"é\\"), min_size=1, max_size=8))
def test_a_table_is_the_one_at_its_path(name: str) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        table = Path(folder, f"x{name}") / f"x{name}.parquet"
        for place in {table.parent, Path(folder, "xa"), Path(folder, "x1")}:
            place.mkdir()
            for at, file in enumerate({table.name, "xa.parquet", "x1.parquet"}):
                write(place / file, 10 + at)
        write(table, 1)
        assert read_table(table)["value"].to_list() == [1]
        assert scan_table(table).collect()["value"].to_list() == [1]


def test_a_folder_that_looks_like_a_pattern_is_not_one(copied: Path) -> None:
    runs = copied / "exp[1]"
    shutil.copytree(copied / "runs", runs)
    right = works("compare", "exp[1]", "--data", "toy", "--format", "csv").out
    shutil.copytree(copied / "runs", copied / "exp1")
    decoy = copied / "exp1" / "mono" / "results" / "toy.parquet"
    pl.read_parquet(decoy).with_columns(value=1 - pl.col("value")).write_parquet(decoy)
    manifest = copied / "exp1" / "mono" / "results" / "toy.json"
    value = read_json(manifest)
    value["files"]["../results/toy.parquet"] = sha256_file(decoy)
    write_json(manifest, value)
    assert works("compare", "exp[1]", "--data", "toy", "--format", "csv").out == right


@pytest.mark.slow
def test_everything_works_in_folders_of_odd_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = tmp_path / ODD
    odd.mkdir()
    monkeypatch.chdir(odd)
    text = {"en": ["red", "blue"] * 8, "de": ["rot", "blau"] * 8}
    source = odd / "own*"
    write_lines(
        source / "pairs.jsonl",
        *(
            {
                "_id": f"a{at}",
                "query": {code: f"{words[at]} {at}" for code, words in text.items()},
                "passage": {code: f"{words[at]} {at} x" for code, words in text.items()},
            }
            for at in range(16)
        ),
    )
    for code, words in text.items():
        write_lines(source / "corpus" / f"{code}.jsonl", {"_id": "p1", "text": words[0]})
        write_lines(source / "queries" / f"{code}.jsonl", {"_id": "q1", "text": words[0]})
        write_lines(source / "qrels" / f"{code}.tsv", "q1 0 p1 1")
    folders = ("--data-dir", "da:ta[s]", "--runs-dir", "ru?ns{}")
    works("prepare", "jsonl", "own*", "--name", "toy", *folders[:2])
    works("train", "--data", "toy", "--steps", "4", "--name", "mono", *BUDGET, *folders)
    works("index", "mono", "--data", "toy", *folders)
    works("eval", "mono", "--data", "toy", *folders)
    works("eval", "bm25", "--data", "toy", *folders)
    works("compare", "ru?ns{}", "--data", "toy", "-o", "re[p]ort.html")
    assert (odd / "re[p]ort.html").is_file()
    works("info", "--check", "ru?ns{}/mono", "--check", "da:ta[s]/toy")


def test_names_of_the_layout_are_refused_at_every_stage(copied: Path) -> None:
    write_lines(copied / "x" / "qrels.txt", "q1 0 p1 1")
    write_lines(copied / "x" / "run.txt", "q1 Q0 p1 1 2.0 t")
    files = ("x/run.txt", "--qrels", "x/qrels.txt", "--languages", "en")
    for name in ("toy.relevant", "toy.Relevant", "study.json", "config.toml"):
        for command in (
            ("prepare", "atlas", "-l", "en", "--name", name),
            (*TRAIN, "--name", name),
            ("eval", "bm25", "--data", "toy", "--name", name),
            ("import", "trec", *files, "--dataset", name),
            ("import", "trec", *files, "--dataset", "other", "--name", name),
        ):
            assert f"{name!r} is reserved for files of hybench." in refused(2, *command)
    manifest = copied / "data" / "toy" / "dataset.json"
    write_json(manifest, {**read_json(manifest), "name": "toy.relevant"})
    assert "'toy.relevant' is not a valid set name" in refused(1, "eval", "mono", "--data", "toy")


def test_a_tilde_is_a_letter_of_a_path(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = works("compare", "runs", "--data", "toy", "--format", "csv").out
    (copied / "~").mkdir()
    shutil.copytree(copied / "runs", copied / "~" / "r")
    home = tmp_path / "home"
    shutil.copytree(copied / "runs", home / "r")
    for table in home.rglob("results/*.parquet"):
        pl.read_parquet(table).with_columns(value=1 - pl.col("value")).write_parquet(table)
    monkeypatch.setenv("HOME", str(home))
    assert works("compare", "~/r", "--data", "toy", "--format", "csv").out == right
