"""``hybench import``: others' results beside ours."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import names_in, next_command, refused, works
from tests.compare.test_mteb import RESULT

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
        "warning: 1 query of the files left out, without a judgement: mono yo in yo 1." in done.err
    )


def test_shallow_rankings_are_said(copied: Path) -> None:
    kept = ("--ranking-depth", "10", "--export-trec", "trec")
    said = works("eval", "mono", "--data", "toy", *kept).err
    assert "the first 10 hits of each ranking, of which the metrics count all" in said
    path = copied / "trec" / "toy.multi.yo-all.run"
    multi = ("--setting", "multi")
    done = works("import", "trec", path, "--data", "toy", "-l", "yo", "--name", "shallow", *multi)
    assert "warning: multi yo in all: 10 hits are fewer than the set's metrics look" in done.err
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
        (("--data", "toy", "--dataset", "mine"), 2, "--data and --dataset: one set."),
        (("--dataset", "mine"), 2, "has no judgements to be scored by."),
        (("--dataset", "a/b", "--qrels", "a.qrels"), 2, "--dataset: 'a/b'"),
        (("--data", "nosuch"), 2, "No data set 'nosuch'"),
        (("--data", "toy", "--metrics", "AP"), 2, "--metrics: the set with --data has its own."),
        (("--data", "toy", "--setting", "any"), 2, "'--setting': 'any' is not one of"),
        (("--data", "toy", "--split", "train"), 2, "no split train"),
        (("--data", "toy", "--languages", "en,de"), 2, "--languages: of which language"),
        (("--data", "toy", "--languages", "fr"), 2, "no language fr here"),
        (("--data", "toy", "--name", "../up"), 2, "--name"),
        (("--data", "toy", "--name", "mono"), 1, "Run mono is there and was not imported"),
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
    assert "runs/BAAI__bge-m3: 4 metrics of miracl (dev) in ko ru; means alone" in done.err
    assert next_command(done) == ["compare", "runs"]
    out = works("compare", "runs", "--data", "toy", "--setting", "mono").out
    assert "BAAI__bge-m3 has imported means of miracl (dev), none of what is compared" in " ".join(
        out.split()
    )
    assert "Run BAAI__bge-m3 has means already." in refused(1, "import", "mteb", path)
    works("import", "mteb", path, "--force")
    assert "BAAI__bge-m3 has means alone" in refused(1, "compare", "runs/BAAI__bge-m3")
    rows = [line.split() for line in works("status").out.splitlines()]
    assert ["BAAI__bge-m3", "done"] in [row[:2] for row in rows]
    works("info", "--check", "runs/BAAI__bge-m3")
    said = refused(2, "eval", "BAAI__bge-m3", "--data", "toy")
    assert "was imported, and has no model." in said


def test_means_that_are_none(copied: Path) -> None:
    Path("R.json").write_text("[1, 2")
    assert "'../x' cannot be a folder" in refused(2, "import", "mteb", "R.json", "--name", "../x")
    assert "R.json does not say which model" in refused(2, "import", "mteb", "R.json")
    said = refused(1, "import", "mteb", "R.json", "--name", "x")
    assert "R.json is no result of MTEB: no JSON" in said
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
