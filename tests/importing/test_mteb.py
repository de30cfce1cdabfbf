"""MTEB's results become means, or are refused with a reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hybench.comparison.published_columns import MIRACL_DEV
from hybench.errors import DataError, StateError, UsageError
from hybench.importing.mteb import (
    HARD_NEGATIVES,
    WHOLE_POOLS,
    check_named,
    import_mteb,
    read_mteb,
)
from hybench.importing.published import read_means
from hybench.runs.run import Run, manifests
from hybench.runs.status import RunWatch
from tests.indexes.fakes import run_with_model

# The layout of embeddings-benchmark/results, cut to a few metrics.
RESULT: dict[str, Any] = {
    "dataset_revision": "9c09abc13478308c27598f350e31d8f06b9b5481",
    "task_name": "MIRACLRetrieval",
    "mteb_version": "2.12.7",
    "scores": {
        "dev": [
            {
                "ndcg_at_10": 0.15354,
                "recall_at_100": 0.38057,
                "map_at_1000": 0.12546,
                "mrr_at_10": 0.204881,
                "nauc_ndcg_at_10_max": -0.247896,
                "accuracy": 0.07223,
                "main_score": 0.15354,
                "hf_subset": "ru",
                "languages": ["rus-Cyrl"],
            },
            {
                "ndcg_at_10": 0.24521,
                "recall_at_100": 0.41032,
                "main_score": 0.24521,
                "hf_subset": "ko",
                "languages": ["kor-Kore"],
            },
        ]
    },
    "evaluation_time": 12.5,
}


def write(path: Path, value: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
    return path


def test_metrics_by_language(tmp_path: Path) -> None:
    rows = read_mteb(write(tmp_path / "MIRACLRetrieval.json", RESULT), "bm25s").rows
    assert [row.metric for row in rows] == ["nDCG@10", "AP@1000", "R@100", "RR@10"]
    first = rows[0]
    assert (first.dataset, first.split, first.setting) == ("miracl", "dev", "mono")
    assert first.values == {"ru": 0.15354, "ko": 0.24521}
    assert rows[1].values == {"ru": 0.12546}
    assert first.source == (
        "MIRACLRetrieval.json of MIRACLRetrieval (dataset revision "
        "9c09abc13478308c27598f350e31d8f06b9b5481, mteb 2.12.7)"
    )


def test_a_run_of_means(tmp_path: Path) -> None:
    path = write(tmp_path / "MIRACLRetrieval.json", RESULT)
    run = Run(tmp_path / "runs" / "bm25s")
    rows = import_mteb(path, run).rows
    assert read_means(run) == rows
    assert rows[0].system == "bm25s"
    assert RunWatch(run).look().state == "done"
    assert manifests(run.path) == [run.means]
    import_mteb(path, run)  # again
    with pytest.raises(StateError, match="was not imported from mteb"):
        import_mteb(path, run_with_model(tmp_path, "other"))
    bad = write(tmp_path / "bad.json", {})
    with pytest.raises(DataError):
        import_mteb(bad, Run(tmp_path / "runs" / "none"))
    assert not Run(tmp_path / "runs" / "none").config_file.exists()


def test_the_name_is_the_models(tmp_path: Path) -> None:
    path = tmp_path / "results" / "BAAI__bge-m3" / "5617a9f6" / "MIRACLRetrieval.json"
    assert check_named(None, path) == "BAAI__bge-m3"
    assert check_named("mine", path) == "mine"
    with pytest.raises(UsageError, match="cannot be a folder's name"):
        check_named("../up", path)
    with pytest.raises(UsageError, match="--name MODEL"):
        check_named(None, Path("/results/MIRACLRetrieval.json"))


def changed(*path: str | int, to: object) -> Callable[[], object]:
    def change() -> object:
        value = json.loads(json.dumps(RESULT))
        inner = value
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = to
        return value

    return change


ENTRY = ("scores", "dev", 0)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (list, "not a JSON object"),
        (dict, "no task_name and scores"),
        (lambda: {"dev": {"sw": {"ndcg_at_10": 0.1}}}, "no task_name and scores"),  # before 1.11
        (changed("task_name", to=7), "no task_name and scores"),
        (changed("task_name", to="NFCorpus"), "'NFCorpus', which is not a set of hybench."),
        (
            changed("task_name", to="MIRACLReranking"),
            "not a set of hybench: it re-ranks given passages",
        ),
        (changed("scores", to=[]), "no task_name and scores"),
        (changed("scores", to={"test": []}), "no scores of dev"),
        (changed("scores", "dev", to={}), "no scores of dev"),
        (changed("scores", "dev", to=[[]]), "a subset 'None'"),
        (changed("scores", "dev", to=[{"hf_subset": "ru"}]), "no ndcg_at_10"),
        (changed(*ENTRY, "hf_subset", to="xx"), "a subset 'xx'"),
        (changed(*ENTRY, "hf_subset", to=["ru"]), "a subset"),
        (changed(*ENTRY, "hf_subset", to="ko"), "it has ko twice"),
        (changed(*ENTRY, "ndcg_at_10", to="0.5"), "ndcg_at_10 of ru is 0.5, not a share of 1"),
        (changed(*ENTRY, "ndcg_at_10", to=15.354), "is 15.354, not a share of 1"),
        (changed(*ENTRY, "ndcg_at_10", to=-0.1), "not a share of 1"),
        (changed(*ENTRY, "ndcg_at_10", to=True), "not a share of 1"),
        (changed(*ENTRY, "ndcg_at_10", to=[]), "not a share of 1"),
        (changed(*ENTRY, "ndcg_at_10", to=1.0001), "is 1.0001, not a share of 1"),
        (
            changed("scores", "dev", to=[{"hf_subset": "ru", "ndcg_at_10": None}]),
            "its ndcg_at_10 is undefined in every language",
        ),
    ],
)
def test_what_is_no_result_of_ours(make: Callable[[], object], says: str, tmp_path: Path) -> None:
    path = write(tmp_path / "R.json", make())
    with pytest.raises(DataError) as error:
        read_mteb(path, "m")
    assert says in error.value.what
    assert "\n" not in error.value.what
    assert str(path) in error.value.what
    if "which is no set" in says:
        assert error.value.do.startswith("Known tasks: MIRACLRetrieval ")


@pytest.mark.parametrize(
    "nothing", [None, float("nan"), float("inf"), float("-inf"), "NaN", "-Infinity", " nan"]
)
def test_an_undefined_value_is_left_out_alone(nothing: object, tmp_path: Path) -> None:
    whole = read_mteb(write(tmp_path / "R.json", RESULT), "m").rows
    for metric, name in (("recall_at_100", "R@100"), ("ndcg_at_10", "nDCG@10")):
        result = read_mteb(write(tmp_path / "R.json", changed(*ENTRY, metric, to=nothing)()), "m")
        assert result.undefined == {name: ("ru",)}
        for row, before in zip(result.rows, whole, strict=True):
            lost = {"ru"} if row.metric == name else set()
            kept = {code: value for code, value in before.values.items() if code not in lost}
            assert row.values == kept


@pytest.mark.parametrize(("value", "share"), [(1 + 2.3e-16, 1), (1 + 1e-10, 1), (-1e-12, 0)])
def test_a_share_is_rounded_to_its_bounds(value: float, share: float, tmp_path: Path) -> None:
    path = write(tmp_path / "R.json", changed(*ENTRY, "recall_at_100", to=value)())
    assert read_mteb(path, "m").rows[2].values["ru"] == share


def test_subsets_are_languages_by_any_code(tmp_path: Path) -> None:
    entries = [{"hf_subset": code, "ndcg_at_10": 0.5} for code in ("swh", "yor", "zho_Hans")]
    path = write(tmp_path / "R.json", RESULT | {"scores": {"dev": entries}})
    assert read_mteb(path, "m").rows[0].languages == ("sw", "yo", "zh")
    entries.append({"hf_subset": "sw", "ndcg_at_10": 0.5})
    with pytest.raises(DataError, match="it has sw twice"):
        read_mteb(write(path, RESULT | {"scores": {"dev": entries}}), "m")


@pytest.mark.parametrize("version", ["", ".v2"])
def test_hard_negatives_are_miracl_where_the_pool_is(version: str, tmp_path: Path) -> None:
    task = f"MIRACLRetrievalHardNegatives{version}"
    entries = [
        {"hf_subset": code, "ndcg_at_10": (10 + place) / 100, "recall_at_100": 0.5}
        for place, code in enumerate(("ar", "bn", "sw", "th", "yo"))
    ]
    value = {"task_name": task, "scores": {"dev": entries}}
    run = Run(tmp_path / "runs" / "m")
    rows = import_mteb(write(tmp_path / "R.json", value), run).rows
    assert [(row.dataset, row.metric, row.languages) for row in rows] == [
        ("miracl", "nDCG@10", ("bn", "sw", "yo")),
        ("miracl", "R@100", ("bn", "sw", "yo")),
        (HARD_NEGATIVES, "nDCG@10", ("ar", "th")),
        (HARD_NEGATIVES, "R@100", ("ar", "th")),
    ]
    assert rows[0].values == {"bn": 0.11, "sw": 0.12, "yo": 0.14}
    assert read_means(run) == rows
    assert {MIRACL_DEV[code][1] for code in WHOLE_POOLS} == {297_265, 131_924, 49_043}


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xfe", b"{", b"[" * 200_000, b'{"a": ' + b"9" * 10_000 + b"}", b"PK\x03\x04"],
)
def test_what_is_no_json(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "R.json"
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"R\.json is not an MTEB result: no"):
        read_mteb(path, "m")


def test_what_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nosuch.json"):
        with pytest.raises(DataError, match="Cannot read"):
            read_mteb(path, "m")
