"""``hybench compare``: formats, files, and runs that do not compare."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from hybench.files.documents import read_json, write_json
from tests.cli.program import refused, works

COMPARE = ("compare", "runs", "--data", "toy")


def test_a_table_per_setting(here: Path) -> None:
    done = works(*COMPARE)
    for setting in ("mono", "cross", "multi"):
        assert f"toy (test) · {setting} · AP ×100" in done.out
    header = next(line for line in done.out.splitlines() if line.startswith("lang"))
    assert header.split() == ["lang", "n", "bm25", "hybrid", "mono", "detectable"]
    assert "Next: " in done.err


def test_runs_by_name_and_their_order(here: Path) -> None:
    done = works("compare", "runs/mono", "runs/bm25", "--setting", "multi", "--baseline", "bm25")
    assert "· mono ·" not in done.out
    header = next(line for line in done.out.splitlines() if line.startswith("lang"))
    assert header.split()[2:4] == ["mono", "bm25"]
    assert "baseline bm25 (as asked for)" in " ".join(done.out.split())
    names = ("compare", "mono", "bm25", "--setting", "multi", "--baseline", "bm25")
    assert works(*names).out == done.out


def test_json(here: Path) -> None:
    done = works(*COMPARE, "--json")
    assert done.err == ""
    value = json.loads(done.out)
    assert [each["setting"] for each in value["comparisons"]] == ["mono", "cross", "multi"]
    assert value["comparisons"][0]["baseline"] == "mono"
    assert done.out == works(*COMPARE, "--format", "json").out


def test_csv(here: Path) -> None:
    done = works(*COMPARE, "--format", "csv", "--setting", "mono", "-l", "yo")
    rows = [row for row in csv.DictReader(io.StringIO(done.out)) if row["kind"] == "language"]
    assert [(row["run"], row["language"]) for row in rows] == [
        *(("bm25", "yo"), ("hybrid", "yo"), ("mono", "yo"))
    ]
    assert float(rows[0]["value"]) == 1.0
    assert done.err == ""


def test_markdown_is_what_a_file_gets(here: Path, tmp_path: Path) -> None:
    done = works(*COMPARE, "--format", "md", "--metric", "nDCG@10")
    lines = done.out.splitlines()
    assert lines[0] == "### toy (test) · mono · nDCG@10 ×100"
    assert any(line.startswith("| lang | n | bm25 |") for line in lines)
    path = tmp_path / "table.md"
    written = works(*COMPARE, "--metric", "nDCG@10", "-o", path)
    assert written.out == ""
    assert f"Written to {path}." in written.err
    assert path.read_text(encoding="utf-8") == done.out


@pytest.mark.parametrize(
    ("name", "format_"),
    [("a.json", "json"), ("a.CSV", "csv"), ("a.tex", "latex"), ("a.html", "html"), ("a.md", "md")],
)
def test_the_suffix_says_the_format(name: str, format_: str, here: Path, tmp_path: Path) -> None:
    works(*COMPARE, "--setting", "mono", "-o", tmp_path / name)
    asked = works(*COMPARE, "--setting", "mono", "--format", format_)
    written = (tmp_path / name).read_text(encoding="utf-8")
    assert written.rstrip() == asked.out.rstrip()


def test_a_format_asked_for_comes_before_the_suffix(here: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    works(*COMPARE, "--format", "csv", "-o", path)
    assert path.read_text(encoding="utf-8").startswith("dataset,split,")
    works(*COMPARE, "--format", "table", "-o", path)
    assert path.read_text(encoding="utf-8").startswith("### toy (test)")
    assert works(*COMPARE, "-o", "-").out == works(*COMPARE, "--format", "md").out


def test_no_folder_is_made_for_a_file(here: Path, tmp_path: Path) -> None:
    refused(2, *COMPARE, "--curve", "alpha", "-o", tmp_path / "new" / "table.md")
    assert not (tmp_path / "new").exists()


def test_a_piped_table_is_not_cut(copied: Path) -> None:
    for number in range(9):
        shutil.copytree("runs/mono", f"runs/a-run-with-a-long-name-{number}")
    done = works(*COMPARE, "--setting", "mono")
    header = next(line for line in done.out.splitlines() if line.startswith("lang"))
    assert all(f"a-run-with-a-long-name-{number}" in header for number in range(9))
    assert "…" not in done.out


def test_a_run_without_results_is_left_out_and_named(copied: Path) -> None:
    shutil.copytree("other/unfinished", "runs/unfinished")
    done = works(*COMPARE, "--setting", "mono")
    header = next(line for line in done.out.splitlines() if line.startswith("lang"))
    assert header.split()[2:5] == ["bm25", "hybrid", "mono"]
    left_out = "Left out, as their training is not finished: unfinished."
    assert f"{left_out} Finish its training: hybench train --resume" in " ".join(done.out.split())
    (table,) = json.loads(works(*COMPARE, "--setting", "mono", "--json").out)["comparisons"]
    assert [column["label"] for column in table["columns"]] == ["bm25", "hybrid", "mono"]
    assert "unfinished" in table["notes"][0]
    asked = works(*COMPARE, "--setting", "mono", "--baseline", "unfinished")
    assert "The baseline unfinished was not run here" in " ".join(asked.out.split())


def test_a_damaged_config_is_passed_over(copied: Path) -> None:
    whole = works(*COMPARE).out
    shutil.copytree("runs/mono", "runs/broken")
    Path("runs/broken/config.toml").write_text("alpha = = 1")
    done = works(*COMPARE)
    assert done.out == whole
    assert done.err.startswith("warning: Left out broken: runs/broken/config.toml ")
    said = refused(1, "compare", "runs/broken", "runs/mono", "--data", "toy")
    assert "runs/broken/config.toml" in said


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("--setting", "all"), "'--setting': 'all' is not one of 'mono', 'cross', 'multi'."),
        (("--metric", "MRR"), "--metric: no MRR in the results of toy.\n  Choose: AP nDCG@10"),
        (("--baseline", "nosuch"), "no run 'nosuch' here.\n  Choose one of: bm25 hybrid mono."),
        (("--format", "word"), "'--format': 'word' is not one of 'table', 'json', 'md', 'csv'"),
        (("--languages", "xx"), "no language xx here.\n  Choose from: de en yo."),
        (("--draws", "1"), "--draws is 1."),
        (("--draws", "many"), "'--draws'"),
        (("--seed", "-1"), "--seed is -1."),
        (("-o", "runs"), "--output runs is a folder."),
        (
            ("-o", "new/table.md"),
            "there is no folder new.\n  Make it, or name another: mkdir -p new",
        ),
        (("-o", "table.pdf"), "table.pdf ends in .pdf: the format is unknown"),
        (("-o", "table"), "table has no suffix: the format is unknown"),
        (("nosuch",), "There is no folder runs/nosuch."),
        (("data",), "No runs in data."),
    ],
)
def test_a_wrong_choice(flags: tuple[str, ...], says: str, here: Path) -> None:
    assert says in refused(2, *COMPARE, *flags)


def test_nothing_to_compare(empty: Path) -> None:
    (empty / "runs").mkdir()
    said = refused(2, "compare", "runs")
    assert "No runs in runs." in said
    assert "hybench train" in said
    assert "RUNS" in refused(2, "compare")


def test_no_run_has_results(here: Path) -> None:
    said = refused(1, "compare", "other")
    assert "Run unfinished has no results." in said
    assert "hybench eval" in said
    said = refused(1, "compare", "runs", "--data", "atlas")
    assert "None of the 3 runs has results of atlas." in said
    assert "There are results of: toy." in said


def test_results_on_two_sets_want_a_choice(copied: Path) -> None:
    for run in ("mono", "hybrid", "bm25"):
        works("eval", run, "--data", "silent")
    assert "--data silent | toy" in refused(2, "compare", "runs")
    assert "silent (test)" in works("compare", "runs", "--data", "silent").out


def test_results_on_other_texts_are_refused(copied: Path) -> None:
    manifest = copied / "runs" / "mono" / "results" / "toy.json"
    write_json(manifest, read_json(manifest) | {"fingerprint": "0" * 64})
    said = refused(1, *COMPARE)
    assert "were evaluated on different versions of toy." in said
    assert "hybench eval RUN --data toy" in said


@pytest.mark.parametrize("name", ["toy.json", "toy.parquet"])
def test_damaged_results(name: str, copied: Path) -> None:
    (copied / "runs" / "mono" / "results" / name).write_text("{")
    assert f"runs/mono/results/{name} cannot be read" in refused(1, *COMPARE)
    works("eval", "mono", "--data", "toy")
    works(*COMPARE)


def test_a_file_in_the_way_of_the_output(here: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("not a folder")
    said = refused(1, *COMPARE, "-o", tmp_path / "taken" / "table.md")
    assert "there is a file where a folder must be" in said
