from __future__ import annotations

from pathlib import Path

import pytest

from hybench.concurrency.progress import ignore
from hybench.data.preparation import prepare
from hybench.data.sources.hub import Hub
from hybench.data.sources.hub.layout import find_configs
from hybench.data.sources.hub.repository import Repository
from hybench.errors import DataError, HybenchError, UsageError
from tests.data.sources.hub.conftest import corpus, qrels, queries, small_tables, write_hub


def named(*configs: str, **card: object) -> Repository:
    rows = [{"config_name": name} for name in configs]
    return Repository("owner/set", "c0ffee", {"configs": rows, **card}, ())


@pytest.mark.parametrize(
    ("configs", "expected"),
    [
        (["yo-corpus", "yo-queries", "yo-qrels"], {"yo": "yo-corpus yo-queries yo-qrels"}),
        (["corpus-yor", "queries-yor", "qrels-yor"], {"yo": "corpus-yor queries-yor qrels-yor"}),
        (
            ["zh_Hant-corpus", "zh-Hant-query", "zho_Hant_default", "top_ranked"],
            {"zh-Hant": "zh_Hant-corpus zh-Hant-query zho_Hant_default"},
        ),
        (
            ["pt-BR-corpus", "pt-BR-queries", "pt-BR-qrels", "default"],
            {"pt-BR": "pt-BR-corpus pt-BR-queries pt-BR-qrels"},
        ),
    ],
)
def test_languages_of_configs(configs: list[str], expected: dict[str, str]) -> None:
    found = find_configs(named(*configs), None, None)
    tables = ("corpus", "queries", "qrels")
    assert {code: " ".join(each[table] for table in tables) for code, each in found.items()} == (
        expected
    )


def test_of_two_words_mtebs_first_choice_is_taken() -> None:
    repository = named("qrels", "queries", "corpus", "query", "default", language="en")
    found = find_configs(repository, None, None)
    assert found == {"en": {"corpus": "corpus", "queries": "query", "qrels": "default"}}


@pytest.mark.parametrize(
    ("repository", "what", "do"),
    [
        (named("default"), "has no config of corpus and queries", "configs are: default"),
        (named("en-de-corpus", "corpus"), "no config of queries and qrels", "en-de-corpus corpus"),
        (named("yo-corpus", "yo-qrels"), "has no config of queries for yo", "yo-corpus yo-qrels"),
        (named("sw-corpus", "corpus-swh"), "sw-corpus and corpus-swh are both the corpus", "copy"),
        (named(), "has no configs", "README"),
        (Repository("a/b", "c0ffee", {}, ("b.py",)), "has a loading script", "README"),
    ],
)
def test_other_layouts_are_answered_with_what_is_there(
    repository: Repository, what: str, do: str
) -> None:
    with pytest.raises(DataError, match=what) as raised:
        find_configs(repository, None, None)
    assert do in str(raised.value)


@pytest.mark.parametrize(
    ("card", "says"), [({}, "says none"), ({"language": ["en", "sw"]}, "says en, sw")]
)
def test_the_language_of_a_set_in_one(card: dict[str, object], says: str) -> None:
    repository = named("corpus", "queries", "default", **card)
    with pytest.raises(UsageError, match=says):
        find_configs(repository, None, None)
    assert [*find_configs(repository, "yor", None)] == ["yo"]
    with pytest.raises(UsageError, match="--language: 'nowhere' is not a language code"):
        find_configs(repository, "nowhere", None)
    with pytest.raises(UsageError, match="--languages: no language te here"):
        find_configs(repository, "yo", ("te",))


def test_a_language_for_a_set_of_several() -> None:
    repository = named("yo-corpus", "yo-queries", "yo-qrels")
    with pytest.raises(UsageError, match=r"--language is for a set in one language; .* has yo"):
        find_configs(repository, "en", None)


def by_split(folder: Path, *splits: str) -> Path:
    """A set whose corpus and queries have a split for each of the judgements."""
    places = {split: number for number, split in enumerate(splits, 1)}
    tables = {
        "corpus": {split: corpus(split, first=at) for split, at in places.items()},
        "queries": {split: queries(split, first=at) for split, at in places.items()},
        "default": {split: qrels((f"q{at}", f"p{at}", 1)) for split, at in places.items()},
    }
    return write_hub(folder, tables, language="en")


def test_each_split_with_its_own_corpus(tmp_path: Path) -> None:
    folder = by_split(tmp_path / "set", "validation", "test")
    with pytest.raises(UsageError, match="a corpus for each split: validation test") as raised:
        prepare(Hub(str(folder)), tmp_path / "data")
    assert raised.value.do.endswith("such as --splits test.")
    data = prepare(Hub(str(folder), splits=("dev",)), tmp_path / "data").dataset
    assert data.passages("en")["text"].to_list() == ["validation"]
    assert data.queries("en").rows() == [("q1", "validation", "q:en:q1", "dev")]


def test_splits_that_are_not_there(small: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--splits: .*default has no dev") as raised:
        prepare(Hub(str(small), splits=("dev",)), tmp_path / "data")
    assert raised.value.do == "It has: train test."
    with pytest.raises(UsageError, match="--splits is 'validation'"):
        Hub(str(small), splits=("validation",))
    tables = small_tables()
    tables["queries"]["more"] = queries("a")
    write_hub(small, tables, language="sw")
    with pytest.raises(DataError, match="queries has no split train"):
        prepare(Hub(str(small)), tmp_path / "data")
    tables["default"] = {"nanoset": qrels(("q1", "p1", 1))}
    write_hub(small, tables, language="sw")
    with pytest.raises(DataError, match="default has no split that is called train, dev"):
        prepare(Hub(str(small)), tmp_path / "data")


def test_a_folder_has_no_revision_and_must_be_there(small: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--revision: .* is a folder"):
        Hub(str(small), revision="main").describe(ignore)
    with pytest.raises(UsageError, match="neither a folder nor the name of a set"):
        Hub(str(tmp_path / "no" / "such")).describe(ignore)


@pytest.mark.parametrize("head", ["---\nconfigs: [\n---\n", "---\n- a\n---\n"])
def test_a_card_that_cannot_be_read(small: Path, head: str) -> None:
    (small / "README.md").write_text(head)
    with pytest.raises(DataError, match=r"README\.md: its metadata cannot be read"):
        Hub(str(small)).describe(ignore)


def test_a_folder_without_a_card(tmp_path: Path) -> None:
    with pytest.raises(HybenchError, match="has no configs"):
        Hub(str(tmp_path)).describe(ignore)
