"""Sheets as HTML."""

from __future__ import annotations

from html.parser import HTMLParser

from hybench.wording.html_table import sheet_html
from hybench.wording.text_table import Entry, Line, Sheet

HOSTILE = '<script>alert("x")</script> & <b>'


class Cells(HTMLParser):
    """Collects the text of cells, and every tag."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip()


def test_what_stands_in_a_sheet_stands_in_the_table_and_steers_nothing() -> None:
    lines = (
        Line((Entry("sw"), Entry("50.0", "better", "▲"))),
        Line((Entry(HOSTILE), Entry("—", "quiet")), ruled=True),
    )
    sheet = Sheet(HOSTILE, ("lang", HOSTILE), 1, lines, HOSTILE, (HOSTILE,), (HOSTILE,))
    html = sheet_html(sheet)
    found = Cells()
    found.feed(html)
    assert found.tags == {
        *("p", "strong", "table", "thead", "tbody", "tr", "th", "td", "small", "ul", "li")
    }
    assert found.rows[0] == ["lang", HOSTILE]
    assert found.rows[1] == ["sw", "50.0▲"]
    assert found.rows[2][0] == HOSTILE
    assert html.count("border-top") == 2
