"""The page's structure: whole, self-contained, named, accessible, and the same every time."""

from __future__ import annotations

import re
import sys
from collections import Counter
from datetime import date

import pytest

from hybench.comparison.curves import Curve, CurveLine, Point
from hybench.comparison.gather import CompareOptions
from hybench.comparison.table import compare
from hybench.comparison.verdict import headline, verdicts
from hybench.errors import UsageError
from hybench.files.documents import write_json
from hybench.report.page import html_report
from hybench.runs.run import Run
from hybench.values.languages import MIRACL_LANGUAGES
from tests.comparison.conftest import runs_in
from tests.report.conftest import ARMS, MakeArms, arms_by
from tests.report.pages import Element, read_page, rows

DAY = date(2026, 11, 22)


def curve(field: str, label: str, arms: tuple[str, ...] = ARMS) -> Curve:
    """A curve with a line by arm."""
    places = (0.0, 0.25, 0.5, 1.0) if field == "alpha" else (0.01, 0.1, 0.5, 1.0)
    lines = [
        CurveLine(
            arm,
            tuple(
                Point(
                    x,
                    middle := 0.4 + x / 10 + at / 20,
                    middle - 0.03,
                    middle + 0.04,
                    2,
                    (f"{arm}-{x}-s0", f"{arm}-{x}-s1"),
                )
                for x in places
            ),
        )
        for at, arm in enumerate(arms)
    ]
    return Curve(
        "atlas", "test", "mono", "nDCG@10", field, label, ("sw", "yo"), tuple(lines), ("A note.",)
    )


CURVES = (curve("alpha", "AVG"), curve("share", "yo"))


def report(runs: list[Run], curves: tuple[Curve, ...] = CURVES) -> str:
    """The page of the runs."""
    comparisons = compare(runs, CompareOptions(draws=1000))
    return html_report(runs, comparisons, curves, title="Atlas, six arms", date=DAY)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Element:
    make_arms = arms_by(runs_in(tmp_path_factory.mktemp("arms")))
    return read_page(report(make_arms(ARMS)))


def test_it_needs_nothing_but_itself(make_arms: MakeArms) -> None:
    text = report(make_arms(ARMS))
    page = read_page(text)
    for element in page.all():
        for name, value in element.attributes.items():
            if name in {"href", "src", "srcset", "action", "data"}:
                assert value.startswith("#") or value == "data:,", (element.tag, name, value)
    assert not re.search(r"https?:|@import|url\((?!#)", text)
    assert [script.attributes for script in page.all("script")] == [{}]


def test_ids_are_unique_and_what_points_to_them_finds_them(page: Element) -> None:
    ids = Counter(each.attributes["id"] for each in page.all() if "id" in each.attributes)
    assert [name for name, count in ids.items() if count > 1] == []
    for element in page.all():
        values = element.attributes
        pointed = [values[name] for name in ("for", "aria-labelledby") if name in values]
        if values.get("href", "").startswith("#"):
            pointed.append(values["href"][1:])
        pointed += re.findall(r"url\(#([^)]+)\)", " ".join(values.values()))
        assert [name for name in pointed if name not in ids] == []


def test_language_and_direction(page: Element) -> None:
    (root,) = page.all("html")
    assert root.attributes == {"lang": "en", "dir": "ltr"}


def test_every_picture_has_words_and_every_table_a_name(page: Element) -> None:
    pictures = list(page.all("svg"))
    assert len(pictures) == len(CURVES) + 3 * (len(ARMS) - 1)
    for picture in pictures:
        assert picture.attributes["role"] == "img"
        title = page.by_id(picture.attributes["aria-labelledby"])
        assert title.tag == "title"
        assert len(title.text) > 20
    for table in page.all("table"):
        captions = [each.text for each in table.all("caption")]
        name = table.attributes.get("aria-labelledby")
        assert captions or (name and page.by_id(name).text.strip())
        for head in table.all("th"):
            assert head.attributes["scope"] in {"col", "row"}
    for figure in page.all("figure"):
        assert any(each.text.strip() for each in figure.all("figcaption"))


