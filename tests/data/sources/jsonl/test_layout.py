"""Mistakes of a whole layout: said once, with what was found and what would be right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hybench.errors import DataError
from tests.data.conftest import write_lines
from tests.data.sources.jsonl.conftest import BEIR, MANY, fault, prepared


@pytest.mark.parametrize(
    ("file", "record", "says"),
    [
        (
            "corpus/sw.jsonl",
            {"docid": "p{}", "title": "", "text": "a"},
            "no '_id'; their keys are 'docid', 'title', 'text'; rename 'docid' to '_id'.",
        ),
        (
            "corpus/sw.jsonl",
            {"id": "p{}", "contents": "a"},
            (
                "no '_id' and 'text'; their keys are 'id', 'contents'; rename 'id' to '_id' and "
                "rename 'contents' to 'text'."
            ),
        ),
        (
            "queries/sw.jsonl",
            {"id": "q{}", "text": "a"},
            "no '_id'; their keys are 'id', 'text'; rename 'id' to '_id'.",
        ),
        (
            "queries/sw.jsonl",
            {"a": "q{}", "b": "c"},
            "no '_id' and 'text'; their keys are 'a', 'b'; each needs '_id', 'text'.",
        ),
        (
            "pairs.jsonl",
            {"anchor": "a", "positive": "b"},
            (
                "no '_id' and 'query' and 'passage'; their keys are 'anchor', 'positive'; "
                "rename 'anchor' to 'query' and rename 'positive' to 'passage' and add '_id'."
            ),
        ),
        (
            "corpus/sw.jsonl",
            {"ID": "p{}", "Text": "a"},
            "'ID', 'Text'; rename 'ID' to '_id' and rename 'Text' to 'text'.",
        ),
        (
            "pairs.jsonl",
            {"_id": "{}", "query": "a", "passage": "b"},
            (
                "'query' and 'passage' must be objects of texts by language, such as "
                '{"yo": "…"}; its lines have plain texts.'
            ),
        ),
    ],
)
def test_keys_of_other_tools(file: str, record: dict[str, str], says: str, own: Path) -> None:
    lines = [{key: value.replace("{}", str(n)) for key, value in record.items()} for n in MANY]
    write_lines(own / file, *lines)
    said = fault(own, skip_bad=1000)
    assert said.startswith(f"{file}: ")
    assert says in said


@pytest.mark.parametrize(
    ("file", "record", "says"),
    [
        ("corpus/sw.jsonl", {"_id": "p{}", "text": ["a"]}, "its 'text' must be a string; the"),
        ("queries/sw.jsonl", {"_id": "q{}", "text": {"sw": "a"}}, 'first one is {"sw": "a"}'),
        ("queries/sw.jsonl", {"_id": 1.5, "text": "a"}, "'_id' must be a string or a whole number"),
        ("corpus/sw.jsonl", {"_id": True, "text": "a"}, "the first one is true"),
        (
            "pairs.jsonl",
            {"_id": [1], "query": {"sw": "a"}, "passage": {"sw": "b"}},
            "'_id' must be a string or a whole number; the first one is [1]",
        ),
    ],
)
def test_values_of_another_form(file: str, record: dict[str, Any], says: str, own: Path) -> None:
    line = json.dumps(record)
    write_lines(own / file, *(line.replace("{}", str(n)) for n in MANY))
    said = fault(own, skip_bad=1000)
    assert said.startswith(f"{file}: its ")
    assert says in said


def test_what_is_no_json_lines(own: Path) -> None:
    (own / "corpus" / "sw.jsonl").write_text(json.dumps([{"_id": "1"}] * 40, indent=1))
    assert "corpus/sw.jsonl: has no JSON lines" in fault(own)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (
            ["q{}\tp{}\t1"],
            "it has 3 columns and no header: make its first line 'query-id corpus-id score'",
        ),
        (
            ["q{}\tp{}\t1\tsw"],
            (
                "it has 4 columns and no header: make its first line "
                "'query-id corpus-id score corpus-lang'"
            ),
        ),
        (
            [f"{BEIR}\tlang", "q{}\tp{}\t1\tsw"],
            (
                "its fourth column is 'lang', which is not read; if it is the language of the "
                "passage, name it 'corpus-lang'"
            ),
        ),
        (
            ["query_id\tdoc_id\trel", "q{}\tp{}\t1"],
            "its header is 'query_id doc_id rel', not 'query-id corpus-id score'",
        ),
        (
            ["query_id\tdoc_id\trel\tlang", "q{}\tp{}\t1\tsw"],
            "its header is 'query_id doc_id rel lang', not 'query-id corpus-id score corpus-lang'",
        ),
        ([f"{BEIR}\tcorpus-lang\tby", "q{}\tp{}\t1\tsw\tme"], "its header has 5 columns; expected"),
        (
            ["lang\tquery-id\tcorpus-id\tscore", "sw\tq{}\tp{}\t1"],
            "its columns are in another order, 'lang query-id corpus-id score'; expected",
        ),
        (["corpus-id\tquery-id\tscore", "p{}\tq{}\t1"], "its columns are in another order"),
        (
            [BEIR, "q{}\tp{}\t0.5"],
            "its relevances must be whole numbers, but are 0.5, 0.5, 0.5 and",
        ),
        (["q{} 0 p{} 0.5"], "its relevances must be whole numbers, but are 0.5, 0.5, 0.5 and"),
        (["q{},p{},1"], "begins with 'q0,p0,1'; expected 'query-id corpus-id score'"),
    ],
)
def test_columns_of_judgements(lines: list[str], says: str, own: Path) -> None:
    *header, row = lines
    rows = [row.replace("{}", str(number)) for number in MANY]
    write_lines(own / "qrels" / "sw.tsv", *header, *rows)
    assert f"qrels/sw.tsv: {says}" in fault(own)


def test_a_header_on_trecs_columns_is_a_line(own: Path) -> None:
    rows = [f"q{number} 0 p{number} 1" for number in MANY]
    write_lines(own / "qrels" / "sw.tsv", "query 0 passage relevance", *rows)
    assert "qrels/sw.tsv, line 1: the relevance 'relevance' is not a whole number" in fault(own)


def test_ids_may_be_whole_numbers(own: Path) -> None:
    write_lines(own / "corpus" / "sw.jsonl", *({"_id": n, "text": f"t{n}"} for n in MANY))
    write_lines(
        own / "queries" / "sw.jsonl", *({"_id": n, "text": f"u{n}", "source_id": 7} for n in MANY)
    )
    write_lines(own / "qrels" / "sw.tsv", BEIR, *(f"{n}\t{n}\t{n % 2}.0" for n in MANY))
    ids = {"_id": 1, "source_id": 2, "query_source_id": 3}
    write_lines(own / "pairs.jsonl", ids | {"query": {"sw": "a"}, "passage": {"sw": "b"}})
    data = prepared(own).dataset
    assert data.passages("sw")["passage_id"].to_list() == [str(number) for number in MANY]
    assert data.queries("sw")["source_id"].unique().to_list() == ["7"]
    assert data.qrels("sw")["relevance"].to_list() == [number % 2 for number in MANY]
    assert data.pairs("sw").row(0)[:3] == ("1", "3", "2")


@pytest.mark.parametrize("value", [True, 1.5, [1], {}])
def test_other_values_are_no_ids(value: object, own: Path) -> None:
    write_lines(own / "queries" / "sw.jsonl", *({"_id": value, "text": "a"} for _ in range(1)))
    with pytest.raises(DataError, match=r"queries/sw\.jsonl, line 1: '_id' is not a string"):
        prepared(own)


def test_languages_by_any_code(own: Path) -> None:
    for table, suffix in (("corpus", "jsonl"), ("queries", "jsonl"), ("qrels", "tsv")):
        (own / table / f"sw.{suffix}").rename(own / table / f"swh_Latn.{suffix}")
    write_lines(own / "corpus" / "zho_Hant.jsonl", {"_id": "z", "text": "台北"})
    write_lines(own / "qrels" / "swh_Latn.tsv", f"{BEIR}\tcorpus-lang", "q1\tz\t1\tcmn_Hant")
    write_lines(own / "pairs.jsonl", {"_id": "1", "query": {"swa": "a"}, "passage": {"sw": "b"}})
    data = prepared(own, languages=("swh", "zh_Hant")).dataset
    assert data.info.languages == ("sw", "zh-Hant")
    assert data.qrels("sw")["passage_lang"].to_list() == ["zh-Hant"]
    assert data.pairs("sw").height == 1
    write_lines(own / "corpus" / "sw.jsonl", {"_id": "1", "text": "a"})
    with pytest.raises(DataError, match=r"sw\.jsonl and swh_Latn\.jsonl are both for sw"):
        prepared(own)
