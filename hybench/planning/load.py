"""What there is to work on: texts by language, and what they become in an encoder."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from hybench.data.dataset import Dataset
from hybench.data.schema import passage_text_expression
from hybench.encoders.arithmetic import Work
from hybench.encoders.encoder import Encoder
from hybench.encoders.prompts import TextKind
from hybench.evaluation.fertility import token_counter
from hybench.files.tables import table_columns
from hybench.planning.known import SPREAD, XLM_R, KnownLanguage, known_languages
from hybench.values.languages import WITHOUT_SPACES
from hybench.wording.amounts import counted

SAMPLE = 2000
"""Most passages of a language that are tokenised to count the tokens of all."""

_SLICES = 8
_MONO = ("mono",)


@dataclass(frozen=True)
class Texts:
    """All texts of one kind in one language.

    Attributes:
        count: how many.
        characters: of all of them.
        size: bytes in UTF-8.
        work: what goes through the encoder, cut at its length.
    """

    count: int
    characters: int
    size: int
    work: Work


@dataclass(frozen=True)
class LanguageLoad:
    """The texts of a language.

    Attributes:
        language: code.
        passages: of the corpus.
        queries: to evaluate on.
        train_queries: judged queries to train on.
    """

    language: str
    passages: Texts
    queries: Texts
    train_queries: int = 0

    @property
    def spaced(self) -> bool:
        """Whether its script puts spaces between words, each of which is tokenised once."""
        return self.language not in WITHOUT_SPACES


@dataclass(frozen=True)
class Load:
    """All that a set has to be encoded and searched.

    Attributes:
        name: of the set.
        languages: sorted by code.
        settings: of mono, cross, multi.
        depth: hits of a ranking that count.
        counted: where the numbers of tokens are from.
    """

    name: str
    languages: tuple[LanguageLoad, ...]
    settings: tuple[str, ...]
    depth: int
    counted: str

    @property
    def passages(self) -> int:
        """Passages of all languages."""
        return sum(each.passages.count for each in self.languages)

    @property
    def queries(self) -> int:
        """Queries of all languages."""
        return sum(each.queries.count for each in self.languages)

    @property
    def largest(self) -> int:
        """Passages of the largest language, whose index is built at once."""
        return max(each.passages.count for each in self.languages)

    @property
    def text_bytes(self) -> int:
        """Bytes of all passages."""
        return sum(each.passages.size for each in self.languages)

    @property
    def products(self) -> int:
        """How often a query's vector is multiplied with a passage's, each pair once."""
        if set(self.settings) <= set(_MONO):
            return sum(each.queries.count * each.passages.count for each in self.languages)
        return self.queries * self.passages

    def work(self, kind: TextKind, *, spaced: bool | None = None) -> Work:
        """What goes through the encoder.

        Args:
            kind: passages or queries.
            spaced: of languages with, or without, spaces between words; None for all.
        """
        total = Work()
        for each in self.languages:
            if spaced in {None, each.spaced}:
                total += (each.passages if kind == "passage" else each.queries).work
        return total


def load_of_set(dataset: Dataset, encoder: Encoder, languages: Sequence[str]) -> Load:
    """The load of a prepared set, its tokens counted on a sample.

    Raises:
        UsageError: the set has no split to evaluate on.
        DataError: a table cannot be read.
    """
    split = dataset.evaluation_split()
    counts = dataset.info.counts
    asked = counts["splits"].get(split, {})
    found, sampled = [], 0
    for language in languages:
        passages = sample_passages(dataset, language, SAMPLE)
        queries = dataset.queries(language, split)["text"].to_list() if language in asked else []
        sampled += len(passages)
        found.append(
            LanguageLoad(
                language,
                _scaled(passages, counts["passages"][language], "passage", encoder),
                _scaled(queries[:SAMPLE], asked.get(language, 0), "query", encoder),
                counts["splits"].get("train", {}).get(language, 0),
            )
        )
    told = f"the model's own tokenizer on a sample of {counted(sampled, 'passages')} of the set"
    depth = dataset.info.depth or max(counts["passages"].values())
    return Load(dataset.name, tuple(found), dataset.info.settings, depth, told)


def sample_passages(dataset: Dataset, language: str, most: int) -> list[str]:
    """Passages, title and text together, from places at equal distances in the corpus."""
    file = dataset.readable_file("passages", language)
    rows = dataset.info.counts["passages"][language]
    if rows <= most:
        slices = [(0, rows)]
    else:
        size = most // _SLICES
        slices = [(at * rows // _SLICES, size) for at in range(_SLICES)]
    frames = [table_columns(file, ["title", "text"], first, size) for first, size in slices]
    return pl.concat(frames).select(passage_text_expression()).to_series().to_list()


def _scaled(texts: Sequence[str], count: int, kind: TextKind, encoder: Encoder) -> Texts:
    """`count` texts like those of a sample."""
    if not texts:
        return Texts(0, 0, 0, Work())
    lengths, special = token_counter(encoder)([encoder.prefix(kind) + text for text in texts])
    whole = np.asarray(lengths, np.int64) + special
    own = Work.of(np.minimum(whole, encoder.length(kind) or whole.max()))
    share = count / len(texts)
    return Texts(
        count,
        round(share * sum(map(len, texts))),
        round(share * sum(len(text.encode()) for text in texts)),
        Work(count, round(share * own.tokens), round(share * own.squares)),
    )


def load_of_miracl(name: str, languages: Sequence[str], encoder: Encoder) -> Load:
    """The load of MIRACL's languages from the shipped numbers: nothing is read."""
    count = token_counter(encoder)
    loads = []
    for language in languages:
        known = known_languages()[language]
        texts = {}
        for kind in ("passage", "query"):
            lengths, special = count([encoder.prefix(kind)])
            texts[kind] = _known_texts(known, kind, lengths[0] + special, encoder.length(kind))
        loads.append(LanguageLoad(language, texts["passage"], texts["query"], known.train_queries))
    told = f"MIRACL's shipped counts of characters, and the tokens a character of {XLM_R}"
    return Load(name, tuple(loads), _MONO, 1000, told)


def _known_texts(known: KnownLanguage, kind: TextKind, more: int, limit: int | None) -> Texts:
    """Texts of a kind with `more` tokens each for prefix and special ones."""
    if kind == "passage":
        number, characters = known.passages, known.characters
    else:
        number = known.dev_queries
        characters = round(number * known.query_characters)
    mean = characters / number * known.xlm_roberta
    tokens, squares = cut_moments(mean, SPREAD, None if limit is None else limit - more)
    work = Work(
        number,
        round(number * (tokens + more)),
        round(number * (squares + 2 * more * tokens + more * more)),
    )
    return Texts(number, characters, round(characters * known.bytes_per_character), work)


def cut_moments(mean: float, spread: float, limit: int | None) -> tuple[float, float]:
    """Means of min(L, limit) and of its square, where L is log-normal.

    Args:
        mean: of L.
        spread: standard deviation of ln L.
        limit: None for no limit.
    """
    middle = math.log(mean) - spread**2 / 2
    if limit is None:
        return mean, math.exp(2 * middle + 2 * spread**2)

    def below(deviation: float) -> float:
        return 0.5 * (1 + math.erf(deviation / math.sqrt(2)))

    edge = (math.log(max(1, limit)) - middle) / spread
    beyond = 1 - below(edge)
    first = mean * below(edge - spread) + limit * beyond
    second = math.exp(2 * middle + 2 * spread**2) * below(edge - 2 * spread) + limit**2 * beyond
    return first, second