def test_the_verdict_comes_first(page: Element) -> None:
    (main,) = page.all("main")
    parts = [each.attributes["id"] for each in main.all("section")]
    assert parts == ["verdict", "scores", "maps", "curves", "costs", "configs", "runs"]


def test_the_numbers_are_those_of_the_comparison(make_arms: MakeArms) -> None:
    runs = make_arms(ARMS)
    (mono, *_) = compare(runs, CompareOptions(draws=1000))
    table = rows(read_page(report(runs)).by_id("c0-scores"))
    assert table[0][2 : 2 + len(ARMS)] == list(ARMS)
    for row, shown in zip(mono.rows, table[1:], strict=False):
        assert shown[0].split()[0] == row.label
        for cell, text in zip(row.cells, shown[2:], strict=False):
            assert cell is not None
            assert text.startswith(f"{cell.value * 100:.1f}")
            found = cell.difference
            if found is not None:
                low, high = found.low, found.high
                assert low is not None
                assert high is not None
                numbers = [f"{each * 100:+.1f}" for each in (found.value, low, high)]
                told = "{} [{}, {}]".format(*numbers).replace("-", "−")
                assert told in text
                assert ("▲" in text) == (found.significant and found.value > 0)
                assert ("▼" in text) == (found.significant and found.value < 0)


def test_the_verdict_at_a_glance(make_arms: MakeArms) -> None:
    runs = make_arms(ARMS[:3])
    comparisons = compare(runs, CompareOptions(draws=1000))
    table = rows(read_page(report(runs)).by_id("glance"))
    assert [row[0] for row in table[1:]] == ["mono", "cross", "hybrid"]
    glyphs = {"better": "▲", "worse": "▼", "equivalent": "≈", "undecided": "?"}
    outcomes = set()
    for at, comparison in enumerate(comparisons, start=1):
        assert table[1][at].startswith("baseline")
        (mean,) = [row for row in comparison.rows if row.kind == "mean"]
        for cell, shown in zip(mean.cells[1:], table[2:], strict=True):
            assert cell is not None
            assert cell.difference is not None
            outcomes.add(cell.difference.outcome)
            assert shown[at].startswith(glyphs[cell.difference.outcome])
            assert f"{cell.value * 100:.1f}, " in shown[at]
    assert len(outcomes) > 1


def test_all_of_the_headline_is_said(make_arms: MakeArms) -> None:
    runs = make_arms(ARMS)
    said = plain(read_page(report(runs)).by_id("verdict").text)
    for comparison in compare(runs, CompareOptions(draws=1000)):
        paragraphs = headline(comparison)
        assert len(paragraphs) >= len(ARMS) - 1
        for paragraph in paragraphs:
            assert plain(paragraph) in said
        for verdict in verdicts(comparison):
            assert plain(verdict.sentence) in said


def plain(text: str) -> str:
    """Without what the page sets otherwise: spaces and minus signs."""
    return "".join(text.split()).replace("−", "-")


def test_every_run_and_every_source_of_a_number_is_named(page: Element) -> None:
    text = page.text
    for arm in ARMS:
        assert arm in page.by_id("runs-table").text
        assert f"{arm}-0.5-s1" in text
    curve_table = rows(page.by_id("k0-table"))
    assert curve_table[1][-1] == "mono-0.0-s0, mono-0.0-s1"


def test_costs(page: Element) -> None:
    table = rows(page.by_id("costs-table"))
    assert table[1] == ["mono", "1", "8.0", "76,800", "2.34", "991", *["—"] * 8]
    assert table[-1][:6] == ["distill-kl", "1", "8.0", "76,805", "2.34", "991"]
    assert table[-1][6:] == ["—", "5.2", *["—"] * 5, "3,000"]


