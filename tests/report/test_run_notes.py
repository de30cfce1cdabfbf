"""What people noted of runs, in the documents of a comparison."""

from __future__ import annotations

from hybench.comparison.gather import CompareOptions
from hybench.report.export import compared, document
from hybench.report.run_notes import notes_sheet
from hybench.runs.notes import RunNotes, write_notes
from tests.report.conftest import MakeArms

OPTIONS = CompareOptions(draws=100)


def test_notes_are_in_markdown_and_html_alone(make_arms: MakeArms) -> None:
    base, other = make_arms(["base", "other"])
    before = {shape: document(compared([base, other], OPTIONS), shape) for shape in ("md", "csv")}
    assert notes_sheet([base, other]) is None
    write_notes(other.path, RunNotes(("good", "kept"), "lr was | too high"))
    found = compared([base, other], OPTIONS)
    text = document(found, "md")
    assert text.startswith(before["md"])
    added = text[len(before["md"]) :].strip().splitlines()
    assert added[0] == "### Noted of the runs"
    assert added[2] == "| run | tags | note |"
    assert added[4:] == ["| other | #good #kept | lr was \\| too high |"]
    assert document(found, "csv") == before["csv"]
    assert "#good #kept lr was | too high" in document(found, "html")
