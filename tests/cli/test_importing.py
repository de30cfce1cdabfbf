"""``hybench import``: others' results beside ours."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import names_in, next_command, refused, works
from tests.importing.test_mteb import RESULT

FILES = "trec/toy.{setting}.{lang}-{corpus}.run"


def export() -> None:
    """Write the run mono as TREC files, whole."""
    done = works("eval", "mono", "--data", "toy", "--export-trec", "trec")
    assert "TREC files in trec." in done.err


def test_a_round_trip_is_no_difference(copied: Path) -> None:
    export()
    done = works("import", "trec", FILES, "--data", "toy", "--name", "theirs")
    assert "theirs on toy (test) · multi" in done.out
    assert done.out.splitlines()[-1].startswith("language bias of theirs: RankDistance ")
    assert "warning" not in done.err
    assert next_command(done) == ["compare", "runs", "--data", "toy"]
    value = json.loads(works("compare", "mono", "theirs", "--data", "toy", "--json").out)
    assert [each["setting"] for each in value["comparisons"]] == ["mono", "cross", "multi"]
    for comparison in value["comparisons"]:
        for row in comparison["rows"]:
            assert row["cells"]["theirs"]["value"] == row["cells"]["mono"]["value"]
            assert row["cells"]["theirs"]["difference"]["value"] == 0
    rows = [line.split() for line in works("status", "theirs").out.splitlines()]
    assert ["theirs", "done"] in [row[:2] for row in rows]
    assert "files checked" in works("info", "--check", "runs/theirs").err


def test_judgements_of_its_own(copied: Path) -> None:
    export()
    command = ("import", "trec", "trec/toy.mono.{lang}-{lang}.run")
    qrels = ("--qrels", "trec/toy.mono.{lang}-{lang}.qrels")
    done = works(*command, *qrels, "--dataset", "elsewhere", "-l", "yo")
    assert names_in(copied / "runs" / "toy.mono" / "results") == [
        *("elsewhere.json", "elsewhere.parquet")
    ]
    assert next_command(done) == ["compare", "runs", "--data", "elsewhere"]
    assert "elsewhere (test)" in works(*next_command(done)).out
    works(*command, *qrels, "--data", "toy", "--name", "both")
    (copied / "trec" / "toy.mono.yo-yo.qrels").write_text("f080 0 f080 0\n")
    said = refused(1, *command, *qrels, "--data", "toy", "--name", "both")
    assert "toy.mono.yo-yo.qrels differs in" in said


def test_what_is_missing_is_said(copied: Path) -> None:
    export()
    path = copied / "trec" / "toy.mono.yo-yo.run"
    lines = path.read_text().splitlines()
    first = lines[0].split()[0]
    some = [line for line in lines if not line.startswith(first) and " 9" not in line]
    path.write_text("\n".join([*some, "nobody Q0 f000 1 1 t"]))
    done = works("import", "trec", path, "--data", "toy", "-l", "yo", "--name", "cut")
    assert "warning: 1 query without a hit, scored 0: mono yo in yo 1." in done.err
    assert (
        "warning: 1 query of the files omitted, without a judgement: mono yo in yo 1." in done.err
    )


def test_shallow_rankings_are_said(copied: Path) -> None:
    kept = ("--ranking-depth", "10", "--export-trec", "trec")
    said = works("eval", "mono", "--data", "toy", *kept).err
    assert "the first 10 hits of each ranking; the metrics count all" in said
    path = copied / "trec" / "toy.multi.yo-all.run"
    multi = ("--setting", "multi")
    done = works("import", "trec", path, "--data", "toy", "-l", "yo", "--name", "shallow", *multi)
    assert "warning: multi yo in all: 10 hits are fewer than the metrics need" in done.err
    said = works("compare", "mono", "shallow", "--data", "toy", *multi).out
    assert "Different depths of ranking: mono full, shallow 10." in said


def test_an_import_replaces_results_only_by_force(copied: Path) -> None:
    export()
    path = copied / "trec" / "toy.mono.yo-yo.run"
    again = ("import", "trec", path, "--data", "toy", "-l", "yo", "--name", "other")
    works(*again)
    before = (copied / "runs" / "other" / "results" / "toy.json").read_bytes()
    assert "Run other has results on toy already." in refused(1, *again)
    assert (copied / "runs" / "other" / "results" / "toy.json").read_bytes() == before
    works(*again, "--force")


@pytest.mark.parametrize(
    ("flags", "code", "says"),
    [
        ((), 2, "--data: which set was searched?"),
        (("--data", "toy", "--dataset", "mine"), 2, "--data and --dataset are both given."),
        (("--dataset", "mine"), 2, "has no judgements to score it with."),
        (("--dataset", "a/b", "--qrels", "a.qrels"), 2, "--dataset: 'a/b'"),
        (("--data", "nosuch"), 2, "No data set 'nosuch'"),
        (("--data", "toy", "--metrics", "MAP"), 2, "There is no metric 'MAP'."),
        (("--data", "toy", "--setting", "any"), 2, "'--setting': 'any' is not one of"),
        (("--data", "toy", "--split", "train"), 2, "no split train"),
        (
            ("--data", "toy", "--languages", "en,de"),
            2,
            "--languages: which language are the queries of",
        ),
        (("--data", "toy", "--languages", "fr"), 2, "no language fr here"),
        (("--data", "toy", "--name", "../up"), 2, "--name"),
        (("--data", "toy", "--name", "mono"), 1, "Run mono exists and was not imported"),
        (("--data", "toy"), 1, "none of its queries is judged in toy (test)"),
        (("--dataset", "mine", "--qrels", "nosuch"), 1, "nosuch"),
    ],
)
def test_a_wrong_choice(flags: tuple[str, ...], code: int, says: str, copied: Path) -> None:
    (copied / "a.run").write_text("q1 Q0 p1 1 0.5 t\n")
    (copied / "a.qrels").write_text("q1 0 p1 1\n")
    language = () if "--languages" in flags else ("--languages", "yo")
    before = names_in(copied.parent), names_in(copied)
    assert says in refused(code, "import", "trec", "a.run", *language, *flags)
    assert (names_in(copied.parent), names_in(copied)) == before
    assert not (copied / "runs" / "a").exists()


def test_means_of_mteb(copied: Path) -> None:
    path = copied / "BAAI__bge-m3" / "5617a9f" / "MIRACLRetrieval.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(RESULT))
    done = works("import", "mteb", path)
    assert (
        "runs/BAAI__bge-m3: miracl (dev), nDCG@10, R@100 of ko ru; AP@1000, RR@10 of ru."
    ) in done.err
    assert "add runs evaluated on miracl@dev" in done.err
    assert next_command(done) == ["compare", "runs/BAAI__bge-m3"]
    alone = works(*next_command(done)).out
    assert "miracl (dev) · mono · nDCG@10 ×100, means alone" in alone
    assert "BAAI__bge-m3  24.5  15.4" in alone
    out = works("compare", "runs", "--data", "toy", "--setting", "mono").out
    assert (
        "BAAI__bge-m3 has imported means of miracl (dev), which do not match this comparison"
        in " ".join(out.split())
    )
    said = refused(1, "import", "mteb", path)
    assert "Run BAAI__bge-m3 has means of MIRACLRetrieval already." in said
    works("import", "mteb", path, "--force")
    rows = [line.split() for line in works("status").out.splitlines()]
    assert ["BAAI__bge-m3", "done"] in [row[:2] for row in rows]
    works("info", "--check", "runs/BAAI__bge-m3")
    said = refused(2, "eval", "BAAI__bge-m3", "--data", "toy")
    assert "was imported and has no model." in said


def test_tasks_of_mteb_add_to_one_run(empty: Path) -> None:
    folder = empty / "BAAI__bge-m3" / "5617a9f"
    folder.mkdir(parents=True)
    (folder / "MIRACLRetrieval.json").write_text(json.dumps(RESULT))
    hard = RESULT | {
        "task_name": "MIRACLRetrievalHardNegatives",
        "scores": {"dev": [{"hf_subset": code, "ndcg_at_10": 0.5} for code in ("ru", "swh")]},
    }
    (folder / "MIRACLRetrievalHardNegatives.json").write_text(json.dumps(hard))
    for file in sorted(folder.iterdir(), reverse=True):
        done = works("import", "mteb", file, "--runs-dir", "r")
    assert next_command(done) == ["compare", "r/BAAI__bge-m3"]
    out = works(*next_command(done)).out
    assert [line.split() for line in out.splitlines() if line.startswith("BAAI__bge-m3 ")] == [
        ["BAAI__bge-m3", "24.5", "15.4", "50.0"],
        ["BAAI__bge-m3", "50.0"],
    ]
    assert "miracl-hard-negatives (dev) · mono · nDCG@10" in out
    one = works("compare", "r", "--data", "miracl@dev", "-l", "rus", "--metric", "map_at_1000").out
    assert "AP@1000" in one
    assert "ko" not in one
    scores = json.loads(works("compare", "r", "--json").out)["scores"]
    assert {score["language"]: score["value"] for score in scores} == {
        "ko": 0.24521, "ru": 0.5, "sw": 0.5
    }  # fmt: skip
    assert "They have: miracl@dev nDCG@10" in refused(2, "compare", "r", "--data", "toy").replace(
        "\n  ", " "
    )
    assert "only imported means" in refused(2, "compare", "r", "--format", "html")
    works("import", "mteb", folder / "MIRACLRetrieval.json", "--runs-dir", "r", "--force")
    assert json.loads(works("compare", "r", "--json").out)["scores"] == scores
    (empty / "r" / "BAAI__bge-m3" / "means.json").write_text("{")
    assert "cannot be read as JSON" in refused(1, "compare", "r")
    again = ("import", "mteb", folder / "MIRACLRetrieval.json", "--runs-dir", "r")
    assert "has damaged means already" in refused(1, *again)
    works("import", "mteb", folder / "MIRACLRetrieval.json", "--runs-dir", "r", "--force")
    assert "50.0" not in works("compare", "r").out


def test_undefined_means_are_told_in_one_line(empty: Path) -> None:
    codes = ("ar", "bn", "de", "en", "es", "fa")
    nothing = {f"recall_at_{cutoff}": None for cutoff in (1, 3, 5, 10, 20, 100)}
    entries = [{"hf_subset": code, "ndcg_at_10": 0.5, **nothing} for code in codes]
    (empty / "R.json").write_text(json.dumps(RESULT | {"scores": {"dev": entries}}))
    said = works("import", "mteb", "R.json", "--name", "x").err
    assert said.count("warning") == 1
    assert (
        "warning: R@1, R@3, R@5 and 3 more of ar bn de and 3 more are undefined in R.json"
    ) in said


def test_means_that_are_none(copied: Path) -> None:
    Path("R.json").write_text("[1, 2")
    assert "'../x' cannot be a folder" in refused(2, "import", "mteb", "R.json", "--name", "../x")
    assert "R.json does not say which model" in refused(2, "import", "mteb", "R.json")
    said = refused(1, "import", "mteb", "R.json", "--name", "x")
    assert "R.json is not an MTEB result: not JSON" in said
    assert "There is no nosuch.json." in refused(2, "import", "mteb", "nosuch.json")
    assert not (copied / "runs" / "x").exists()
    assert not Path("runs/x/config.toml").exists()
    Path("runs/x").mkdir()
    Path("runs/x/config.toml").write_text('kind = "imported"\nformat = "mteb"\n')
    Path("runs/x/means.json").write_text("{")
    assert "means.json cannot be read as JSON" in refused(1, "compare", "runs", "--data", "toy")


def test_nothing_is_published_of_this_set(here: Path) -> None:
    said = refused(2, "compare", "runs", "--data", "toy", "--published", "pyserini:bm25")
    assert "nothing of pyserini:bm25 is published for toy (test) · mono/cross/multi · AP." in said
    assert "hybench published lists" in said
    said = refused(2, "compare", "runs", "--data", "toy", "--published", "labse/")
    assert "Choose one: LaBSE/X-X-mono, LaBSE/X-Y, LaBSE/hybrid." in said
