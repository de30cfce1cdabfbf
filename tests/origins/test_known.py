"""The tables of what is known hold together, and say what their sources say."""

from __future__ import annotations

import pytest

from hybench.data.sources import SOURCES
from hybench.origins.known import (
    EVERY,
    benchmark_named,
    benchmark_of,
    find_checkpoint,
    known_benchmarks,
    known_checkpoints,
    known_corpora,
)
from hybench.origins.tracing import ANY_KIND
from hybench.values.languages import is_language


def test_the_tables_name_only_what_they_define() -> None:
    corpora = known_corpora()
    for corpus in corpora.values():
        codes = [*corpus.languages, *(code for part in corpus.contains.values() for code in part)]
        assert all(is_language(code) or code == "all" for code in codes), corpus.key
        assert set(corpus.contains) <= set(corpora)
        assert corpus.source
    for benchmark in known_benchmarks().values():
        assert {benchmark.own, *benchmark.corpora} <= set(corpora)
        assert benchmark.own in benchmark.corpora
    for checkpoint in known_checkpoints().values():
        assert checkpoint.source
        assert {use.corpus for use in checkpoint.uses} <= set(corpora)
        assert set(checkpoint.unknown) - {EVERY} <= set(corpora)
        assert not {use.corpus for use in checkpoint.uses} & set(checkpoint.unknown)
        assert all(find_checkpoint(name) for name in checkpoint.teachers)


def test_no_name_is_of_two_checkpoints() -> None:
    each = {id(one): one for one in known_checkpoints().values()}.values()
    names = [name for one in each for name in {name.lower() for name in one.names}]
    assert len(names) == len(set(names)) == len(known_checkpoints())


@pytest.mark.parametrize(
    ("name", "corpus", "language", "expected"),
    [
        ("intfloat/multilingual-e5-small", "miracl", "sw", True),
        ("intfloat/multilingual-e5-small", "miracl", "yo", False),
        ("Intfloat/Multilingual-E5-Small", "mr-tydi", "te", True),
        ("intfloat/multilingual-e5-small", "xquad", "hi", True),  # in xP3
        ("intfloat/multilingual-e5-small", "xquad", "ru", False),  # not a language of xP3
        ("sentence-transformers/all-MiniLM-L6-v2", "squad", "en", True),
        ("BAAI/bge-m3", "mmarco", "zh", True),
        ("BAAI/bge-m3", "mmarco", "de", False),
        ("xlm-roberta-base", "squad", "en", False),
    ],
)
def test_known_uses(name: str, corpus: str, language: str, expected: bool) -> None:
    checkpoint = find_checkpoint(name)
    assert checkpoint is not None
    assert bool(checkpoint.trained_on([corpus], language)) is expected
    assert not checkpoint.is_unknown([corpus], language)


def test_what_is_not_listed_is_unknown_only_where_it_could_be() -> None:
    qwen = find_checkpoint("Qwen/Qwen3-Embedding-0.6B")
    assert qwen is not None
    assert qwen.is_unknown(["squad"], "en")
    assert not qwen.is_unknown(["squad"], "fi")  # SQuAD has English alone
    assert not qwen.is_unknown(["atlas"], "en")  # made here


def test_every_source_of_hybench_is_in_the_tables() -> None:
    sources = {source for each in known_benchmarks().values() for source in each.sources}
    assert set(SOURCES) - {"glossary"} <= sources | {*ANY_KIND}


def test_sets_are_found_by_source_repository_and_name() -> None:
    assert benchmark_of("miracl-hn") == "miracl"
    assert benchmark_of("jsonl") == ""
    assert benchmark_of("hub", "mteb/MIRACLRetrievalHardNegatives@abc") == "miracl"
    assert benchmark_of("hub", "mteb/scifact@abc") == ""
    assert benchmark_named("xquad-r-held-out") == "xquad-r"
    assert benchmark_named("miracl-hn-yo") == "miracl"
    assert benchmark_named("miracles") == ""
