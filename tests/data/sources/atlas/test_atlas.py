from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from hybench.concurrency.progress import ignore
from hybench.data.preparation import prepare
from hybench.data.schema import TABLES, passage_text_expression
from hybench.data.sources.atlas import Atlas
from hybench.data.sources.atlas.facts import RELATIONS, all_facts
from hybench.data.sources.atlas.splits import fact_splits
from hybench.errors import StateError, UsageError
from hybench.values.languages import MIRACL_LANGUAGES
from tests.data.conftest import snapshot

Tables = dict[str, dict[str, pl.DataFrame]]


def tables_of(atlas: Atlas) -> Tables:
    return {language: atlas.tables(language) for language in atlas.languages}


def digest(tables: Tables) -> str:
    """SHA-256 over all rows of all tables, in their order."""
    rows = [
        [language, table, frame.rows()]
        for language, frames in tables.items()
        for table, frame in frames.items()
    ]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


@pytest.fixture(scope="module")
def atlas() -> Tables:
    return tables_of(Atlas())


def test_the_facts_are_many_and_in_all_languages() -> None:
    facts = all_facts()
    assert len(facts) >= 1500
    assert len({fact.fact_id for fact in facts}) == len(facts)
    assert {fact.triple.relation for fact in facts} == set(RELATIONS)
    assert len(RELATIONS) >= 7
    named = Counter(language for fact in facts for language in fact.names)
    assert set(named) == set(MIRACL_LANGUAGES)
    assert min(named.values()) >= 1000


@pytest.mark.parametrize(
    ("fact_id", "language", "entity", "value"),
    [
        ("currency/JP", "de", "Japan", "Japanischer Yen"),
        ("currency/JP", "ja", "日本", "円"),
        ("region/KE", "sw", "Kenya", "Afrika ya Mashariki"),
        ("capital/KE", "ru", "Кения", "Найроби"),
        ("week_start/DE", "fi", "Saksa", "maanantai"),
    ],
)
def test_known_facts(atlas: Tables, fact_id: str, language: str, entity: str, value: str) -> None:
    passages = atlas[language]["passages"].filter(pl.col("passage_id") == fact_id)
    (row,) = passages.to_dicts()
    assert row["title"] == entity
    assert row["source_id"] == fact_id
    assert value.casefold() in row["text"].casefold()


def test_every_text_is_clean(atlas: Tables) -> None:
    for language, tables in atlas.items():
        assert {table: dict(frame.schema) for table, frame in tables.items()} == TABLES
        texts = [*tables["passages"]["text"], *tables["passages"]["title"]]
        texts += [*tables["queries"]["text"], *tables["pairs"]["query"]]
        for text in texts + tables["pairs"]["passage"].to_list():
            assert text == text.strip() != "", (language, text)
            assert not re.search(r"[{}\n\t]|  ", text), (language, text)


def test_no_question_and_no_passage_stands_twice(atlas: Tables) -> None:
    for language, tables in atlas.items():
        asked = Counter([*tables["queries"]["text"], *tables["pairs"]["query"]])
        assert asked.most_common(1)[0][1] == 1, (language, asked.most_common(1))
        stated = Counter(tables["passages"]["text"])
        assert stated.most_common(1)[0][1] == 1, (language, stated.most_common(1))


def test_every_fact_of_a_language_is_a_passage_and_one_query_or_pair(atlas: Tables) -> None:
    splits = fact_splits()
    for language, tables in atlas.items():
        stated = {fact.fact_id for fact in all_facts() if language in fact.names}
        assert set(tables["passages"]["passage_id"]) == stated
        train = {key for key in stated if splits[key] == "train"}
        assert set(tables["pairs"]["pair_id"]) == train
        asked = dict(tables["queries"].select("query_id", "split").iter_rows())
        assert asked == {key: splits[key] for key in stated - train}
        assert set(asked.values()) == {"dev", "test"}


def test_a_pair_states_its_fact_in_other_words_than_the_pool(atlas: Tables) -> None:
    for tables in atlas.values():
        pool = tables["passages"].select(
            "title",
            pl.col("passage_id").alias("pair_id"),
            passage_text_expression().alias("pooled"),
        )
        joined = tables["pairs"].join(pool, on="pair_id")
        assert joined.height == tables["pairs"].height
        assert joined.filter(pl.col("passage") == pl.col("pooled")).is_empty()
        begins = pl.col("passage").str.starts_with(pl.col("title") + " ")
        assert joined.select(begins.all()).item()
        ids = [joined[name].to_list() for name in ("pair_id", "query_source_id", "source_id")]
        assert ids[0] == ids[1] == ids[2]


def test_a_held_out_fact_asks_about_a_name_that_training_knows() -> None:
    """In each language that asks, some training fact there names the entity."""
    splits = fact_splits()
    known: dict[str, set[str]] = {language: set() for language in MIRACL_LANGUAGES}
    for fact in all_facts():
        if splits[fact.fact_id] == "train":
            for language, names in fact.names.items():
                known[language].update(names)
    held_out = [fact for fact in all_facts() if splits[fact.fact_id] != "train"]
    shares = Counter(splits.values())
    assert 0.15 < shares["test"] / len(splits) < 0.25
    assert 0.07 < shares["dev"] / len(splits) < 0.13
    for fact in held_out:
        for language, (entity, _) in fact.names.items():
            assert entity in known[language], (fact.fact_id, language)


