"""Published means beside runs: the same queries, passages, setting, metric and split, or not."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from hybench.comparison.gather import CompareOptions
from hybench.comparison.layout import sheet
from hybench.comparison.model import Comparison
from hybench.comparison.published_columns import MARK, MIRACL_DEV, Bed, split_imported
from hybench.comparison.render import to_csv, to_json, to_markdown
from hybench.comparison.table import compare
from hybench.data.sources.miracl.source import SHARDS
from hybench.data.sources.mlqa_r import MLQA_R
from hybench.data.sources.xquad_r import QUESTIONS
from hybench.errors import StateError, UsageError
from hybench.files.documents import write_json
from hybench.importing.published import MEANS_FORMAT, stored_means
from hybench.runs.run import Run
from tests.comparison.conftest import MakeRun, Row, mono
from tests.data.conftest import CANDIDATES

YO = {"yo": [0.25, 0.75] * 59 + [0.5]}
SW = {"sw": [0.5] * 482}
POOLS = {"yo": 49_043, "sw": 131_924}


def one(runs: list[Run], *published: str, **options: Any) -> Comparison:
    chosen = CompareOptions(draws=100, published=published, **options)
    [comparison] = compare(runs, chosen)
    return comparison


def miracl(make_run: MakeRun, name: str = "a", scores: Any = None, **info: Any) -> Run:
    given = {"key": "mine", "split": "dev", "pools": POOLS} | info
    return make_run(name, mono(YO | SW if scores is None else scores), **given)


def test_a_set_is_known_by_what_it_holds(make_run: MakeRun) -> None:
    found = one([miracl(make_run)], "pyserini:bm25")
    [column] = found.published
    assert column.label == "pyserini:bm25"
    by_row = dict(zip([row.label for row in found.rows], column.values, strict=True))
    assert by_row["yo"] == 0.4059
    assert by_row["sw"] == 0.3826
    assert by_row["AVG"] == pytest.approx((0.4059 + 0.3826) / 2)
    assert column.sources == ("castorini/pyserini@0a0be2960d33 pyserini/2cr/miracl.yaml#bm25",)


def test_an_average_needs_all_its_languages(make_run: MakeRun) -> None:
    found = one([miracl(make_run)], "XLM-R/hybrid", "xlm-r/x-y")
    assert [column.label for column in found.published] == ["XLM-R/hybrid", "XLM-R/X-Y"]
    values = dict(zip([row.label for row in found.rows], found.published[0].values, strict=True))
    assert values["sw"] == 0.3348
    assert values["yo"] is None
    assert values["AVG"] is None


def test_another_metric_has_its_own_values(make_run: MakeRun) -> None:
    run = make_run("a", mono(YO, "R@100"), key="mine", split="dev", pools=POOLS)
    found = one([run], "pyserini:bm25", metric="R@100")
    assert found.published[0].values[0] == 0.7325


def test_it_is_shown_and_explained_everywhere(make_run: MakeRun) -> None:
    runs = [miracl(make_run, "a"), miracl(make_run, "b", {"yo": [0.1] * 119, "sw": [0.2] * 482})]
    found = one(runs, "paper:bge-m3-all", "XLM-R/hybrid")
    shown = sheet(found)
    assert shown.header[-2:] == (f"paper:bge-m3-all {MARK}", f"XLM-R/hybrid {MARK}")
    by_label = {line.entries[0].text: line.entries for line in shown.lines}
    assert [entry.text for entry in by_label["yo"][-2:]] == ["83.5", "—"]
    assert not any(line.entries[-2].mark for line in shown.lines)
    assert by_label["yo"][2].mark.endswith("*")  # the better run, not the better publication
    said = " ".join(shown.notes)
    assert "no per-query values, so no test, and none counts as the best" in said
    assert f"XLM-R/hybrid {MARK}: arXiv 2408.10536 Table 12." in shown.notes
    assert f"| paper:bge-m3-all {MARK} |" in to_markdown([found])
    [value] = json.loads(to_json([found]))["comparisons"]
    assert [each["label"] for each in value["published"]] == ["paper:bge-m3-all", "XLM-R/hybrid"]
    assert len(value["published"][0]["values"]) == len(value["rows"])
    rows = list(csv.DictReader(io.StringIO(to_csv([found]))))
    of_paper = [row for row in rows if row["run"] == "paper:bge-m3-all"]
    assert {row["language"]: row["value"] for row in of_paper}["yo"] == "0.835"
    assert all(row["source"].startswith("BGE-M3 paper") for row in of_paper)
    assert {row["difference"] for row in of_paper} == {""}
    assert {row["source"] for row in rows if row["run"] == "a"} == {""}
    assert not [row for row in rows if row["run"] == "XLM-R/hybrid" and row["language"] == "yo"]


@pytest.mark.parametrize(
    "info",
    [
        {"split": "test"},
        {"pools": {"yo": 49_042, "sw": 131_924 // 2}},
        {"pools": {}},
        {"scores": {"yo": [0.5] * 118, "sw": [0.5] * 481}},
    ],
)
def test_other_queries_or_passages_are_not_the_same_thing(
    info: dict[str, Any], make_run: MakeRun
) -> None:
    with pytest.raises(UsageError, match=r"nothing of pyserini:bm25 is published for mine") as said:
        one([miracl(make_run, **info)], "pyserini:bm25")
    assert "Nothing is: hybench published lists" in said.value.do


def test_one_language_of_another_size_is_left_out(make_run: MakeRun) -> None:
    run = miracl(make_run, pools=POOLS | {"sw": 1000})
    found = one([run], "pyserini:bm25")
    values = dict(zip([row.label for row in found.rows], found.published[0].values, strict=True))
    assert values == {"sw": None, "yo": 0.4059, "AVG": None}


def test_what_is_published_instead_is_named(make_run: MakeRun) -> None:
    with pytest.raises(UsageError) as said:
        one([miracl(make_run, scores=YO)], "XLM-R/hybrid")
    assert "mine (dev) · mono · nDCG@10" in said.value.what
    assert said.value.do.startswith("Published of it: ")
    assert "pyserini:bm25," in said.value.do
    assert "XLM-R/" not in said.value.do


def xquad(languages: list[str], setting: str, metric: str = "AP") -> list[Row]:
    corpus = {"multi": ["all"], "mono": None, "cross": languages}[setting]
    return [
        (setting, language, other, f"q{at}", metric, 0.5)
        for language in languages
        for other in (corpus or [language])
        for at in range(QUESTIONS)
        if setting != "cross" or other != language
    ]


def test_settings_of_xquad_r(make_run: MakeRun) -> None:
    every = list(CANDIDATES)
    rows = [*xquad(every, "mono"), *xquad(every, "multi")]
    pools = CANDIDATES | {"all": sum(CANDIDATES.values())}
    info: dict[str, Any] = {"metrics": ("AP",), "pools": pools}
    run = make_run("a", rows, key="q", **info)
    options = CompareOptions(draws=100, metric="AP", published=("XLM-R/hybrid", "lareqa-mbert/x-y"))
    in_mono, in_multi = compare([run], options)
    average = [row.label for row in in_mono.rows].index("AVG")
    assert [column.label for column in in_mono.published] == ["XLM-R/hybrid"]
    assert in_mono.published[0].values[average] == pytest.approx(0.7977, abs=5e-5)
    assert [column.label for column in in_multi.published] == ["XLM-R/hybrid", "LAReQA-mBERT/X-Y"]
    assert in_multi.published[0].values[average] == pytest.approx(0.5927, abs=5e-5)
    of_mean_alone = in_multi.published[1].values
    assert of_mean_alone[average] == 0.66
    assert {v for at, v in enumerate(of_mean_alone) if at != average} == {None}


def test_means_of_mlqa_r_want_its_own_queries_and_pools(make_run: MakeRun) -> None:
    sizes = {language: passages for language, (_, passages) in MLQA_R.counts.items()}
    rows: list[Row] = [
        ("multi", language, "all", f"q{at}", "AP", 0.5)
        for language, (asked, _) in MLQA_R.counts.items()
        for at in range(asked)
    ]
    options = CompareOptions(draws=100, metric="AP", published=("XLM-R/hybrid",))
    pools = sizes | {"all": sum(sizes.values())}
    run = make_run("a", rows, key="q", metrics=("AP",), pools=pools)
    [found] = compare([run], options)
    values = dict(zip([row.label for row in found.rows], found.published[0].values, strict=True))
    assert values == dict.fromkeys(values) | {"AVG": 0.5121}
    other = make_run("b", rows[1:], key="q", metrics=("AP",), pools=pools)
    with pytest.raises(UsageError, match="nothing of XLM-R/hybrid is published"):
        compare([other], options)


def test_a_smaller_pool_of_languages_is_another_pool(make_run: MakeRun) -> None:
    some = ["en", "th", "zh"]
    sizes = {language: CANDIDATES[language] for language in some}
    run = make_run(
        "a",
        [*xquad(some, "mono"), *xquad(some, "multi")],
        key="q",
        metrics=("AP",),
        pools=sizes | {"all": sum(sizes.values())},
    )
    options = CompareOptions(draws=100, metric="AP", published=("XLM-R/hybrid",))
    in_mono, in_multi = compare([run], options)
    assert in_mono.published[0].values[0] is not None
    assert in_multi.published == ()


def test_cross_needs_every_language() -> None:
    bed = Bed("x", "test", {"en": (2, 10), "de": (2, 20)})
    whole = {"en": 10, "de": 20, "all": 30}
    assert bed.same_pools("cross", whole) == {"en", "de"}
    assert bed.same_pools("cross", {"en": 10}) == set()
    assert bed.same_pools("cross", whole | {"yo": 5}) == set()
    assert bed.same_pools("mono", whole | {"de": 21}) == {"en"}
    assert bed.same_pools("multi", whole) == {"en", "de"}
    assert bed.same_pools("multi", {"all": 31}) == set()


def test_sizes_of_miracl() -> None:
    assert set(MIRACL_DEV) == set(SHARDS)
    # A shard holds half a million passages.
    shards = {language: -(-size // 500_000) for language, (_, size) in MIRACL_DEV.items()}
    assert shards == SHARDS
    # The paper's Table 11 swaps en and es and misprints ar.
    queries = {language: MIRACL_DEV[language][0] for language in ("en", "es", "ar")}
    assert queries == {"en": 799, "es": 648, "ar": 2896}
    surprise = sum(MIRACL_DEV[language][0] for language in ("de", "yo"))
    assert sum(asked for asked, _ in MIRACL_DEV.values()) == 13_071 + surprise


def means(make_run: MakeRun, name: str = "theirs", **row: Any) -> Run:
    run = make_run(name, config={"kind": "imported", "format": "mteb"})
    of = {
        "dataset": "miracl", "split": "dev", "setting": "mono", "metric": "nDCG@10",
        "system": name, "source": "a file", "values": {"yo": 0.7, "sw": 0.6},
    }  # fmt: skip
    write_json(run.means, {"format": MEANS_FORMAT, "scores": [of | row]})
    return run


def test_imported_means_are_a_published_column(make_run: MakeRun) -> None:
    found = one([miracl(make_run), means(make_run)])
    assert [column.label for column in found.columns] == ["a"]
    assert found.published[0].label == "theirs"
    assert sorted(found.published[0].values, key=str) == [0.6, pytest.approx(0.65), 0.7]
    assert f"theirs {MARK}: a file." in found.notes


def test_imported_means_of_something_else_are_noted(make_run: MakeRun) -> None:
    found = one([miracl(make_run, split="test"), means(make_run)])
    assert found.published == ()
    assert found.notes[-1] == (
        "theirs has imported means of miracl (dev), which do not match this comparison; compare "
        "it alone to see them."
    )


def test_what_is_another_set_is_noted_beside_what_is_shown(make_run: MakeRun) -> None:
    run = means(make_run)
    rows = stored_means(run) or ()
    hard = [replace(row, dataset="miracl-hard-negatives") for row in rows[:1]]
    scores = [asdict(row) for row in (*rows, *hard)]
    write_json(run.means, {"format": MEANS_FORMAT, "scores": scores})
    found = one([miracl(make_run), run])
    assert [column.label for column in found.published] == ["theirs"]
    assert "theirs has imported means of miracl-hard-negatives (dev)" in found.notes[-1]


def test_means_alone_cannot_be_compared(make_run: MakeRun) -> None:
    with pytest.raises(StateError, match="theirs has only means"):
        compare([means(make_run)])
    assert split_imported([]) == ([], [])
