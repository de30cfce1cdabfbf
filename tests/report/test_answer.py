"""What a reader sees first: the answer, the verdict folded, and what weakens it."""

from __future__ import annotations

from hybench.comparison.answer import short_answer
from hybench.comparison.gather import CompareOptions
from hybench.comparison.table import compare
from hybench.comparison.verdict import caveats
from tests.report.conftest import ARMS, MakeArms
from tests.report.pages import Element, read_page
from tests.report.test_page import plain, report


def test_the_first_line_answers_hybrid_or_distillation(make_arms: MakeArms) -> None:
    runs = make_arms(ARMS)
    page = read_page(report(runs))
    (header,) = page.all("header")
    inner = [each for each in header.children if isinstance(each, Element)]
    assert [each.tag for each in inner[:2]] == ["h1", "div"]
    assert inner[1].text.strip().startswith("Hybrid batches or distillation?")
    told = plain(inner[1].text)
    for name, comparison in zip(
        ("Monolingual", "Cross-lingual", "Multilingual pool"),
        compare(runs, CompareOptions(draws=1000)),
        strict=True,
    ):
        short = short_answer(comparison)
        assert short
        assert plain(f"{name}: {short}.") in told
    (header,) = read_page(report(make_arms(ARMS[:2]))).all("header")
    assert "Hybrid batches or distillation" not in header.text


def test_what_is_said_of_several_arms_is_said_once(make_arms: MakeArms) -> None:
    verdict = read_page(report(make_arms(ARMS))).by_id("verdict")
    seen = _without(verdict, "details")
    for article in verdict.all("article"):
        said = [each for each in article.all("p") if each.attributes.get("class") == "said outcome"]
        words = [each.text for each in said]
        assert len(words) == len(set(words)) >= 1
    assert "is better than mono on average" not in seen
    assert "is worse than mono on average" not in seen
    for summary in verdict.all("summary"):
        assert summary.text.startswith("Hybrid batches or") or len(summary.text) < 100


def test_what_weakens_the_verdict_is_a_caveat(make_arms: MakeArms) -> None:
    runs = make_arms(ARMS)
    page = read_page(report(runs))
    told = [each.text for each in page.all("p") if each.attributes.get("class") == "caveat"]
    comparisons = compare(runs, CompareOptions(draws=1000))
    expected = {text for each in comparisons for text in caveats(each)}
    assert expected
    assert {text.removeprefix("Caveat. ") for text in told} == expected
    others = [each.text for each in page.all("p") if each.attributes.get("class") != "caveat"]
    assert not [text for text in others if text in expected]


def _without(element: Element, tag: str) -> str:
    """The text of an element but for that in others of a tag."""
    parts = (
        child if isinstance(child, str) else "" if child.tag == tag else _without(child, tag)
        for child in element.children
    )
    return "".join(parts)
