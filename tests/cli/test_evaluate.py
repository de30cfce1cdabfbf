"""``hybench eval``: a run's model on a data set, and BM25 beside it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from hybench.evaluation.results import read_results
from hybench.runs.run import Run
from tests.cli.program import names_in, next_command, refused, works

EVAL = ("eval", "mono", "--data", "toy")


def test_eval_prints_tables_matrix_and_bias(here: Path) -> None:
    out = works(*EVAL).out
    assert "mono on toy (test) · mono" in out
    assert "mono on toy (test) · multi" in out
    [matrix] = [line for line in out.splitlines() if line.startswith("query \\ passage")]
    assert matrix.split()[3:] == ["de", "en", "yo", "AVG"]
    assert out.splitlines()[-1].startswith("language bias of mono: RankDistance ")
    values = read_results(Run(here / "runs" / "mono"), "toy").values
    mean = values.filter(metric="nDCG@10", setting="mono", query_lang="yo")["value"].mean()
    assert isinstance(mean, float)
    row = next(line.split() for line in out.splitlines() if line.startswith("yo"))
    assert row[:2] == ["yo", "12"]
    assert row[3] == f"{100 * mean:.1f}"


def test_eval_names_the_next_command(here: Path) -> None:
    done = works(*EVAL)
    assert next_command(done) == ["compare", "runs", "--data", "toy"]
    assert works(*next_command(done)).out


def test_eval_approximately_says_what_it_may_cost(copied: Path) -> None:
    said = refused(1, *EVAL, "--ann")
    assert "Run mono has results on toy that these would replace without covering them" in said
    assert "exact search." in said
    done = works(*EVAL, "--ann", "--force")
    assert "warning: approximate search: recall@100" in done.err
    assert read_results(Run(copied / "runs" / "mono"), "toy").info.search == "ann"


@pytest.mark.parametrize("asked", [("toy", "--split", "dev"), ("toy@dev",)])
def test_eval_of_another_split_stands_beside(asked: tuple[str, ...], copied: Path) -> None:
    done = works("eval", "mono", "--data", *asked, "--settings", "mono", "-l", "yo,en")
    assert "mono on toy (dev) · mono" in done.out
    assert "multi" not in done.out
    assert "bias" not in done.out
    assert next_command(done)[-1] == "toy@dev"
    assert names_in(copied / "runs" / "mono" / "results") == [
        *("toy.json", "toy.parquet", "toy@dev.json", "toy@dev.parquet")
    ]


def test_eval_exports_what_trec_eval_reads(copied: Path) -> None:
    done = works(*EVAL, "--settings", "mono", "--force", "--export-trec", "trec")
    assert f"{len(names_in(copied / 'trec'))} TREC files in trec." in done.err
    run = next(path for path in (copied / "trec").iterdir() if path.name.endswith("yo.run"))
    first = run.read_text(encoding="utf-8").splitlines()[0].split()
    assert (first[1], first[3], len(first)) == ("Q0", "1", 6)


def test_eval_bm25(copied: Path) -> None:
    done = works("eval", "bm25", "--data", "toy", "--name", "words", "--tokens", "whitespace")
    assert "words on toy (test) · mono" in done.out
    assert not (copied / "runs" / "words" / "model").exists()
    said = refused(2, "eval", "words", "--data", "toy")
    assert "Run words is BM25, which has no model." in said
    assert "hybench eval bm25 --name words" in said
    assert "not made by BM25 with these parameters" in refused(
        1, "eval", "bm25", "--data", "toy", "--k1", "1.2"
    )
    assert "Give this one another --name" in refused(
        1, "eval", "bm25", "--data", "toy", "--name", "mono"
    )


def test_eval_quietly_is_data_alone(here: Path) -> None:
    done = works("--quiet", *EVAL)
    assert done.err == ""
    assert done.out == works(*EVAL).out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("eval", "nosuch", "--data", "toy"), "No run 'nosuch' in runs.\n  Runs in runs: bm25"),
        (("eval", "mono", "--data", "nosuch"), "No data set 'nosuch' in data."),
        (("eval", "mono"), "'--data'"),
        (("eval", "mono", "--data", "sentences"), "no split to evaluate on"),
        (("eval", "bm25", "--data", "sentences"), "it has only training pairs"),
        ((*EVAL, "--split", "train"), "Data set toy has no split train.\n  Its splits: dev test."),
        (("eval", "mono", "--data", "toy@train"), "Data set toy has no split train."),
        (
            ("eval", "mono", "--data", "toy@dev", "--split", "test"),
            "--data toy@dev is of the split dev, and --split says test.\n  Omit one.",
        ),
        ((*EVAL, "--settings", "all"), "--settings: data set toy does not support all."),
        ((*EVAL, "-l", "xx"), "--languages: no language xx here.\n  Choose from: de en yo."),
        ((*EVAL, "--ranking-depth", "2"), "--ranking-depth: 2 is below 10."),
        ((*EVAL, "--device", "cuda:99"), "--device cuda:99"),
        (("eval", "bm25", "--data", "toy", "--ann"), "--ann: BM25 has no graph"),
        (("eval", "bm25", "--data", "toy", "--k1", "-1"), "--k1: -1.0 is below 0."),
        (("eval", "bm25", "--data", "toy", "--b", "2"), "--b: 2.0 is not from 0 to 1."),
        (("eval", "bm25", "--data", "toy", "--tokens", "x"), "'--tokens': 'x' is not one of"),
        (("eval", "bm25", "--data", "toy", "--name", "a/b"), "--name: 'a/b'"),
        (("index", "nosuch", "--data", "toy"), "No run 'nosuch' in runs."),
        (("index", "mono", "--data", "nosuch"), "No data set 'nosuch' in data."),
        (("index", "bm25", "--data", "toy"), "Run bm25 is BM25, which has no model."),
        (("index", "mono", "--data", "toy", "-l", "xx"), "no language xx here"),
        (("index", "mono", "--data", "toy", "--dtype", "f64"), "'--dtype': 'f64' is not one of"),
        (("index", "mono", "--data", "toy", "--connectivity", "1"), "--connectivity is 1."),
        (("index", "mono", "--data", "toy", "--sample", "0"), "--sample is 0."),
    ],
)
def test_a_wrong_flag(arguments: tuple[str, ...], says: str, here: Path) -> None:
    assert says in refused(2, *arguments)
    assert names_in(here / "runs") == ["bm25", "hybrid", "mono"]


@pytest.mark.parametrize("command", ["index", "eval"])
def test_a_training_that_is_not_finished(command: str, here: Path) -> None:
    said = refused(1, command, "unfinished", "--data", "toy", "--runs-dir", "other")
    assert "Run unfinished has no model" in said
    assert "hybench train --resume --name other/unfinished" in said


def test_a_damaged_model(copied: Path) -> None:
    [weights] = (copied / "runs" / "mono" / "model").rglob("*.safetensors")
    weights.write_bytes(b"cut")
    assert "was changed after its training" in refused(1, *EVAL)
    (copied / "runs" / "mono" / "model.json").unlink()
    assert "runs/mono/model cannot be loaded" in refused(1, *EVAL)


def test_a_damaged_corpus(copied: Path) -> None:
    (copied / "data" / "toy" / "passages" / "yo.parquet").write_bytes(b"PAR1")
    for command in (
        ("index", "mono", "--data", "toy", "--force"),
        ("eval", "bm25", "--data", "toy"),
    ):
        said = refused(1, *command)
        assert "data/toy/passages/yo.parquet cannot be read" in said
        assert "--force" in said


def test_files_in_the_way(copied: Path) -> None:
    (copied / "taken").write_text("not a folder")
    assert "--export-trec: taken is a file." in refused(2, *EVAL, "--export-trec", "taken")
    assert "Cannot write taken/bm25" in refused(
        1, "eval", "bm25", "--data", "toy", "--runs-dir", "taken"
    )


def test_a_search_counts_each_query_once(here: Path) -> None:
    done = works("eval", "bm25", "--data", "toy")
    values = read_results(Run(here / "runs" / "bm25"), "toy").values
    searched = values.filter(metric="nDCG@10").select(pl.len()).item()
    assert f"{searched} queries in" in done.err


def test_queries_that_were_trained_on_are_told(copied: Path) -> None:
    assert "trained on" not in works(*EVAL).err
    silent = works("eval", "mono", "--data", "silent", "-l", "yo,en").err
    said = " ".join(silent.split())
    assert "warning: mono was trained on 24 of these 24 queries (same text)" in said
    works("eval", "hybrid", "--data", "silent", "-l", "yo,en")
    works("eval", "bm25", "--data", "silent", "-l", "yo,en")
    compare = ("compare", "runs", "--data", "silent", "--draws", "100")
    note = "Trained on 24 of these 24 queries (same text): hybrid, mono."
    for form in ("table", "md", "json", "html"):
        out = works(*compare, "--format", form).out
        assert note in " ".join(out.split())
    one = works(*compare, "--languages", "en").out
    assert "Trained on 12 of these 12 queries" in " ".join(one.split())
    held_out = works("compare", "mono", "--data", "toy", "--draws", "100").out
    assert "of these" not in held_out
    assert "Trained on training data of toy" in held_out
