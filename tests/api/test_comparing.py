"""Comparing runs through Python."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import hybench
from hybench.api.comparing import MeansAlone, RunsCompared
from hybench.api.studying import Studied
from hybench.errors import UsageError
from hybench.runs.run import Run
from hybench.studies.status import StudyStatus
from tests.cli.program import works


def tables(*runs: object) -> RunsCompared:
    found = hybench.compare(list(runs) or "runs")  # type: ignore[arg-type]
    assert isinstance(found, RunsCompared)
    return found


def test_a_comparison_is_the_table_that_the_command_line_shows(here: Path) -> None:
    found = tables()
    assert repr(found) == works("compare", "runs", "--format", "md").out
    html = found._repr_html_()
    assert html.count("<table>") == 3
    assert "mono" in html


def test_names_runs_and_folders_mean_the_same(here: Path) -> None:
    expected = repr(tables("mono", "hybrid"))
    runs = here / "runs"
    assert repr(tables(Run(runs / "mono"), runs / "hybrid")) == expected
    assert repr(tables("runs/mono", Path("runs/hybrid"))) == expected


def test_the_frame_holds_the_numbers_of_the_csv(here: Path) -> None:
    frame = tables().to_frame()
    file = pl.read_csv(
        works("compare", "runs", "--format", "csv").out.encode(), infer_schema_length=None
    )
    assert frame.columns == file.columns
    assert frame["value"].to_list() == file["value"].to_list()
    assert frame["run"].to_list() == file["run"].to_list()
    assert frame.schema["difference"] == pl.Float64
    assert frame.schema["significant"] == pl.Int64


def test_the_frames_types_do_not_hang_on_what_is_in_it(here: Path) -> None:
    one, all_of_them = tables("mono").to_frame(), tables().to_frame()
    assert one["difference"].null_count() == len(one)
    assert one.schema == all_of_them.schema
    assert pl.concat([one, all_of_them]).height == len(one) + len(all_of_them)


def test_a_comparison_is_saved_in_the_format_that_the_name_asks_for(
    here: Path, tmp_path: Path
) -> None:
    found = tables()
    found.save(tmp_path / "table.json")
    assert json.loads((tmp_path / "table.json").read_text("utf-8"))["format"] == 1
    found.save(tmp_path / "table.html")
    assert "<!doctype html>" in (tmp_path / "table.html").read_text("utf-8").lower()
    with pytest.raises(UsageError, match="has no known ending"):
        found.save(tmp_path / "table.docx")
    with pytest.raises(UsageError) as raised:
        found.document("tex")
    assert raised.value.do == "Choose one of: json md csv latex html."


def test_conditions_choose_runs(here: Path) -> None:
    found = hybench.compare("runs", where={"alpha": ["1"]})
    assert isinstance(found, RunsCompared)
    assert {column.label for column in found.found.comparisons[0].columns} == {"mono", "bm25"}


def test_means_alone_are_shown_without_tests(here: Path, tmp_path: Path) -> None:
    from tests.importing.test_mteb import RESULT

    file = tmp_path / "MIRACLRetrieval.json"
    file.write_text(json.dumps(RESULT), encoding="utf-8")
    works("import", "mteb", file, "--name", "theirs", "--runs-dir", tmp_path / "runs")
    found = hybench.compare(tmp_path / "runs" / "theirs")
    assert isinstance(found, MeansAlone)
    frame = found.to_frame()
    assert frame["system"].unique().to_list() == ["theirs"]
    assert frame.schema["value"] == pl.Float64
    for shape in ("md", "csv", "json"):
        found.save(tmp_path / f"means.{shape}")
        told = works("compare", tmp_path / "runs" / "theirs", "--format", shape).out
        assert (tmp_path / f"means.{shape}").read_text("utf-8") == told
    with pytest.raises(UsageError, match="nothing to test"):
        found.save(tmp_path / "means.html")


def test_what_a_study_gave_is_compared(here: Path) -> None:
    found = Studied(Path("runs"), StudyStatus("runs", (), ()))
    assert repr(hybench.compare(found)) == repr(tables())
