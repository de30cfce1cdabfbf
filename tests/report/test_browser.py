"""The page in a real browser: nothing is fetched, nothing overflows, sorting sorts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from hybench.values.languages import MIRACL_LANGUAGES
from tests.report.conftest import ARMS, MakeArms
from tests.report.test_page import report

pytestmark = pytest.mark.browser

pytestmark = pytest.mark.slow

PHONE, DESK = 375, 1280


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Debian's headless Chromium."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no browser: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def file(make_arms: MakeArms, tmp_path: Path) -> Path:
    """A small report."""
    return _written(report(make_arms(ARMS[:3])), tmp_path)


def _written(text: str, folder: Path) -> Path:
    path = folder / "report.html"
    path.write_text(text, encoding="utf-8")
    return path


def test_it_opens_quietly_and_fits(chromium: Any, make_arms: MakeArms, tmp_path: Path) -> None:
    file = _written(report(make_arms(ARMS, MIRACL_LANGUAGES)), tmp_path)
    for width, scheme in product((PHONE, DESK), ("light", "dark")):
        said: list[str] = []
        asked: list[str] = []
        page = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        page.on("console", lambda message, said=said: said.append(message.text))
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto(file.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        picture = tmp_path / f"{width}-{scheme}.png"
        page.screenshot(path=picture)
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.close()
        assert said == []
        assert asked == [file.as_uri()]
        assert room[0] <= room[1] == width
        assert picture.stat().st_size > 10_000
        assert (sum(map(int, paper[4:-1].split(","))) < 3 * 64) == (scheme == "dark")


def test_a_table_that_is_wider_than_a_phone_says_so(
    chromium: Any, make_arms: MakeArms, tmp_path: Path
) -> None:
    file = _written(report(make_arms(ARMS, MIRACL_LANGUAGES)), tmp_path)
    page = chromium.new_page(viewport={"width": 390, "height": 2000})
    page.goto(file.as_uri())
    wider = (
        "[...document.querySelectorAll('.scroll')].map(box => [box.scrollWidth > box.clientWidth"
    )
    marked = f"{wider}, getComputedStyle(box, '::before').content, box.clientWidth])"
    boxes = [each for each in page.evaluate(marked) if each[2]]
    assert {wide for wide, _, _ in boxes} == {True, False}
    assert all(("scrolls sideways" in content) == wide for wide, content, _ in boxes)
    page.set_viewport_size({"width": 2400, "height": 2000})
    page.wait_for_function("!document.querySelector('#glance').parentElement.matches('.wide')")
    page.close()


def _column(page: Any, at: int) -> list[str]:
    script = "at => [...document.querySelectorAll('#c0-scores tbody:first-of-type tr')]"
    return [
        str(text) for text in page.evaluate(f"{script}.map(row => row.cells[at].textContent)", at)
    ]


def test_a_click_sorts_the_languages_alone(chromium: Any, file: Path) -> None:
    page = chromium.new_page(viewport={"width": DESK, "height": 800})
    page.goto(file.as_uri())
    before = _column(page, 0)
    head = page.locator("#c0-scores thead th").nth(3)
    for order, falling in (("descending", True), ("ascending", False)):
        head.locator("button").click()
        assert head.get_attribute("aria-sort") == order
        numbers = [float(text[:4]) for text in _column(page, 3)]
        assert numbers == sorted(numbers, reverse=falling)
        assert sorted(_column(page, 0)) == sorted(before)
    head.locator("button").press("Enter")
    assert head.get_attribute("aria-sort") is None
    assert _column(page, 0) == before
    page.close()


def test_intervals_are_shown_without_a_pointer(chromium: Any, file: Path) -> None:
    page = chromium.new_page(viewport={"width": PHONE, "height": 800})
    page.goto(file.as_uri())
    detail = page.locator("#c0-scores td small").first
    assert not detail.is_visible()
    page.locator("#c0-scores-more").press("Space")
    assert detail.is_visible()
    page.close()


def test_it_reads_without_scripts(chromium: Any, file: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.locator("#c0-scores").is_visible()
    assert page.locator("th button").count() == 0
    page.locator("#verdict .outcome + details summary").first.click()
    assert page.locator("#c0-arm1").is_visible()
    context.close()
