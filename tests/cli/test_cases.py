"""Small inputs that once went wrong, run as their cmd.sh says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.program import refused, works

CASES = Path(__file__).parents[3] / "shared" / "cases"


@pytest.fixture
def case(request: pytest.FixtureRequest, empty: Path) -> Path:
    """The folder of a case, while the working directory is an empty one."""
    folder = CASES / str(request.param)
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    return folder


def a_case(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", [name], indirect=True)


@a_case("01-script-codes")
def test_a_script_survives_export_and_import(case: Path) -> None:
    works("prepare", "jsonl", case / "set", "--name", "zh")
    works("eval", "bm25", "--data", "zh", "--export-trec", "trec")
    pattern = "trec/zh.mono.{lang}-{corpus}.run"
    table = works("import", "trec", pattern, "--data", "zh", "--name", "back").out
    assert table.startswith("back on zh (test) · mono\n")
    assert re.search(r"^zh-Hant +1 +100\.0 +100\.0$", table, re.MULTILINE)


@a_case("02-repeated-texts")
def test_no_batch_holds_a_text_twice(case: Path) -> None:
    said = works("prepare", "jsonl", case / "p", "--name", "p").err
    assert "8 pairs have exactly the same query or passage as another" in said
    options = ("--alpha", 1, "--batch-size", 8, "--count", 20, "--show", 8)
    batches = works("batches", "--data", "p", *options).out.split("batch ")[1:]
    assert len(batches) == 20
    for batch in batches:
        assert sorted(re.findall(r"^([ab])\d ", batch, re.MULTILINE)) == ["a", "b"]


@a_case("04-number-underscore")
def test_a_score_is_no_number_of_python(case: Path) -> None:
    run, qrels = case / "run.txt", case / "qrels.txt"
    options = ("--qrels", qrels, "--languages", "yo", "--dataset", "t", "--name", "r")
    assert f"{run}, line 1: '1_0' is not a score." in refused(1, "import", "trec", run, *options)
    assert not Path("runs").exists() or not list(Path("runs").iterdir())


@a_case("03-bm25-typography")
def test_bm25_finds_a_word_in_any_typography(case: Path) -> None:
    works("prepare", "jsonl", case / "set", "--name", "t")
    table = works("eval", "bm25", "--data", "t").out
    for language in ("ar", "de", "fa", "fr", "sw", "te"):
        assert re.search(rf"^{language} +1 +100\.0 +100\.0$", table, re.MULTILINE), table


@a_case("05-mteb-undefined")
def test_an_undefined_value_of_mteb_is_left_out_alone(case: Path) -> None:
    file = case / "MIRACLRetrieval.json"
    said = works("import", "mteb", file, "--name", "m").err
    assert f"R@100 of sw is undefined in {file}, and omitted." in said
    scores = json.loads((Path("runs") / "m" / "means.json").read_text())["scores"]
    values = {score["metric"]: score["values"] for score in scores}
    assert values == {"nDCG@10": {"yo": 0.5, "sw": 0.5}, "R@100": {"yo": 0.9}}