def test_configs_show_what_differs(page: Element) -> None:
    differ = {row[0]: row[1:] for row in rows(page.by_id("configs-table"))[1:]}
    assert set(differ) == {"runs", "seeds", "alpha", "strategy", "objective"}
    assert differ["strategy"] == ["hybrid"] * 5 + ["distill"]
    shared = dict(rows(page.by_id("shared-table"))[1:])
    assert shared["batch_size"] == "128"
    assert "alpha" not in shared


def test_environment_says_who_has_what(page: Element) -> None:
    values = dict(rows(page.by_id("environment-table"))[1:])
    assert values["torch"] == "2.13.0"
    assert values["device"].startswith("cpu (mono); cuda (H200) (cross, hybrid,")


@pytest.mark.parametrize(
    ("argv", "command"),
    [
        (["/home/me/venv/bin/hybench", "train", "--name", "a b"], "hybench train --name 'a b'"),
        (["/src/hybench/__main__.py", "study", "run", "s.toml"], "hybench study run s.toml"),
        (["/src/hybench/study/worker.py"], "a cell of a study"),
        ([], "—"),
    ],
)
def test_the_command_of_a_run_has_no_folder_of_its_program(
    make_arms: MakeArms, argv: list[str], command: str
) -> None:
    (run,) = make_arms(("mono",))
    write_json(run.environment_file, {"argv": argv})
    assert rows(read_page(report([run], ())).by_id("runs-table"))[1][-1] == command


def test_a_name_is_never_markup(make_arms: MakeArms) -> None:
    evil = '<script>alert("1")<:script>&amp;"\' onload=x {{7*7}}'
    text = report(make_arms((evil, "hybrid")), (curve("alpha", "AVG", (evil, "hybrid")),))
    page = read_page(text)
    assert len(list(page.all("script"))) == 1
    assert not any("onload" in each.attributes for each in page.all())
    heads = [head.text for head in page.by_id("c0-scores").all("th")]
    assert evil in heads


def test_it_is_the_same_every_time(make_arms: MakeArms) -> None:
    runs = make_arms(ARMS[:3])
    assert report(runs) == report(runs)


@pytest.mark.slow
def test_eighteen_languages_and_six_arms_stay_small(make_arms: MakeArms) -> None:
    text = report(make_arms(ARMS, MIRACL_LANGUAGES))
    assert len(text.encode()) < 1_500_000
    assert (
        len([each for each in read_page(text).all("table") if "heat" in each.attributes["class"]])
        == 11
    )


@pytest.mark.slow
def test_twelve_arms_of_eighteen_languages_are_under_3_mb(make_arms: MakeArms) -> None:
    names = [f"{arm}-{number}" for number in (1, 2) for arm in ARMS]
    assert len(report(make_arms(names, MIRACL_LANGUAGES)).encode()) < 3_000_000


def test_a_single_run_without_logs(make_arms: MakeArms) -> None:
    (run,) = make_arms(("mono",))
    run.events_file.unlink()
    run.environment_file.unlink()
    page = read_page(report([run], ()))
    assert rows(page.by_id("costs-table"))[1] == ["mono", "1", *["—"] * 12]
    assert list(page.all("svg")) == []


def test_runs_that_are_not_the_comparisons(make_arms: MakeArms) -> None:
    runs = make_arms(("mono", "cross"))
    comparisons = compare(runs, CompareOptions(draws=100))
    with pytest.raises(ValueError, match="the runs of cross are not among"):
        html_report(runs[:1], comparisons, title="t", date=DAY)


@pytest.mark.parametrize("module", ["matplotlib", "jinja2"])
def test_without_the_extra(
    module: str, make_arms: MakeArms, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = make_arms(("mono",))
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError, match=rf"needs {module}(.|\n)*pip install 'hybench\[report\]'"):
        report(runs)