def test_the_answers_are_the_facts_passages_in_the_chosen_languages() -> None:
    facts = {fact.fact_id: fact for fact in all_facts()}
    for language, tables in tables_of(Atlas(("yo", "de"))).items():
        judged = tables["qrels"]
        assert judged["relevance"].unique().to_list() == [1]
        assert (judged["query_id"] == judged["passage_id"]).all()
        found: dict[str, set[str]] = {}
        for key, code in judged.select("query_id", "passage_lang").iter_rows():
            found.setdefault(key, set()).add(code)
        assert set(found) == set(tables["queries"]["query_id"])
        assert all(codes == {"de", "yo"} & set(facts[key].names) for key, codes in found.items())
        assert all(language in codes for codes in found.values())


def test_smaller_shares_of_a_scarce_language_are_nested_and_nothing_else_changes(
    atlas: Tables,
) -> None:
    whole = atlas["yo"]["pairs"]
    last: set[str] = set(whole["pair_id"])
    for share in (1.0, 0.5, 0.05, 0.01, 1e-9):
        made = Atlas(scarce={"yo": share})
        tables = made.tables("yo")
        kept = set(tables["pairs"]["pair_id"])
        assert len(kept) == max(1, round(share * whole.height))
        assert kept <= last
        last = kept
        assert tables["pairs"].equals(whole.filter(pl.col("pair_id").is_in(kept)))
        for table in ("passages", "queries", "qrels"):
            assert tables[table].equals(atlas["yo"][table].filter(pl.lit(value=True)))
        assert made.tables("sw")["pairs"].equals(atlas["sw"]["pairs"])


@pytest.mark.process
@pytest.mark.slow
def test_another_process_with_another_hash_seed_writes_the_same(atlas: Tables) -> None:
    module = "tests.data.sources.atlas.test_atlas"
    program = f"import {module} as t; print(t.digest(t.tables_of(t.Atlas())))"
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": "20160"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == digest(atlas)


def test_a_set_is_prepared_and_recognised(tmp_path: Path) -> None:
    chosen = Atlas(("sw", "de", "ko", "de"), {"sw": 0.1})
    first = prepare(chosen, tmp_path)
    assert not first.unchanged
    info = first.dataset.info
    assert (info.name, info.languages) == ("atlas", ("de", "ko", "sw"))
    assert info.settings == ("mono", "cross", "multi")
    assert info.options == {"languages": ["de", "ko", "sw"], "scarce": {"sw": 0.1}}
    assert set(info.inputs) == {"facts", *(f"phrasings/{code}.toml" for code in ("de", "ko", "sw"))}
    assert re.fullmatch(r"babel \S+, CLDR \d+", info.revision)
    assert first.dataset.splits == ("dev", "test")
    assert first.dataset.evaluation_split() == "test"
    for table in TABLES:
        assert first.dataset.table_languages(table) == ("de", "ko", "sw")
    assert first.dataset.pairs("ko").equals(chosen.tables("ko")["pairs"])

    before = snapshot(tmp_path)
    assert prepare(Atlas(("ko", "sw", "de"), {"sw": 0.1}), tmp_path).unchanged
    with pytest.raises(StateError, match="other data or options"):
        prepare(Atlas(("ko", "sw", "de"), {"sw": 0.2}), tmp_path)
    assert snapshot(tmp_path) == before
    prepare(chosen, tmp_path, force=True)
    assert snapshot(tmp_path) == before


def test_one_language_alone_is_a_whole_set(tmp_path: Path) -> None:
    info = prepare(Atlas(("th",)), tmp_path).dataset.info
    assert info.languages == ("th",)
    assert info.counts["qrels"] == info.counts["queries"]


def test_the_origin_depends_on_languages_and_shares() -> None:
    made = [Atlas(("de", "sw")), Atlas(("de",)), Atlas(("de", "sw"), {"sw": 0.5})]
    assert len({source.describe(ignore).origin for source in made}) == 3
    assert Atlas(("sw", "de")).describe(ignore).origin == made[0].describe(ignore).origin


def test_wrong_languages_and_shares_are_refused() -> None:
    with pytest.raises(UsageError, match=r"--languages: no language tlh, xx here"):
        Atlas(("de", "xx", "tlh"))
    with pytest.raises(UsageError, match=r"--languages is empty"):
        Atlas(())
    with pytest.raises(UsageError, match=r"--scarce: no language yo here"):
        Atlas(("de", "sw"), {"yo": 0.5})
    for share in (0.0, -0.1, 1.01, float("nan")):
        with pytest.raises(UsageError, match=rf"--scarce: {share} is not a valid share for sw"):
            Atlas(("de", "sw"), {"sw": share})
