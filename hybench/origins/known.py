"""The tables of what is known: training corpora, test sets, and what checkpoints have seen."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

EVERY = "*"
"""In `Checkpoint.unknown`: all corpora that it is not said to be trained on."""

ALL = "all"
"""In `Corpus.languages`: more than a few, not listed."""


@dataclass(frozen=True)
class Corpus:
    """Texts that models are trained on.

    Attributes:
        key: its name in the tables.
        name: its name in sentences.
        languages: codes, or `ALL`.
        contains: languages of other corpora that are parts of it, by key.
        source: where this is said.
    """

    key: str
    name: str
    languages: tuple[str, ...]
    contains: Mapping[str, tuple[str, ...]]
    source: str

    def has(self, language: str) -> bool:
        """Whether it has texts in a language."""
        return language in self.languages or ALL in self.languages


@dataclass(frozen=True)
class Benchmark:
    """A test set.

    Attributes:
        key: its name in the tables.
        name: its name in sentences.
        sources: of hybench that prepare it.
        repositories: beginnings of the names of the hub's repositories that hold it.
        own: the corpus that the pairs of a prepared set are from.
        corpora: corpora that are its training data.
    """

    key: str
    name: str
    sources: tuple[str, ...]
    repositories: tuple[str, ...]
    own: str
    corpora: tuple[str, ...]


@dataclass(frozen=True)
class Use:
    """A corpus that a checkpoint was trained on.

    Attributes:
        corpus: its key.
        languages: codes, or `ALL`.
        within: key of the corpus that it was a part of; empty for none.
    """

    corpus: str
    languages: tuple[str, ...]
    within: str = ""


@dataclass(frozen=True)
class Checkpoint:
    """What is known of a published checkpoint.

    Attributes:
        names: ids on the hub.
        uses: corpora that it was trained on.
        unknown: keys of corpora of which that is not known, or `EVERY`.
        teachers: names of the models that it was distilled from.
        files: SHA-256 of its weights' file by size in bytes.
        source: where this is said.
    """

    names: tuple[str, ...]
    uses: tuple[Use, ...]
    unknown: tuple[str, ...]
    teachers: tuple[str, ...]
    source: str
    files: Mapping[int, str] = field(default_factory=dict)

    def trained_on(self, corpora: Sequence[str], language: str) -> tuple[Use, ...]:
        """Its uses of any of some corpora in a language."""
        return tuple(
            use
            for use in self.uses
            if use.corpus in corpora and (language in use.languages or ALL in use.languages)
        )

    def is_unknown(self, corpora: Sequence[str], language: str) -> bool:
        """Whether it is not known if it was trained on one of some corpora in a language."""
        asked = corpora if EVERY in self.unknown else set(corpora) & set(self.unknown)
        return any(known_corpora()[key].has(language) for key in asked)


@cache
def known_corpora() -> dict[str, Corpus]:
    """The corpora by key."""
    return {
        key: Corpus(
            key,
            value["name"],
            tuple(value.get("languages", "").split()),
            {part: tuple(codes.split()) for part, codes in value.get("contains", {}).items()},
            value["source"],
        )
        for key, value in _table("corpora.toml")["corpora"].items()
    }


@cache
def known_benchmarks() -> dict[str, Benchmark]:
    """The test sets by key."""
    listed = ("sources", "repositories", "corpora")
    return {
        key: Benchmark(
            key=key,
            name=value["name"],
            own=value["own"],
            **{name: tuple(value[name]) for name in listed},
        )
        for key, value in _table("corpora.toml")["benchmarks"].items()
    }


@cache
def known_checkpoints() -> dict[str, Checkpoint]:
    """The checkpoints by each of their names in lower case."""
    found: dict[str, Checkpoint] = {}
    for value in _table("checkpoints.toml")["checkpoint"]:
        checkpoint = Checkpoint(
            names=tuple(value["names"]),
            uses=tuple(use for text in value["trained"] for use in _uses(text)),
            unknown=tuple(value.get("unknown", ())),
            teachers=tuple(value.get("teachers", ())),
            source=value["source"],
            files={each["bytes"]: each["sha256"] for each in value.get("files", ())},
        )
        found |= {name.lower(): checkpoint for name in checkpoint.names}
    return found


def _uses(text: str) -> list[Use]:
    """The uses that an entry of ``trained`` stands for: a corpus, or the parts of one."""
    key, _, codes = text.partition(":")
    corpus = known_corpora()[key]
    if corpus.contains:
        return [Use(part, languages, key) for part, languages in corpus.contains.items()]
    return [Use(key, tuple(codes.split()) or corpus.languages)]


def find_checkpoint(name: str) -> Checkpoint | None:
    """The checkpoint of that name, whatever its case; None if nothing is known of it."""
    return known_checkpoints().get(name.lower())


def find_file(size: int) -> dict[str, str]:
    """Names of the checkpoints with weights of `size` bytes, by their SHA-256."""
    return {
        checkpoint.files[size]: checkpoint.names[0]
        for checkpoint in known_checkpoints().values()
        if size in checkpoint.files
    }


def benchmark_of(source: str, repository: str = "") -> str:
    """Key of the test set that a source prepares; empty if the tables have none.

    Args:
        source: of hybench, as `DatasetInfo.source` names it.
        repository: ``owner/name`` of a set of the hub, with anything behind it.
    """
    for key, benchmark in known_benchmarks().items():
        if source in benchmark.sources:
            return key
        there = repository.lower()
        if there and there.startswith(tuple(each.lower() for each in benchmark.repositories)):
            return key
    return ""


def benchmark_named(name: str) -> str:
    """Key of the test set that a set is by its name: that of its source, perhaps with more."""
    sources = {source: key for key, each in known_benchmarks().items() for source in each.sources}
    fitting = [each for each in sources if name == each or name.startswith(f"{each}-")]
    return sources[max(fitting, key=len)] if fitting else ""


def _table(name: str) -> dict[str, Any]:
    text = (resources.files(__package__) / name).read_text(encoding="utf-8")
    return tomllib.loads(text)
