"""``hybench prepare --list``: what there is, before anything is downloaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hybench.data.sources import SOURCES
from tests.cli.program import refused, works

DOCS = Path(__file__).resolve().parents[2] / "docs" / "data.md"


def test_sources_are_listed_with_their_facts(empty: Path) -> None:
    done = works("prepare", "--list")
    assert [line.partition(":")[0] for line in done.out.splitlines() if line[:1].strip()] == [
        *SOURCES.built_in
    ]
    assert "  revision  354d67d1cd066854cdfbf5ad0e6105528976141d\n" in done.out
    assert "  download  2.7 GB (zh) to 7.6 GB (hi) a language, and 0.9 GB of triples\n" in done.out
    assert not list(empty.iterdir())


def test_sources_are_listed_as_json() -> None:
    found = {each["source"]: each for each in json.loads(works("prepare", "--json").out)}
    assert list(found) == [*SOURCES.built_in]
    assert found["ntrex"]["licence"] == "CC BY-SA 4.0"
    assert found["ntrex"]["live"] is False
    assert found["atlas"]["live"] is None


@pytest.mark.usefixtures("empty")
def test_a_list_is_of_sources_alone() -> None:
    assert "--list lists the sources." in refused(2, "prepare", "--list", "atlas")
    assert "Name a source to prepare." in refused(2, "prepare", "-q")


@pytest.mark.parametrize("name", SOURCES.built_in)
def test_the_documentation_has_every_source(name: str) -> None:
    kind = SOURCES[name]
    assert kind.about is not None
    live = {None: "—", False: "no", True: "yes"}[kind.about.live]
    what = kind.help.partition("\n")[0].removesuffix(".")
    facts = (what, kind.about.languages, kind.about.licence, kind.about.download, live)
    assert f"| `{name}` | {' | '.join(facts)} |" in DOCS.read_text(encoding="utf-8").splitlines()
