"""The wordings of the Atlas: where each stands, and how names are set into it."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import tomli_w

from hybench.data.sources.atlas import Atlas
from hybench.data.sources.atlas.facts import RELATIONS
from hybench.data.sources.atlas.phrasing import (
    DEV_QUESTIONS,
    PARTICLES,
    POOL_PASSAGES,
    TEST_QUESTIONS,
    TRAINING_PASSAGES,
    TRAINING_QUESTIONS,
    embedded_phrasings,
    final_consonant,
    load_phrasings,
    render,
    with_particle,
)
from hybench.errors import DataError
from hybench.values.languages import MIRACL_LANGUAGES

FOLDER = files("hybench.data.sources.atlas") / "phrasings"


@pytest.fixture
def phrasings() -> dict[str, dict[str, list[str]]]:
    """Phrasings that keep the rules."""
    return {
        relation: {
            "questions": [f"{relation} {number}, {{entity}}?" for number in range(4)],
            "passages": [f"{relation} {number}: {{entity}}, {{value}}." for number in range(4)],
        }
        for relation in RELATIONS
    }


def load(folder: Path, phrasings: Any) -> None:
    (folder / "en.toml").write_text(tomli_w.dumps(phrasings), encoding="utf-8")
    load_phrasings("en", folder)


def pattern(template: str) -> re.Pattern[str]:
    """What a template looks like with any names in it."""
    return re.compile(".+".join(map(re.escape, re.split(r"\{[^}]*\}", template))), re.IGNORECASE)


@pytest.mark.parametrize("language", MIRACL_LANGUAGES)
def test_each_text_is_worded_as_its_place_asks(language: str) -> None:
    """Test questions, and the pool, are worded as no training text is."""
    templates = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    tables = Atlas().tables(language)
    pairs, queries, passages = tables["pairs"], tables["queries"], tables["passages"]
    split = pl.col("split")
    stated = pairs.join(passages, left_on="pair_id", right_on="passage_id").select(
        "pair_id", pl.col("passage").str.strip_prefix(pl.col("title") + " ")
    )
    placed: list[tuple[str, tuple[int, ...], pl.DataFrame]] = [
        ("questions", TRAINING_QUESTIONS, pairs.select("pair_id", "query")),
        ("questions", DEV_QUESTIONS, queries.filter(split == "dev").select("query_id", "text")),
        ("questions", TEST_QUESTIONS, queries.filter(split == "test").select("query_id", "text")),
        ("passages", TRAINING_PASSAGES, stated),
        ("passages", POOL_PASSAGES, passages.select("passage_id", "text")),
    ]
    patterns = {
        (kind, relation): [pattern(template) for template in templates[relation][kind]]
        for kind in ("questions", "passages")
        for relation in RELATIONS
    }
    for kind, own, frame in placed:
        used: Counter[tuple[str, int]] = Counter()
        facts: Counter[str] = Counter()
        for key, text in frame.iter_rows():
            relation = key.split("/")[0]
            fits = [bool(made.fullmatch(text)) for made in patterns[kind, relation]]
            assert any(fits[place] for place in own), text
            if not set(own) & set(TRAINING_QUESTIONS):
                assert sum(fits) == 1, text
            used.update((relation, place) for place in own if fits[place])
            facts[relation] += 1
        # Where there are enough facts to draw from, every wording is drawn.
        often = [relation for relation in RELATIONS if facts[relation] >= 40]
        assert all(used[relation, place] for relation in often for place in own)


def test_no_wording_of_test_or_pool_is_one_of_training() -> None:
    assert not set(TEST_QUESTIONS) & {*TRAINING_QUESTIONS, *DEV_QUESTIONS}
    assert not set(POOL_PASSAGES) & set(TRAINING_PASSAGES)
    # A question of the test is not akin to the passages of the pool.
    assert not set(TEST_QUESTIONS) & set(POOL_PASSAGES)


def test_no_phrasing_serves_two_relations() -> None:
    for language in MIRACL_LANGUAGES:
        phrasings = embedded_phrasings(language)
        for kind in (phrasings.questions, phrasings.passages):
            templates = [template for four in kind.values() for template in four]
            assert len(set(templates)) == 4 * len(RELATIONS), language
            if language != "ko":
                assert not any(re.search(r"\{\w+:", template) for template in templates)


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("일본", ["은", "이", "을", "과", "으로"]),
        ("케냐", ["는", "가", "를", "와", "로"]),
        ("서울", ["은", "이", "을", "과", "로"]),
        ("홍콩(중국 특별행정구)", ["은", "이", "을", "과", "으로"]),
        ("아랍어 (나즈디)", ["는", "가", "를", "와", "로"]),
        ("'베트남'", ["은", "이", "을", "과", "으로"]),
        ("UTC", ["는", "가", "를", "와", "로"]),
        ("URL", ["은", "이", "을", "과", "로"]),
        ("2", ["는", "가", "를", "와", "로"]),
        ("10", ["은", "이", "을", "과", "으로"]),
        ("(바레인)", ["은", "이", "을", "과", "으로"]),
    ],
)
def test_korean_particles_follow_the_last_sound(name: str, forms: list[str]) -> None:
    assert [with_particle(name, pair) for pair in PARTICLES] == [name + form for form in forms]


def test_final_consonants_are_those_that_unicode_decomposition_shows() -> None:
    from unicodedata import normalize

    for code in range(0xAC00, 0xD7A4, 7):
        decomposed = normalize("NFD", chr(code))
        expected = ord(decomposed[2]) - 0x11A7 if len(decomposed) == 3 else 0
        assert final_consonant(chr(code)) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{entity} paga con {value}.", "Franco suizo paga con dinar."),
        ("¿{entity}: qué? «{value}» no.", "¿Franco suizo: qué? «Dinar» no."),
        ("Se paga: {value}. {entity} sí.", "Se paga: dinar. Franco suizo sí."),
        ("En  {entity},  {value}. ", "En franco suizo, dinar."),
        ("La {value}\u00a0? {entity}\u00a0!", "La dinar\u00a0? Franco suizo\u00a0!"),
    ],
)
def test_names_are_set_in_with_a_capital_where_a_sentence_begins(
    template: str, expected: str
) -> None:
    assert render(template, {"entity": "franco suizo", "value": "dinar"}) == expected


def test_names_with_their_own_capitals_and_braces_of_format_strings_are_left_alone() -> None:
    assert render("{entity}.", {"entity": "eSwatini"}) == "eSwatini."
    assert render("{entity}.", {"entity": "日本"}) == "日本."
    assert (
        render("{entity:은는} {value:으로로}", {"entity": "도쿄", "value": "엔"}) == "도쿄는 엔으로"
    )


def test_good_phrasings_are_taken(tmp_path: Path, phrasings: Any) -> None:
    load(tmp_path, phrasings)


@pytest.mark.parametrize(
    ("kind", "place", "template", "message"),
    [
        (
            "questions",
            0,
            "What of {entity} and {country}?",
            r"questions 1: \{country\} is not a place",
        ),
        ("questions", 2, "What of it?", r"questions 3: \{entity\} must occur once"),
        ("questions", 1, "{entity}, {entity}?", r"questions 2: \{entity\} must occur once"),
        ("questions", 1, "{entity} is {value}?", r"questions 2: \{entity\} must occur once"),
        ("passages", 3, "{entity}.", r"passages 4: \{entity\} and \{value\} must both occur"),
        ("passages", 3, "{entity} {value} }", r"passages 4: there is an unmatched brace"),
        ("passages", 0, "{entity:만} {value}", r"passages 1: \{entity:만\} is not a placeholder"),
        ("passages", 0, "{entity:} {value}", r"passages 1: \{entity:\} is not a placeholder"),
        ("passages", 0, " ", r"passages 1: ' ' is not a text"),
        ("passages", 0, 7, r"passages 1: 7 is not a text"),
        ("questions", 0, "currency 1, {entity}?", r"currency has a repeated phrasing among its q"),
    ],
)
def test_a_phrasing_that_breaks_a_rule_is_refused(
    tmp_path: Path, phrasings: Any, kind: str, place: int, template: Any, message: str
) -> None:
    phrasings["currency"][kind][place] = template
    with pytest.raises(DataError, match=rf"phrasings/en\.toml: (currency, )?{message}"):
        load(tmp_path, phrasings)


def test_a_file_that_lacks_something_is_refused(tmp_path: Path, phrasings: Any) -> None:
    with pytest.raises(DataError, match=r"phrasings/en\.toml cannot be read"):
        load_phrasings("en", tmp_path)
    del phrasings["script"]["passages"]
    with pytest.raises(DataError, match=r"script has no list of passages, not 4"):
        load(tmp_path, phrasings)
    del phrasings["script"]
    with pytest.raises(DataError, match=r"phrasings/en\.toml: the relation script is missing"):
        load(tmp_path, phrasings)
    phrasings["region"]["questions"].pop()
    with pytest.raises(DataError, match=r"region has 3 questions, not 4"):
        load(tmp_path, phrasings)
    phrasings["anthem"] = {}
    with pytest.raises(DataError, match=r"unknown relation anthem"):
        load(tmp_path, phrasings)
    (tmp_path / "en.toml").write_text("[capital", encoding="utf-8")
    with pytest.raises(DataError, match=r"phrasings/en\.toml cannot be read"):
        load_phrasings("en", tmp_path)
    (tmp_path / "en.toml").write_bytes(b"\xff")
    with pytest.raises(DataError, match=r"phrasings/en\.toml cannot be read"):
        load_phrasings("en", tmp_path)
